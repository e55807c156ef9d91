"""The room that is left where this machine writes, and the age of the file that needs no room."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric

from switchboard import Switchboard

LITTLE = 500 * 1000 * 1000
"""Bytes; some hundred long messages, or a year of calls."""


def folders(board: Switchboard) -> Mapping[str, Path]:
    """What this machine writes, and in which folder; a database elsewhere is not in it."""
    found = {"messages": board.settings.media_dir, "fallback": board.settings.fallback_file.parent}
    if board.engine.dialect.name == "sqlite" and board.engine.url.database:
        found["database"] = Path(board.engine.url.database).parent
    return found


def free(folder: Path) -> int:
    """How many bytes still fit there; of a folder not made yet, where it would be made."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return shutil.disk_usage(there).free


def room(board: Switchboard) -> Iterator[Metric]:
    """The same as figures."""
    left = GaugeMetricFamily("priority_line_free_bytes", "room that is left", labels=["part"])
    for part, folder in folders(board).items():
        left.add_metric([part], free(folder))
    yield left
    meaning, age = "since the fallback file was written", _age(board.settings.fallback_file)
    yield GaugeMetricFamily("priority_line_fallback_file_age_seconds", meaning, value=age)


def _age(file: Path) -> float:
    """Seconds since a file was written; one that is missing is older than any."""
    try:
        return max(0.0, time.time() - file.stat().st_mtime)
    except OSError:
        return float("inf")

"""The machine that the figures are from."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from importlib.metadata import version
from pathlib import Path

SHOWN = ("flask", "gunicorn", "sqlalchemy", "rq", "twilio")


def description() -> str:
    """One line: processor, cores, memory, system, and what runs on it."""
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    gib = int(memory[1]) / 1024 / 1024 if memory else 0
    cores = len(os.sched_getaffinity(0))
    versions = ", ".join(f"{name} {version(name)}" for name in SHOWN)
    return (
        f"{cores} cores of {found[1] if found else platform.machine()}, {gib:.0f} GiB, "
        f"{platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}"
    )


def load() -> float:
    """How many processes were running or waiting to, in the last minute."""
    return os.getloadavg()[0]

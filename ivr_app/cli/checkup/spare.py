"""The file that answers when nothing else can."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from carrier.fallback import UNKNOWN, read_fallback
from ivr_app.cli.checkup.verdict import Verdict, ok, warn
from lifeline import lifeline
from routing.line import Line

CHECK = "fallback file"


def spare(path: Path, lines: Sequence[Line], at: dt.datetime) -> Verdict:
    """Whether the file is there and rings those who are on call now."""
    found = list(read_fallback(path))
    if found == [UNKNOWN]:
        return warn(CHECK, f"{path} is missing or broken: run flask --app ivr_app apply line.yaml")
    if found != [lifeline(line, at) for line in lines]:
        return warn(CHECK, f"{path} rings others than those on call now: apply writes it anew")
    return ok(CHECK, f"{path} rings those on call now, then the last resort")

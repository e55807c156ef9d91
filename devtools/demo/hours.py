"""The office hours of a demo: a newcomer at any hour finds the desk staffed, or the night."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from devtools.demo.site import DemoError

LINE_FILE = Path(__file__).parent / "line.yaml"
_SAYS = re.compile(r"^  office_hours: .*$\n(?:  holidays: .*$\n)?", re.MULTILINE)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def write_line(folder: Path, today: dt.date, outside: Mapping[str, str] = os.environ) -> Path:
    """The sample files, with the office open all day, or closed where `DEMO_OFFICE` says so."""
    asked = outside.get("DEMO_OFFICE") or "open"
    if asked not in ("open", "closed"):
        raise DemoError(f"DEMO_OFFICE must be open or closed, not {asked}.")
    in_three_days = _DAYS[(today.weekday() + 3) % 7]
    days = ", ".join(_DAYS) if asked == "open" else in_three_days
    hours = "00:00-00:00" if asked == "open" else "09:00-18:00"
    says = f'  office_hours: {{days: [{days}], hours: "{hours}"}}\n'
    shutil.copy(LINE_FILE.with_name("contracts.csv"), folder)
    path = folder / LINE_FILE.name
    path.write_text(_SAYS.sub(says, LINE_FILE.read_text("utf-8"), count=1), "utf-8")
    return path

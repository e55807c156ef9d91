"""Moments as clocks on the wall show them, for whoever reads a sentence or a table."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def local(at: dt.datetime | str | None, zone: str, timespec: str = "seconds") -> str:
    """A moment as clocks of the zone show it; '' for one that has not come."""
    if not at:
        return ""
    moment = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(" ", timespec)

"""Times and lengths of time as a page shows them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from ivr_app.console.words import names, say

DAY = dt.timedelta(days=1)


def day(language: str, at: dt.datetime, zone: ZoneInfo) -> str:
    """ma 9 mrt 2026."""
    here = at.astimezone(zone)
    weekday = names(language, "console.weekdays")[here.weekday()]
    return f"{weekday} {date(language, here.date())}"


def date(language: str, on: dt.date) -> str:
    """9 mrt 2026, wherever somebody is."""
    return f"{on.day} {names(language, 'console.months')[on.month - 1]} {on.year}"


def moment(language: str, at: dt.datetime, zone: ZoneInfo, *, now: dt.datetime) -> str:
    """14:05 today, else with the day; to the minute."""
    here = at.astimezone(zone)
    if here.date() == now.astimezone(zone).date():
        return clock(at, zone)
    return f"{day(language, at, zone)} {clock(at, zone)}"


def clock(at: dt.datetime, zone: ZoneInfo) -> str:
    """14:05; and 02:30 CET in the night in which there are two of it."""
    here = at.astimezone(zone)
    return f"{here:%H:%M}" if _once(here) else f"{here:%H:%M %Z}"


def exact(at: dt.datetime, zone: ZoneInfo) -> str:
    """14:05:09.123, to the millisecond; which of the two where there are two of it."""
    here = at.astimezone(zone)
    told = here.isoformat(timespec="milliseconds")[11:23]
    return told if _once(here) else f"{told} {here:%Z}"


def length(language: str, of: dt.timedelta | float) -> str:
    """12 s, 3 min 20 s, 2 h 5 min, 4 d 3 h: the two largest units; a float is seconds."""
    span = of if isinstance(of, dt.timedelta) else dt.timedelta(seconds=of)
    seconds = max(0, round(span.total_seconds()))
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    counted = []
    for unit, size in units:
        counted.append((unit, seconds // size))
        seconds %= size
    first = next((at for at, (_, count) in enumerate(counted) if count), len(counted) - 1)
    said = [(unit, count) for unit, count in counted[first : first + 2] if count]
    return " ".join(
        say(language, f"console.units.{unit}", count=count) for unit, count in said or counted[-1:]
    )


def _once(here: dt.datetime) -> bool:
    """Whether a clock shows this only once that day."""
    return here.replace(fold=0).utcoffset() == here.replace(fold=1).utcoffset()

"""Hours in which an engineer is left in peace: all but level 1 waits until they are over."""

from __future__ import annotations

import datetime as dt

from routing.duty import Hours
from routing.schedule.hours import end_of, turns_of_day
from routing.schedule.wallclock import instant, wall
from routing.staff import Engineer

LONGEST = dt.timedelta(weeks=1)
"""What has not ended after a week never does, and nothing is held for longer."""


def quiet_until(engineer: Engineer, now: dt.datetime, zone: str) -> dt.datetime | None:
    """The instant at which an engineer's quiet is over, in UTC; None while it is not quiet.

    One quiet that begins as another ends is one. ``now`` is aware, the hours are the zone's.
    """
    over = now
    while (end := _end(engineer.quiet, over, zone)) is not None:
        if end - now >= LONGEST:
            return now.astimezone(dt.UTC) + LONGEST
        over = end
    return over if over is not now else None


def quiet_since(engineer: Engineer, now: dt.datetime, zone: str) -> dt.datetime | None:
    """The instant at which the quiet of a moment began, in UTC; None while it is not quiet, or
    where it has been so for a week."""
    if not engineer.quiet or _end(engineer.quiet, now, zone) is None:
        return None
    turns = turns_of_day(engineer.quiet, zone, now - LONGEST, now)
    for turn in (now, *sorted(turns, reverse=True)):
        if _end(engineer.quiet, turn - dt.timedelta.resolution, zone) is None:
            return turn.astimezone(dt.UTC)
    return None


def _end(quiet: tuple[Hours, ...], at: dt.datetime, zone: str) -> dt.datetime | None:
    clock = wall(at, zone)
    ends = [end for hours in quiet if (end := end_of(hours, clock)) is not None]
    return instant(max(ends), zone) if ends else None

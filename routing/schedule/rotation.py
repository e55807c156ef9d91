"""Whose turn it is in a rotation, counted and not walked: twenty years cost what a day costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from routing.line import Rotation
from routing.schedule.wallclock import local

_LENGTH = {
    "hour": dt.timedelta(hours=1),
    "day": dt.timedelta(days=1),
    "week": dt.timedelta(weeks=1),
}


def whose_turn(rotation: Rotation, wall: dt.datetime, zone: str) -> tuple[str, ...]:
    """Who has the turn when the clocks of the zone have got to ``wall``."""
    return rotation.people[_turn(rotation, wall, zone) % len(rotation.people)]


def handovers(
    rotation: Rotation, first: dt.datetime, last: dt.datetime, zone: str
) -> Iterator[dt.datetime]:
    """The local times after ``first``, up to ``last``, at which a turn begins."""
    for turn in range(_turn(rotation, first, zone) + 1, _turn(rotation, last, zone) + 1):
        yield _begin(rotation, turn, zone)


def _turn(rotation: Rotation, wall: dt.datetime, zone: str) -> int:
    start = local(rotation.start, zone)
    if rotation.unit != "month":
        return (wall - start) // (_LENGTH[rotation.unit] * rotation.count)
    months = (wall.year - start.year) * 12 + wall.month - start.month
    if (wall.day, wall.time()) < (start.day, start.time()):
        months -= 1
    return months // rotation.count


def _begin(rotation: Rotation, turn: int, zone: str) -> dt.datetime:
    start = local(rotation.start, zone)
    if rotation.unit != "month":
        return start + turn * rotation.count * _LENGTH[rotation.unit]
    years, month = divmod(start.month - 1 + turn * rotation.count, 12)
    return start.replace(year=start.year + years, month=month + 1)

"""Shifts by the hours of the week, found without reading through all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache

from routing.line import EVERY_DAY, Hours, Shift
from routing.schedule.hours import covers
from routing.schedule.windows import FEW, Ends, Itself

_DAY = dt.timedelta(days=1)
_MONDAY = dt.datetime.fromisoformat("0001-01-01")
_NEXT_MONDAY = _MONDAY + 7 * _DAY
"""Any week stands for all: this one began with a Monday."""


def covering(shifts: tuple[Shift, ...], now: dt.datetime) -> list[Shift]:
    """The shifts whose hours cover a local time, in the order in which they were given."""
    if len(shifts) <= FEW:
        return [shift for shift in shifts if covers(shift.hours, now)]
    clock = dt.datetime.combine(_MONDAY, now.time()) + now.weekday() * _DAY
    return [shifts[place] for place in sorted(set(_sorted(Itself(shifts)).at(clock)))]


@lru_cache(maxsize=64)
def _sorted(itself: Itself[Shift]) -> Ends:
    return Ends(
        [
            (start, end, place)
            for place, shift in enumerate(itself.windows)
            for start, end in _in_a_week(shift.hours)
        ]
    )


def _in_a_week(hours: Hours) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    for day in hours.days:
        midnight = _MONDAY + EVERY_DAY.index(day) * _DAY
        start = dt.datetime.combine(midnight, hours.start)
        end = dt.datetime.combine(midnight, hours.end)
        end += _DAY if end <= start else dt.timedelta()
        yield start, min(end, _NEXT_MONDAY)
        if end > _NEXT_MONDAY:
            yield _MONDAY, _MONDAY + (end - _NEXT_MONDAY)

"""When people are on call: hours of the week, shifts, rotations, and exceptions to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


EVERY_DAY: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours in wall-clock time; ``end <= start`` ends the next day, equal is a whole day."""

    days: tuple[Weekday, ...] = EVERY_DAY
    start: dt.time = dt.time(0)
    end: dt.time = dt.time(0)


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days that are no office days: a country's public holidays, with days added and removed."""

    country: str | None = None
    add: tuple[dt.date, ...] = ()
    remove: tuple[dt.date, ...] = ()


@dataclass(frozen=True, slots=True)
class Rotation:
    """Turns that hand over at ``start + k * count units`` in wall-clock time; k may be negative."""

    count: int
    unit: Literal["hour", "day", "week", "month"]
    start: dt.datetime
    people: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on call during some hours of the week: fixed people, or the turn of a rotation."""

    people: tuple[str, ...] = ()
    rotation: Rotation | None = None
    hours: Hours = field(default_factory=Hours)
    when: Literal["office", "outside_office"] | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """For a time, ``remove`` is off call and ``add`` is on call; either may be left out.

    ``start`` and ``end`` are naive (local to the schedule) or aware (carried an offset).
    """

    start: dt.datetime
    end: dt.datetime
    remove: str | None = None
    add: str | None = None


@dataclass(frozen=True, slots=True)
class Instead:
    """For a time the shifts do not count and exactly these people (perhaps nobody) are on call."""

    start: dt.datetime
    end: dt.datetime
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A named duty; everyone whose shift covers the moment is on call. Times are in its zone."""

    id: str
    timezone: str
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()
    instead: tuple[Instead, ...] = ()

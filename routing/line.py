"""What a duty manager writes down about a line: its numbers, people, schedules and steps.

These are the values that ``plan`` reads from ``line.yaml`` and ``store`` keeps; the fields carry
the names of that file. Every default here is the file's default.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

LAST_RESORT = "last_resort"
"""Stands where an engineer's id stands when the last resort was rung or took the call."""

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
class Engineer:
    """Somebody who can be on call. ``phones`` are E.164, tried in order; no languages means all."""

    id: str
    name: str
    phones: tuple[str, ...]
    email: str | None = None
    languages: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to ring at once (schedules or engineers), and how long one phone is rung."""

    ring: tuple[str, ...]
    ring_for: dt.timedelta = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Escalation:
    """The steps, one after the other; ``repeat`` counts the passes in all."""

    steps: tuple[Step, ...]
    repeat: int = 1


class Channel(StrEnum):
    """How an engineer can be reached; ``call`` is the ring itself, the others go beside it."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Paging:
    """The notices beside the ringing, and the time between two rounds of passes."""

    channels: tuple[Channel, ...] = (Channel.SMS,)
    again_after: dt.timedelta = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class OfficeTime:
    """A length of time: plain, or counted in office hours only."""

    length: dt.timedelta
    office: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """When a route applies; a field left empty always matches."""

    languages: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    urgencies: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """The first route that matches replaces escalation and desk."""

    when: Condition
    escalation: Escalation | None = None
    desk: Step | None = None


@dataclass(frozen=True, slots=True)
class PinRules:
    """How many digits a PIN has and how many tries a call gives."""

    length: int = 6
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` within ``per``."""

    count: int
    per: dt.timedelta


@dataclass(frozen=True, slots=True)
class UnverifiedRates:
    """How often unverified level-1 calls ring: per caller number, and on the whole line."""

    per_caller: Rate = Rate(3, dt.timedelta(hours=1))
    line: Rate = Rate(10, dt.timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class CarrierLimits:
    """How many calls the carrier places for us in a second."""

    calls_per_second: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One priority line, whole: everything that ``line.yaml`` says except its contracts."""

    id: str
    name: str
    number: str
    timezone: str
    languages: tuple[str, ...]
    office_hours: tuple[Hours, ...]
    last_resort: tuple[str, ...]
    engineers: tuple[Engineer, ...]
    schedules: tuple[Schedule, ...]
    escalation: Escalation
    texts_from: str = ""
    country: str = "NL"
    holidays: Holidays = field(default_factory=Holidays)
    paging: Paging = field(default_factory=Paging)
    desk: Step | None = None
    routes: tuple[Route, ...] = ()
    respond_within: tuple[tuple[int, OfficeTime], ...] = ()
    pin: PinRules = field(default_factory=PinRules)
    unverified_level_1: Literal["ring", "message"] = "ring"
    unverified: UnverifiedRates = field(default_factory=UnverifiedRates)
    whisper: Literal["full", "brief"] = "full"
    labour_rules: Literal["NL"] | None = None
    carrier: CarrierLimits = field(default_factory=CarrierLimits)

    def engineer(self, engineer_id: str) -> Engineer | None:
        """The engineer of this id, or None when the line no longer knows it."""
        return next((e for e in self.engineers if e.id == engineer_id), None)

    def schedule(self, schedule_id: str) -> Schedule | None:
        """The schedule of this id, or None."""
        return next((s for s in self.schedules if s.id == schedule_id), None)

"""What a duty manager writes down about a line: its numbers, people, schedules and steps.

These are the values that ``plan`` reads from ``line.yaml`` and ``store`` keeps; the fields carry
the names of that file. Every default here is the file's default.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from routing.caller.proof import PinAlarm, PinRules, Rate, UnverifiedRates
from routing.duty import (
    EVERY_DAY,
    Holidays,
    Hours,
    Instead,
    Override,
    Rotation,
    Schedule,
    Shift,
    Weekday,
)
from routing.hook import Hook
from routing.numbers import reaches
from routing.relief import HandoverRules
from routing.retention import Retention
from routing.route import Condition, Escalation, Route, SignatureDesk, Step
from routing.service import FigureRules
from routing.staff import Channel, ContactRule, DutyManager, Engineer

__all__ = [
    "EVERY_DAY",
    "LAST_RESORT",
    "CarrierLimits",
    "Channel",
    "Condition",
    "ContactRule",
    "DutyManager",
    "Engineer",
    "Escalation",
    "FigureRules",
    "HandoverRules",
    "Holidays",
    "Hook",
    "Hours",
    "Instead",
    "Line",
    "OfficeTime",
    "Override",
    "Paging",
    "PinAlarm",
    "PinRules",
    "Rate",
    "Retention",
    "Rotation",
    "Route",
    "Schedule",
    "Shift",
    "SignatureDesk",
    "Step",
    "UnverifiedRates",
    "Weekday",
]

LAST_RESORT = "last_resort"
"""Stands where an engineer's id stands when the last resort was rung or took the call."""


@dataclass(frozen=True, slots=True)
class Paging:
    """The notices beside the ringing, the time between two rounds of passes, and how many texts
    one person gets within a day."""

    channels: tuple[Channel, ...] = (Channel.SMS,)
    again_after: dt.timedelta = dt.timedelta(minutes=5)
    reach_within: dt.timedelta = dt.timedelta(minutes=15)
    daily_cap: int = 40


@dataclass(frozen=True, slots=True)
class OfficeTime:
    """A length of time: plain, or counted in office hours only."""

    length: dt.timedelta
    office: bool = False


PROMISED = ((1, OfficeTime(dt.timedelta(hours=4), office=True)),)
"""What is promised where the file says nothing: a response to level 1 within 4 office hours."""


@dataclass(frozen=True, slots=True)
class CarrierLimits:
    """How many calls the carrier places for us in a second."""

    calls_per_second: int = 1


@dataclass(frozen=True, slots=True)
class DrillTimes:
    """When the line practises by itself, by the clocks of its zone."""

    at: dt.time
    days: tuple[Weekday, ...] = EVERY_DAY


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
    dial_countries: tuple[str, ...] = ()  # whose ordinary numbers are dialled; none means country
    holidays: Holidays = field(default_factory=Holidays)
    paging: Paging = field(default_factory=Paging)
    desk: Step | None = None
    signature_desk: SignatureDesk | None = None
    routes: tuple[Route, ...] = ()
    respond_within: tuple[tuple[int, OfficeTime], ...] = PROMISED
    pin: PinRules = field(default_factory=PinRules)
    unverified_level_1: Literal["ring", "message"] = "ring"
    unverified: UnverifiedRates = field(default_factory=UnverifiedRates)
    whisper: Literal["full", "brief"] = "full"
    duty_manager: DutyManager | None = None
    named_contacts: int = 2  # how many MSA Plus has; more is a warning
    labour_rules: Literal["NL"] | None = None
    carrier: CarrierLimits = field(default_factory=CarrierLimits)
    handover: HandoverRules = field(default_factory=HandoverRules)
    drill: DrillTimes | None = None
    keep: Retention = field(default_factory=Retention)
    figures: FigureRules = field(default_factory=FigureRules)
    webhooks: tuple[Hook, ...] = ()

    def engineer(self, engineer_id: str) -> Engineer | None:
        """The engineer of this id, or None when the line no longer knows it."""
        return next((e for e in self.engineers if e.id == engineer_id), None)

    def schedule(self, schedule_id: str) -> Schedule | None:
        """The schedule of this id, or None."""
        return next((s for s in self.schedules if s.id == schedule_id), None)

    def rings_at(self, number: str) -> bool:
        """Whether this number, in whatever way the carrier writes it, reaches the line."""
        return reaches(number, self.number, self.country)

    def texts_at(self, number: str) -> bool:
        """Whether texts to this number are for the line: it sends texts from there, or rings."""
        ours = filter(None, (self.texts_from, self.number))
        return any(reaches(number, one, self.country) for one in ours)

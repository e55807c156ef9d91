"""What a duty manager writes down about a line: its numbers, people, schedules and steps.

These are the values that ``plan`` reads from ``line.yaml`` and ``store`` keeps; the fields carry
the names of that file. Every default here is the file's default.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Literal

from routing.service_levels import FigureRules

# When people are on call: hours of the week, shifts, rotations, and exceptions to them.


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
class Replacement:
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
    instead: tuple[Replacement, ...] = ()


# A relief: somebody who comes on duty at a handover, is told so, and says that it was read.


@dataclass(frozen=True, slots=True)
class HandoverRules:
    """Whether whoever comes on is told, and how long there is to confirm it."""

    tell: bool = True
    confirm_within: dt.timedelta = dt.timedelta(minutes=15)


class HandoverState(StrEnum):
    """What has become of a relief so far."""

    TOLD = "told"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"  # no reply in time: others were told
    LAPSED = "lapsed"  # the duty was somebody else's before it had to be confirmed
    SKIPPED = "skipped"  # nobody was told: the line was away for too long


@dataclass(frozen=True, slots=True)
class Handover:
    """One person who comes on in one schedule at one instant.

    ``before`` went off then. ``until`` is None where the duty has no end in sight. ``code`` is
    what the person texts back; ``reply`` is the carrier's id of the text that confirmed.
    """

    id: str
    line: str
    schedule: str
    at: dt.datetime
    engineer: str
    before: tuple[str, ...]
    until: dt.datetime | None
    code: int
    state: HandoverState = HandoverState.TOLD
    told_at: dt.datetime | None = None
    confirm_by: dt.datetime | None = None
    confirmed_at: dt.datetime | None = None
    warned_at: dt.datetime | None = None
    reply: str | None = None
    version: int = 0

    @property
    def waits(self) -> bool:
        """True while a reply is still wanted, even when it is late."""
        return self.state in (HandoverState.TOLD, HandoverState.UNCONFIRMED)

    def lasts(self, now: dt.datetime) -> bool:
        """True while the duty is not over."""
        return self.until is None or now < self.until


# The people who are reached for a line, and the ways to reach them.


class Channel(StrEnum):
    """How an engineer can be reached; ``call`` is the ring itself, the others go beside it."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class ContactRule:
    """One of an engineer's own rules for notices: by which way, so long after the first ring."""

    by: Channel
    after: dt.timedelta = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class Engineer:
    """Somebody who can be on call. ``phones`` are E.164, tried in order; no languages means all.

    ``contact`` stands in place of the line's `paging.channels`; ``quiet`` is in the line's zone.
    """

    id: str
    name: str
    phones: tuple[str, ...]
    email: str | None = None
    languages: tuple[str, ...] = ()
    contact: tuple[ContactRule, ...] = ()
    quiet: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyManager:
    """Who is told when something about the line itself needs a human: by text, mail, or both."""

    phone: str | None = None
    email: str | None = None
    language: str | None = None

    @property
    def phones(self) -> tuple[str, ...]:
        """The phone, as the phones of an engineer."""
        return tuple(filter(None, (self.phone,)))


# Whom to ring in which order, and for which matters an order of their own holds.


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to ring at once (schedules or engineers), and how long one phone is rung."""

    ring: tuple[str, ...]
    ring_for: dt.timedelta = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SignatureDesk(Step):
    """The specialists of virus recognition, and the mail or web address that takes samples."""

    samples_to: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """The steps, one after the other; ``repeat`` counts the passes in all."""

    steps: tuple[Step, ...]
    repeat: int = 1


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


# How callers prove who they are, and how often those who do not are rung for.


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``count`` within ``per``."""

    count: int
    per: dt.timedelta


@dataclass(frozen=True, slots=True)
class PinAlarm:
    """From how many wrong PINs on the duty manager is told: of one contract, and of the line."""

    per_contract: RateLimit = RateLimit(10, dt.timedelta(hours=1))
    line: RateLimit = RateLimit(30, dt.timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class PinRules:
    """How many digits a PIN has, how many tries a call gives, and when wrong ones are told of."""

    length: int = 6
    attempts: int = 3
    alarm: PinAlarm = PinAlarm()


@dataclass(frozen=True, slots=True)
class UnverifiedRates:
    """How often unverified level-1 calls ring: per caller number, and on the whole line."""

    per_caller: RateLimit = RateLimit(3, dt.timedelta(hours=1))
    line: RateLimit = RateLimit(10, dt.timedelta(hours=1))


# Where a program outside listens for what happens to incidents.


class IncidentHappening(StrEnum):
    """What a program may want to hear of, in the order in which it is told."""

    OPENED = "opened"
    RAISED = "raised"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    BREACHED = "breached"
    RESPONDED = "responded"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a program listens, and for what. ``secret`` is the name under which the environment
    keeps what signs the dispatches: the secret itself is in neither file nor database."""

    id: str
    url: str
    secret: str
    on: tuple[IncidentHappening, ...] = tuple(IncidentHappening)


# For how long each kind of data is kept. An incident goes as a whole: its calls, pages and
# journal with it, so that nobody ever reads half a story.


DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Retention:
    """``calls`` are those without an incident; ``texts`` tell and ask for nothing, the others are
    pages and stay with their incident; ``rota`` is who came on, and every swap."""

    recordings: dt.timedelta = 90 * DAY
    texts: dt.timedelta = 180 * DAY
    notes: dt.timedelta = 365 * DAY
    calls: dt.timedelta = 365 * DAY
    incidents: dt.timedelta = 2 * 365 * DAY
    rota: dt.timedelta = 2 * 365 * DAY


KINDS = tuple(field.name for field in fields(Retention))


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
    webhooks: tuple[Webhook, ...] = ()

    def engineer(self, engineer_id: str) -> Engineer | None:
        """The engineer of this id, or None when the line no longer knows it."""
        return next((e for e in self.engineers if e.id == engineer_id), None)

    def schedule(self, schedule_id: str) -> Schedule | None:
        """The schedule of this id, or None."""
        return next((s for s in self.schedules if s.id == schedule_id), None)

    def rings_at(self, number: str) -> bool:
        """Whether this number, in whatever way the carrier writes it, reaches the line."""
        return _reaches(number, self.number, self.country)

    @property
    def dialled_countries(self) -> tuple[str, ...]:
        """The countries whose ordinary numbers the line dials."""
        return self.dial_countries or (self.country,)

    def why_not_ordinary(self, number: str) -> str | None:
        """Why only the file of the line may contain this number, or None when it is ordinary: any
        other number, of whatever source, is dialled only in one of the line's countries."""
        from routing.phone_numbers import why_not_called

        return why_not_called(number, self.dialled_countries)

    def texts_at(self, number: str) -> bool:
        """Whether texts to this number are for the line: it sends texts from there, or rings."""
        ours = filter(None, (self.texts_from, self.number))
        return any(_reaches(number, one, self.country) for one in ours)


def _reaches(number: str, own: str, country: str) -> bool:
    from routing.phone_numbers import reaches  # its tables of numbers are a tenth of a command

    return reaches(number, own, country)

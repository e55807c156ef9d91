"""The configuration of a line: its numbers, people, schedules and escalation.

``config`` reads these values from ``line.yaml``, and ``store`` keeps them. The fields have the
names of that file, and the defaults here are its defaults.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Literal

from routing.contracts import OpenIdProvider
from routing.contracts.plans import OfficeTime, Plan, list_default_plans
from routing.recording import Transcription
from routing.service_levels import FigureRules
from routing.voice_document import SpeechRules

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


EVERY_DAY: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours in local time. ``end <= start`` ends on the next day; equal is a whole day."""

    days: tuple[Weekday, ...] = EVERY_DAY
    start: dt.time = dt.time(0)
    end: dt.time = dt.time(0)


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days on which the office is closed: public holidays, and days added or removed."""

    country: str | None = None
    add: tuple[dt.date, ...] = ()
    remove: tuple[dt.date, ...] = ()


@dataclass(frozen=True, slots=True)
class Rotation:
    """Turns that change at ``start + k * count units`` in local time; k may be negative."""

    count: int
    unit: Literal["hour", "day", "week", "month"]
    start: dt.datetime
    people: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """The people on call during some hours of the week: fixed, or the turn of a rotation."""

    people: tuple[str, ...] = ()
    rotation: Rotation | None = None
    hours: Hours = field(default_factory=Hours)
    when: Literal["office", "outside_office"] | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """During this time ``remove`` is off call and ``add`` is on call; each is optional.

    ``start`` and ``end`` are naive (local to the schedule) or aware (written with an offset).
    """

    start: dt.datetime
    end: dt.datetime
    remove: str | None = None
    add: str | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """During this time exactly these people, or nobody, are on call instead of the shifts."""

    start: dt.datetime
    end: dt.datetime
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule. Everybody whose shift covers a moment is on call. Times are in its zone."""

    id: str
    timezone: str
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()
    instead: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class HandoverRules:
    """Whether engineers are told when they come on call, and how long they have to confirm."""

    tell: bool = True
    confirm_within: dt.timedelta = dt.timedelta(minutes=15)


class HandoverState(StrEnum):
    """The state of a handover."""

    TOLD = "told"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"  # no reply in time: others were told
    LAPSED = "lapsed"  # the shift ended before it had to be confirmed
    SKIPPED = "skipped"  # nobody was told: the line was down for too long


@dataclass(frozen=True, slots=True)
class Handover:
    """An engineer who comes on call in a schedule at an instant.

    ``before`` went off call then. ``until`` is None when no end is known. ``code`` is the code that
    the engineer texts back; ``reply`` is the carrier's id of the text that confirmed.
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
        """True while the handover may be confirmed, even late."""
        return self.state in (HandoverState.TOLD, HandoverState.UNCONFIRMED)

    def lasts(self, now: dt.datetime) -> bool:
        """True until the engineer goes off call."""
        return self.until is None or now < self.until


class Channel(StrEnum):
    """A notification channel. ``call`` is the ringing itself; the others accompany it."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class ContactRule:
    """An engineer's own rule for pages: the channel, and the delay after the first ring."""

    by: Channel
    after: dt.timedelta = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class Engineer:
    """An engineer who can be on call. ``phones`` are E.164, in the order in which they are rung; no
    languages means all.

    ``contact`` replaces the line's ``paging.channels``. ``quiet`` is in the line's zone.
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
    """The person who is told about problems of the line itself: by text, mail, or both."""

    phone: str | None = None
    email: str | None = None
    language: str | None = None

    @property
    def phones(self) -> tuple[str, ...]:
        """The phone, as the phones of an engineer."""
        return tuple(filter(None, (self.phone,)))


@dataclass(frozen=True, slots=True)
class Step:
    """Schedules or engineers that are rung together, and how long each phone is rung.

    The default of ``ring_for`` is the ring time of a step or desk without ``for``.
    """

    ring: tuple[str, ...]
    ring_for: dt.timedelta = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SignatureDesk(Step):
    """The specialists of virus recognition, and the mail or web address that takes samples."""

    samples_to: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """The steps, one after the other. ``repeat`` is the number of passes."""

    steps: tuple[Step, ...]
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Condition:
    """When a route applies. An empty field always matches."""

    languages: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    urgencies: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """The first route that matches replaces the line's escalation and desk."""

    when: Condition
    escalation: Escalation | None = None
    desk: Step | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``count`` within ``per``."""

    count: int
    per: dt.timedelta


@dataclass(frozen=True, slots=True)
class PinAlarm:
    """How many wrong PINs alarm the duty manager: of one contract, and of the line."""

    per_contract: RateLimit = RateLimit(10, dt.timedelta(hours=1))
    line: RateLimit = RateLimit(30, dt.timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class PinRules:
    """The digits of a PIN, attempts in a call, the alarm, and when a known number is asked."""

    length: int = 6
    attempts: int = 3
    alarm: PinAlarm = PinAlarm()
    ask: Literal["first", "while_ringing"] = "first"


@dataclass(frozen=True, slots=True)
class UnverifiedRates:
    """How often unverified level-1 calls ring: per caller number, and on the whole line."""

    per_caller: RateLimit = RateLimit(3, dt.timedelta(hours=1))
    line: RateLimit = RateLimit(10, dt.timedelta(hours=1))


class IncidentHappening(StrEnum):
    """The events of an incident that a webhook can subscribe to, in the order of sending."""

    OPENED = "opened"
    RAISED = "raised"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    BREACHED = "breached"
    RESPONDED = "responded"
    CLOSED = "closed"
    MESSAGE = "message"  # the customer wrote, or was answered in writing


class WebhookFormat(StrEnum):
    """What a webhook sends: the event as JSON with a signature, or a message to a chat."""

    PRIORITY_LINE = "priority-line"
    SLACK = "slack"
    TEAMS = "teams"
    NTFY = "ntfy"


@dataclass(frozen=True, slots=True)
class Webhook:
    """The URL of a program, and its events. ``secret`` names an environment variable: the signing
    secret, the whole address for Slack and Teams (``url`` is its beginning), or a token for ntfy.
    Only with ``content`` does the program get what customers and staff write to each other."""

    id: str
    url: str
    secret: str
    on: tuple[IncidentHappening, ...] = tuple(IncidentHappening)
    content: bool = False
    format: WebhookFormat = WebhookFormat.PRIORITY_LINE


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each kind of data is kept. An incident is deleted as a whole, with its calls, pages
    and journal. ``calls`` are those without an incident; ``texts`` are messages, as pages stay with
    their incident; ``rota`` is handovers and swaps; ``messages`` and ``files`` are of customers."""

    recordings: dt.timedelta = dt.timedelta(days=90)
    texts: dt.timedelta = dt.timedelta(days=180)
    notes: dt.timedelta = dt.timedelta(days=365)
    messages: dt.timedelta = dt.timedelta(days=2 * 365)
    files: dt.timedelta = dt.timedelta(days=180)
    calls: dt.timedelta = dt.timedelta(days=365)
    incidents: dt.timedelta = dt.timedelta(days=2 * 365)
    rota: dt.timedelta = dt.timedelta(days=2 * 365)


KINDS = tuple(field.name for field in fields(Retention))


LAST_RESORT = "last_resort"
"""The engineer's id of a leg or a call of the last resort."""


@dataclass(frozen=True, slots=True)
class Paging:
    """The channels of pages, the time between two rounds, the time to reach the customer, and the
    most texts to a person in a day."""

    channels: tuple[Channel, ...] = (Channel.SMS,)
    again_after: dt.timedelta = dt.timedelta(minutes=5)
    reach_within: dt.timedelta = dt.timedelta(minutes=15)
    daily_cap: int = 40


PROMISED = ((1, OfficeTime(dt.timedelta(hours=4), office=True)),)
"""The default promise: a response to level 1 within 4 office hours."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How one language is spoken: the carrier's names of the voice and of its language, both empty
    for those of our sentences, and the rate in percent."""

    voice: str = ""
    rate: int = 100
    language: str = ""


PLAIN_VOICE = Voice()


@dataclass(frozen=True, slots=True)
class CarrierLimits:
    """How many calls a second the carrier places for the line."""

    calls_per_second: int = 1


@dataclass(frozen=True, slots=True)
class DrillTimes:
    """When the line holds a drill by itself, in local time."""

    at: dt.time
    days: tuple[Weekday, ...] = EVERY_DAY


@dataclass(frozen=True)
class Line:
    """One priority line, whole: everything that ``line.yaml`` says except its contracts.

    What follows from its fields alone is computed once. It cannot be out of date: a changed line is
    another value.
    """

    id: str
    names: tuple[tuple[str, str], ...]  # pairs of language and name
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
    silence: dt.timedelta = dt.timedelta(seconds=5)  # that ends what a caller says
    matter: bool = True  # a caller for whom somebody is rung is asked what is wrong meanwhile
    whisper: Literal["full", "brief"] = "full"
    duty_manager: DutyManager | None = None
    plans: tuple[Plan, ...] = field(default_factory=list_default_plans)
    labour_rules: Literal["NL"] | None = None
    carrier: CarrierLimits = field(default_factory=CarrierLimits)
    transcribe: Transcription = Transcription.OFF
    speech: SpeechRules = field(default_factory=SpeechRules)
    handover: HandoverRules = field(default_factory=HandoverRules)
    drill: DrillTimes | None = None
    keep: Retention = field(default_factory=Retention)
    figures: FigureRules = field(default_factory=FigureRules)
    webhooks: tuple[Webhook, ...] = ()
    openid: tuple[OpenIdProvider, ...] = ()
    voices: tuple[tuple[str, Voice], ...] = ()  # by language
    music: tuple[str, ...] = ()  # files; none means the music of the product

    @property
    def name(self) -> str:
        """The name in the line's first language: for the people who work with it."""
        return self.name_in(self.languages[0])

    def name_in(self, language: str) -> str:
        """The name in this language, else the first one: for those who hear or read it."""
        return dict(self.names).get(language, self.names[0][1])

    def voice_in(self, language: str) -> Voice:
        """How this language is spoken."""
        return self._voices.get(language, PLAIN_VOICE)

    def engineer(self, engineer_id: str) -> Engineer | None:
        """The engineer of this id, or None when the line no longer knows it."""
        return self._engineers.get(engineer_id)

    def schedule(self, schedule_id: str) -> Schedule | None:
        """The schedule of this id, or None."""
        return self._schedules.get(schedule_id)

    def plan(self, plan_id: str) -> Plan:
        """The plan of this id. A plan that the line no longer has counts as the last one, so that
        nobody is refused."""
        return self._plans.get(plan_id, self.last_plan)

    @cached_property
    def _voices(self) -> dict[str, Voice]:
        return dict(self.voices)

    @cached_property
    def _engineers(self) -> dict[str, Engineer]:
        return {engineer.id: engineer for engineer in reversed(self.engineers)}

    @cached_property
    def _schedules(self) -> dict[str, Schedule]:
        return {schedule.id: schedule for schedule in reversed(self.schedules)}

    @cached_property
    def _plans(self) -> dict[str, Plan]:
        return {plan.id: plan for plan in reversed(self.plans)}

    @cached_property
    def last_plan(self) -> Plan:
        """The plan that goes last: also that of a contract without entitlement."""
        return max(self.plans, key=lambda plan: plan.rank)

    def rings_at(self, number: str) -> bool:
        """Whether this number reaches the line. The carrier may write it in any way."""
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
        """Whether texts to this number are for the line: it is called or sends texts from there."""
        ours = filter(None, (self.texts_from, self.number))
        return any(_reaches(number, one, self.country) for one in ours)


@lru_cache(maxsize=1000)  # an incoming call asks it four times of the same number
def _reaches(number: str, own: str, country: str) -> bool:
    from routing.phone_numbers import reaches  # its tables of numbers are a tenth of a command

    return reaches(number, own, country)

"""An incident: it lives until it is closed, with its escalation and its response clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict

from routing.call import Entitlement, SignatureRequest
from routing.contracts import PremiumUse
from routing.contracts.plans import OfficeTime
from routing.page import CustomerLeg, Page


class EscalationPhase(StrEnum):
    """The phase of an escalation."""

    STEPS = "steps"
    BREATH = "breath"  # a pass was over too quickly to tell the caller; the next waits a moment
    LAST_RESORT = "last_resort"
    RESTING = "resting"  # everybody was tried; the next round begins after `again_after`
    ROW = "row"  # waits in the desk queue
    LATER = "later"  # the desk is notified when it opens
    QUIET = "quiet"  # nobody is rung: the caller is not entitled to wake people
    OVER = "over"

    @property
    def moving(self) -> bool:
        """True while a step is under way, and its end leads to the next."""
        return self in (EscalationPhase.STEPS, EscalationPhase.LAST_RESORT)

    @property
    def seeking(self) -> bool:
        """True while people are rung in rounds, until somebody takes it."""
        return self.moving or self in (EscalationPhase.BREATH, EscalationPhase.RESTING)


LONGEST_WAIT = dt.timedelta(minutes=10)
"""No carrier lets a telephone ring for longer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person of the current step. ``tried`` counts phones rung; ``passed`` ends their turn."""

    engineer: str
    tried: int = 0
    passed: bool = False
    until: dt.datetime | None = None  # how long a busy person is waited for
    asked: bool = False  # asked for this caller: rung before any other turn
    extra: bool = False  # rung in addition to the step, which does not wait for them

    def wait_left(self, now: dt.datetime) -> dt.timedelta:
        """How long this person is still waited for. Nothing when the end is later than any wait
        can end: the clock was set back since."""
        left = (self.until or now) - now
        if left > LONGEST_WAIT:
            return dt.timedelta(0)
        return max(left, dt.timedelta(0))


@dataclass(frozen=True)
class EscalationState:
    """The state of an escalation: the round, the pass in it, the step in that, and its people.

    ``mark`` changes with each move, so that a timer of an earlier move has no effect.
    """

    phase: EscalationPhase = EscalationPhase.QUIET
    round: int = 0
    pass_: int = 0
    step: int = 0
    mark: int = 0
    candidates: tuple[Candidate, ...] = ()
    pass_began: dt.datetime | None = None
    missed: tuple[str, ...] = ()  # busy when it was their turn: rung at once when free
    texted: tuple[str, ...] = ()  # paged by text in this round
    first: str | None = None  # had the caller before: rung first
    resumes_at: dt.datetime | None = None
    spared: str | None = None  # handed it over: not rung in the first pass of this round
    rung: tuple[str, ...] = ()  # everybody rung for this incident so far
    reminded: int = 0  # reminders of the callback so far
    next_phones: tuple[tuple[str, int], ...] = ()  # by person, if phones are left

    def willing(self, people: tuple[str, ...]) -> tuple[str, ...]:
        """The people of a step who are rung in this pass."""
        return tuple(p for p in people if p != self.spared or self.pass_ > 1)

    @property
    def nobody(self) -> str:
        """The reason why a step without anybody to ring is skipped."""
        if self.spared:
            return f"nobody but {self.spared}, who handed it over, is on call, so it is skipped"
        return "nobody is on call, so it is skipped"


class EscalationChanges(TypedDict, total=False):
    """The fields that ``with_escalation`` can change; a test compares them."""

    phase: EscalationPhase
    round: int
    pass_: int
    step: int
    mark: int
    candidates: tuple[Candidate, ...]
    pass_began: dt.datetime | None
    missed: tuple[str, ...]
    texted: tuple[str, ...]
    first: str | None
    resumes_at: dt.datetime | None
    spared: str | None
    rung: tuple[str, ...]
    reminded: int
    next_phones: tuple[tuple[str, int], ...]


class ClockState(StrEnum):
    """The state of a response clock."""

    NONE = "none"  # no response time is promised for this level
    RUNNING = "running"
    PAUSED = "paused"  # waits for the customer
    STOPPED = "stopped"  # a response is recorded


@dataclass(frozen=True, slots=True)
class ResponseClock:
    """The promised response time, and how much of it has passed.

    ``spent`` had passed before ``since``. ``strikes`` are the shares in percent that are announced,
    each with its instant. ``mark`` changes with the instants, so that a job for older ones has no
    effect. ``unpaused`` is when the response would be due without any pause.
    """

    state: ClockState = ClockState.NONE
    promised: OfficeTime | None = None
    since: dt.datetime | None = None
    spent: dt.timedelta = dt.timedelta(0)
    strikes: tuple[tuple[int, dt.datetime], ...] = ()
    announced: int = 0
    mark: int = 0
    unpaused: dt.datetime | None = None

    @property
    def left(self) -> dt.timedelta:
        """The remaining time when the clock was last paused or started."""
        if self.promised is None:
            return dt.timedelta(0)
        return max(self.promised.length - self.spent, dt.timedelta(0))

    def reached(self, now: dt.datetime) -> int:
        """The largest share whose instant has come."""
        return max((share for share, at in self.strikes if at <= now), default=0)


class IncidentState(StrEnum):
    """The state of an incident."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESPONDED = "responded"
    CLOSED = "closed"


class IncidentSource(StrEnum):
    """Where an incident came from."""

    PHONE = "phone"
    PORTAL = "portal"
    EMAIL = "email"
    API = "api"


class IncidentKind(StrEnum):
    """The kind of an incident."""

    INCIDENT = "incident"
    SIGNATURE_REQUEST = "signature_request"


class ReopenReason(StrEnum):
    """Why an acknowledged incident is escalated again."""

    HANDED_OVER = "handed_over"
    OVERDUE = "overdue"  # its engineer did not reach the customer in time
    CALLED_AGAIN = "called_again"  # the customer called about it again
    WROTE_AGAIN = "wrote_again"  # the customer wrote about it after the response
    ASKED_FOR_CALL = "asked_for_call"  # the customer asked to be called, and is on the line


UNRANKED = 999
"""The rank of an incident whose customer is not identified: after every plan."""


@dataclass(frozen=True)
class Incident:
    """An incident of a customer. ``number`` is the number for people and texts (0 until saved).

    ``pages`` holds live and changed pages; ended ones are in the store only. ``caller`` is the
    number for a callback, unless ``undialled`` gives the reason why it is not dialled.
    """

    key: str
    line: str
    opened_at: dt.datetime
    urgency: int
    language: str
    entitlement: Entitlement
    number: int = 0
    source: IncidentSource = IncidentSource.PHONE
    kind: IncidentKind = IncidentKind.INCIDENT
    request: SignatureRequest | None = None  # of a signature request
    contract: str | None = None
    customer: str | None = None
    contact: str | None = None
    plan: str | None = None
    rank: int = UNRANKED  # of the plan, as of the opening: the lowest goes first
    subject: str = ""
    products: str = ""  # as the customer names them
    affected_since: str = ""  # in the customer's words
    rings: bool = True  # False: level 1 wakes nobody, as the mail that lodged it may not
    merged_into: str | None = None  # the key of the incident that goes on for this one
    merged: tuple[str, ...] = ()  # the keys of those that this one goes on for
    customer_news_at: dt.datetime | None = None  # its holder is told that the customer wrote
    caller: str | None = None
    undialled: str | None = None
    premium: bool = False  # counts in the contract year
    counted: PremiumUse | None = None
    waived: str | None = None  # who set it to standard, and why
    few_left: int | None = None  # premium incidents left, this one included, when few
    state: IncidentState = IncidentState.OPEN
    acknowledged_by: str | None = None
    acknowledged_at: dt.datetime | None = None
    respond_by: dt.datetime | None = None
    clock: ResponseClock = field(default_factory=ResponseClock)
    breached_at: dt.datetime | None = None
    waiting_since: dt.datetime | None = None  # the customer was asked for something
    waiting_for: str | None = None
    waiting_by: str | None = None
    responded_at: dt.datetime | None = None
    responded_by: str | None = None
    closed_at: dt.datetime | None = None
    closed_by: str | None = None
    calls: tuple[str, ...] = ()
    call: str | None = None  # our id of the caller's latest call
    introduction: str | None = None
    matter: str | None = None  # the recording in which the caller says what is wrong
    message: str | None = None
    queued_at: dt.datetime | None = None  # since when it waits for the desk
    raised_at: dt.datetime | None = None  # when it became level 1
    escalation: EscalationState = field(default_factory=EscalationState)
    pages: tuple[Page, ...] = ()
    reached: bool = False  # its engineer has talked with the customer, or says so
    reopen_reason: ReopenReason | None = None
    previous_engineer: str | None = None  # who had it before it was escalated again
    codes: tuple[tuple[str, str], ...] = ()  # by engineer: the code in their texts about it
    proven: tuple[str, ...] = ()  # engineers who proved that they are the sender
    lapsed: tuple[str, ...] = ()  # acknowledged by text without proof, and reached nobody in time
    wrong_codes: int = 0
    rung_back: tuple[dt.datetime, ...] = ()  # when engineers were rung because they asked to be
    customer_leg: CustomerLeg | None = None  # the latest call that the customer asked for
    customer_rung: tuple[dt.datetime, ...] = ()  # when the customer was rung in the last hour
    version: int = 0

    @property
    def dialled(self) -> str | None:
        """The number that an engineer's key calls back, if any."""
        if self.undialled is not None:
            return None
        return self.caller

    def page(self, page_id: str | None) -> Page | None:
        """The page of this id, if the value still holds it."""
        return next((p for p in self.pages if p.id == page_id), None)

    def legs(self) -> tuple[Page, ...]:
        """The legs that may still be ringing or talked on."""
        return tuple(p for p in self.pages if p.live)

    def leg_of(self, engineer: str) -> Page | None:
        """The live leg of this engineer, if there is one."""
        return next((p for p in self.legs() if p.engineer == engineer), None)

    def legs_by_engineer(self) -> dict[str, Page]:
        """The live legs by whose they are: for many people, instead of one `leg_of` each."""
        return {leg.engineer: leg for leg in reversed(self.legs())}

    def winner(self) -> Page | None:
        """The live leg whose key took the incident, if somebody has it."""
        return next((p for p in self.legs() if p.won), None)

    def pages_with(self, page: Page) -> tuple[Page, ...]:
        """The pages with this one added, or in place of its older version."""
        if self.page(page.id) is None:
            return (*self.pages, page)
        return tuple(page if p.id == page.id else p for p in self.pages)


class IncidentChanges(TypedDict, total=False):
    """The fields that ``with_incident`` can change; a test compares them."""

    key: str
    line: str
    opened_at: dt.datetime
    urgency: int
    language: str
    entitlement: Entitlement
    number: int
    source: IncidentSource
    kind: IncidentKind
    request: SignatureRequest | None
    contract: str | None
    customer: str | None
    contact: str | None
    plan: str | None
    rank: int
    subject: str
    products: str
    affected_since: str
    rings: bool
    merged_into: str | None
    merged: tuple[str, ...]
    customer_news_at: dt.datetime | None
    caller: str | None
    undialled: str | None
    premium: bool
    counted: PremiumUse | None
    waived: str | None
    few_left: int | None
    state: IncidentState
    acknowledged_by: str | None
    acknowledged_at: dt.datetime | None
    respond_by: dt.datetime | None
    clock: ResponseClock
    breached_at: dt.datetime | None
    waiting_since: dt.datetime | None
    waiting_for: str | None
    waiting_by: str | None
    responded_at: dt.datetime | None
    responded_by: str | None
    closed_at: dt.datetime | None
    closed_by: str | None
    calls: tuple[str, ...]
    call: str | None
    introduction: str | None
    matter: str | None
    message: str | None
    queued_at: dt.datetime | None
    raised_at: dt.datetime | None
    escalation: EscalationState
    pages: tuple[Page, ...]
    reached: bool
    reopen_reason: ReopenReason | None
    previous_engineer: str | None
    codes: tuple[tuple[str, str], ...]
    proven: tuple[str, ...]
    lapsed: tuple[str, ...]
    wrong_codes: int
    rung_back: tuple[dt.datetime, ...]
    customer_leg: CustomerLeg | None
    customer_rung: tuple[dt.datetime, ...]
    version: int


DONE = (IncidentState.RESPONDED, IncidentState.CLOSED)


def done_at(incident: Incident) -> dt.datetime | None:
    """When the incident was last changed. None until it has a response."""
    if incident.state not in DONE:
        return None
    known = (incident.acknowledged_at, incident.responded_at, incident.closed_at)
    return max(incident.opened_at, *(at for at in known if at is not None))

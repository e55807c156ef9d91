"""An incident: the value that lives until somebody has dealt with the matter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict

from routing.call import Entitlement, SignatureRequest
from routing.contracts import PremiumUse
from routing.line import OfficeTime
from routing.page import Page

# Where the hunt for somebody who takes an incident stands.


class EscalationPhase(StrEnum):
    """What the hunt for somebody who takes the incident is doing."""

    STEPS = "steps"
    BREATH = "breath"  # a pass was over too quickly to tell the caller; the next waits a moment
    LAST_RESORT = "last_resort"
    RESTING = "resting"  # everybody was tried; the next round begins after `again_after`
    ROW = "row"  # waits for the desk, in the row
    LATER = "later"  # those at the desk are told when it opens
    QUIET = "quiet"  # nobody is rung: not entitled to wake people
    OVER = "over"

    @property
    def moving(self) -> bool:
        """True while a step is under way, and its end leads to the next."""
        return self in (EscalationPhase.STEPS, EscalationPhase.LAST_RESORT)

    @property
    def seeking(self) -> bool:
        """True while people are sought in rounds, until somebody takes it."""
        return self.moving or self in (EscalationPhase.BREATH, EscalationPhase.RESTING)


LONGEST_WAIT = dt.timedelta(minutes=10)
"""No carrier lets a telephone ring for longer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person of the step under way; ``tried`` counts phones rung, ``passed`` ends the turn."""

    engineer: str
    tried: int = 0
    passed: bool = False
    until: dt.datetime | None = None  # a busy person is waited for this long
    asked: bool = False  # for this caller, by themselves: goes before any other turn
    beside: bool = False  # rung beside the steps, which wait for nobody but their own people

    def wait_left(self, now: dt.datetime) -> dt.timedelta:
        """How long this person is still waited for; nothing when the end lies further ahead than
        any wait: a clock that was set back since has written that."""
        left = (self.until or now) - now
        return left if dt.timedelta(0) < left <= LONGEST_WAIT else dt.timedelta(0)


@dataclass(frozen=True)
class EscalationState:
    """Where the escalation stands: the round, the pass in it, the step in that, and its people.

    ``mark`` changes with each move, so that a timer set for an earlier move does nothing.
    """

    doing: EscalationPhase = EscalationPhase.QUIET
    round: int = 0
    pass_: int = 0
    step: int = 0
    mark: int = 0
    candidates: tuple[Candidate, ...] = ()
    pass_began: dt.datetime | None = None
    missed: tuple[str, ...] = ()  # busy when it was their turn: rung at once when free
    texted: tuple[str, ...] = ()  # told by text in this round
    first: str | None = None  # whoever had the caller before, rung first
    resumes_at: dt.datetime | None = None
    spared: str | None = None  # handed it over: not rung in this round's first pass
    sought: tuple[str, ...] = ()  # everybody rung for this incident so far
    reminded: int = 0  # how often whoever has it was reminded of the call back
    left: tuple[tuple[str, int], ...] = ()  # where the phones of a person go on, if some are left

    def willing(self, people: tuple[str, ...]) -> tuple[str, ...]:
        """Those of a step who are rung in this pass."""
        return tuple(p for p in people if p != self.spared or self.pass_ > 1)

    @property
    def nobody(self) -> str:
        """How a step without anybody to ring is spoken of."""
        but = f" but {self.spared}, who handed it over," if self.spared else ""
        return f"nobody{but} is on call, so it is passed over"


class EscalationChanges(TypedDict, total=False):
    """The fields that ``with_hunt`` can change; a test compares them."""

    doing: EscalationPhase
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
    sought: tuple[str, ...]
    reminded: int
    left: tuple[tuple[str, int], ...]


# The response clock of an incident: what was promised, what of it is used up, what was told.


class ClockState(StrEnum):
    """What the response clock is doing."""

    NONE = "none"  # nothing is promised for this level
    RUNNING = "running"
    PAUSED = "paused"  # more was asked of the customer
    STOPPED = "stopped"  # a response is recorded


@dataclass(frozen=True, slots=True)
class ResponseClock:
    """A promised length of time as it is used up.

    ``spent`` of it had passed before ``since``; ``strikes`` are the shares in percent that are
    told of, each with its instant. ``mark`` changes whenever the instants do, so that an errand
    written for older ones does nothing. ``unpaused`` is when the response would be due if the
    clock had never been paused.
    """

    doing: ClockState = ClockState.NONE
    promised: OfficeTime | None = None
    since: dt.datetime | None = None
    spent: dt.timedelta = dt.timedelta(0)
    strikes: tuple[tuple[int, dt.datetime], ...] = ()
    told: int = 0
    mark: int = 0
    unpaused: dt.datetime | None = None

    @property
    def left(self) -> dt.timedelta:
        """What was left of the promise when the clock was last paused or wound."""
        length = self.promised.length if self.promised is not None else dt.timedelta(0)
        return max(length - self.spent, dt.timedelta(0))

    def reached(self, now: dt.datetime) -> int:
        """The greatest share whose instant has come."""
        return max((share for share, at in self.strikes if at <= now), default=0)


class IncidentState(StrEnum):
    """How far an incident has come."""

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
    """What an incident is about."""

    INCIDENT = "incident"
    SIGNATURE_REQUEST = "signature_request"


class ReopenReason(StrEnum):
    """Why an incident that somebody had is sought for anew."""

    HANDED_OVER = "handed_over"
    OVERDUE = "overdue"  # who had it did not reach the customer in time
    CALLED_AGAIN = "called_again"  # the customer did, about this incident


@dataclass(frozen=True)
class Incident:
    """One matter of one customer. ``number`` is what people say and texts carry (0 until saved).

    ``pages`` holds the live ones and those that changed; ended ones live on in the store only.
    ``caller`` is the customer's number, to be called back at unless ``undialled`` says why not.
    """

    key: str
    line: str
    opened_at: dt.datetime
    urgency: int
    language: str
    standing: Entitlement
    number: int = 0
    source: IncidentSource = IncidentSource.PHONE
    kind: IncidentKind = IncidentKind.INCIDENT
    request: SignatureRequest | None = None  # of a signature request
    contract: str | None = None
    customer: str | None = None
    contact: str | None = None
    plan: str | None = None
    caller: str | None = None
    undialled: str | None = None
    premium: bool = False  # counts in the contract year, now
    counted: PremiumUse | None = None
    waived: str | None = None  # who set it to standard, and why
    few_left: int | None = None  # of the year at its opening, it included, when they are few
    state: IncidentState = IncidentState.OPEN
    acknowledged_by: str | None = None
    acknowledged_at: dt.datetime | None = None
    respond_by: dt.datetime | None = None
    clock: ResponseClock = field(default_factory=ResponseClock)
    breached_at: dt.datetime | None = None
    waiting_since: dt.datetime | None = None  # more was asked of the customer
    waiting_for: str | None = None
    waiting_by: str | None = None
    responded_at: dt.datetime | None = None
    responded_by: str | None = None
    closed_at: dt.datetime | None = None
    closed_by: str | None = None
    calls: tuple[str, ...] = ()
    call: str | None = None  # our id of the caller's latest call
    introduction: str | None = None
    message: str | None = None
    rowed_at: dt.datetime | None = None  # since when it waits for the desk
    raised_at: dt.datetime | None = None  # when it became level 1
    hunt: EscalationState = field(default_factory=EscalationState)
    pages: tuple[Page, ...] = ()
    reached: bool = False  # whoever has it has talked with the waiting caller, or says so
    again: ReopenReason | None = None
    before: str | None = None  # who had it, when it is sought for again
    codes: tuple[tuple[str, str], ...] = ()  # by engineer: what their texts about it carry
    proven: tuple[str, ...] = ()  # engineers who showed that they are there themselves
    lapsed: tuple[str, ...] = ()  # who took it by a text alone, and reached nobody in time
    wrong_codes: int = 0
    rung_back: tuple[dt.datetime, ...] = ()  # when engineers were rung because they asked for it
    version: int = 0

    @property
    def dialled(self) -> str | None:
        """Where an engineer's key calls the customer back, if anywhere."""
        return self.caller if self.undialled is None else None

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
    standing: Entitlement
    number: int
    source: IncidentSource
    kind: IncidentKind
    request: SignatureRequest | None
    contract: str | None
    customer: str | None
    contact: str | None
    plan: str | None
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
    message: str | None
    rowed_at: dt.datetime | None
    raised_at: dt.datetime | None
    hunt: EscalationState
    pages: tuple[Page, ...]
    reached: bool
    again: ReopenReason | None
    before: str | None
    codes: tuple[tuple[str, str], ...]
    proven: tuple[str, ...]
    lapsed: tuple[str, ...]
    wrong_codes: int
    rung_back: tuple[dt.datetime, ...]
    version: int


# From when an incident's age counts: what is open has none.


DONE = (IncidentState.RESPONDED, IncidentState.CLOSED)


def done_at(incident: Incident) -> dt.datetime | None:
    """When the last thing became of it; None while somebody has still to do something."""
    if incident.state not in DONE:
        return None
    known = (incident.acknowledged_at, incident.responded_at, incident.closed_at)
    return max(incident.opened_at, *(at for at in known if at is not None))

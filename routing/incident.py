"""An incident: the value that lives until somebody has dealt with the matter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum

from routing.call import Standing
from routing.line import Channel


class State(StrEnum):
    """How far an incident has come."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESPONDED = "responded"
    CLOSED = "closed"


class Source(StrEnum):
    """Where an incident came from."""

    PHONE = "phone"
    PORTAL = "portal"
    EMAIL = "email"
    API = "api"


class Kind(StrEnum):
    """What an incident is about."""

    INCIDENT = "incident"
    SIGNATURE_REQUEST = "signature_request"


class Result(StrEnum):
    """What became of one page."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    NO_KEY = "no_key"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CANCELED = "canceled"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class LegState(StrEnum):
    """Where a placed call is. ``placing`` is written before the carrier is asked."""

    PLACING = "placing"
    RINGING = "ringing"
    LISTENING = "listening"  # answered; hears who calls and which key takes it
    STOPPING = "stopping"  # asked the carrier to cancel; not yet known to be over
    CONNECTING = "connecting"  # took the call, on the way to the caller
    TALKING = "talking"
    OFFERED = "offered"  # took the call, but the caller has gone: one key calls back
    CALLING = "calling"  # calling the customer back
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Page:
    """One attempt to reach one person by one channel; a call is also called a leg.

    The digits that take and pass on are drawn for each leg anew, so that no recording can press
    them. A page of channel sms or email uses only the first fields.
    """

    id: str
    at: dt.datetime
    engineer: str
    channel: Channel
    to: str
    result: Result | None = None
    sid: str | None = None
    state: LegState = LegState.PLACING
    take_key: str = ""
    pass_key: str = ""
    slips: int = 0
    rounds: int = 0
    turn: int = 0
    ring_for: dt.timedelta = dt.timedelta(seconds=30)
    rings_until: dt.datetime | None = None
    language: str = ""

    @property
    def live(self) -> bool:
        """True while a telephone may still be ringing or somebody may be on it."""
        return self.channel is Channel.CALL and self.state is not LegState.ENDED

    @property
    def won(self) -> bool:
        """True once this leg's key took the incident."""
        return self.result is Result.ACCEPTED


class Hunting(StrEnum):
    """What the hunt for somebody who takes the incident is doing."""

    STEPS = "steps"
    BREATH = "breath"  # a pass was over too quickly to tell the caller; the next waits a moment
    LAST_RESORT = "last_resort"
    RESTING = "resting"  # everybody was tried; the next round begins after `again_after`
    QUIET = "quiet"  # nobody is rung: not entitled to wake people, or a level that can wait
    OVER = "over"

    @property
    def moving(self) -> bool:
        """True while a step is under way, and its end leads to the next."""
        return self in (Hunting.STEPS, Hunting.LAST_RESORT)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person of the step under way; ``tried`` counts phones rung, ``passed`` ends the turn."""

    engineer: str
    tried: int = 0
    passed: bool = False
    until: dt.datetime | None = None  # a busy person is waited for this long


@dataclass(frozen=True, slots=True)
class Hunt:
    """Where the escalation stands: the round, the pass in it, the step in that, and its people.

    ``mark`` changes with each move, so that a timer set for an earlier move does nothing.
    """

    doing: Hunting = Hunting.QUIET
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


@dataclass(frozen=True, slots=True)
class Incident:
    """One matter of one customer. ``number`` is what people say and texts carry (0 until saved).

    ``pages`` holds the live ones and those that changed; ended ones live on in the store only.
    ``caller`` is where the customer can be called back.
    """

    key: str
    line: str
    opened_at: dt.datetime
    urgency: int
    language: str
    standing: Standing
    number: int = 0
    source: Source = Source.PHONE
    kind: Kind = Kind.INCIDENT
    contract: str | None = None
    customer: str | None = None
    contact: str | None = None
    plan: str | None = None
    caller: str | None = None
    premium: bool = False
    state: State = State.OPEN
    acknowledged_by: str | None = None
    acknowledged_at: dt.datetime | None = None
    respond_by: dt.datetime | None = None
    calls: tuple[str, ...] = ()
    call: str | None = None  # our id of the caller's latest call
    introduction: str | None = None
    message: str | None = None
    hunt: Hunt = field(default_factory=Hunt)
    pages: tuple[Page, ...] = ()
    version: int = 0

    def page(self, page_id: str | None) -> Page | None:
        """The page of this id, if the value still holds it."""
        return next((p for p in self.pages if p.id == page_id), None)

    def legs(self) -> tuple[Page, ...]:
        """The legs that may still be ringing or talked on."""
        return tuple(p for p in self.pages if p.live)

    def leg_of(self, engineer: str) -> Page | None:
        """The live leg of this engineer, if there is one."""
        return next((p for p in self.legs() if p.engineer == engineer), None)

    def winner(self) -> Page | None:
        """The live leg whose key took the incident, if somebody has it."""
        return next((p for p in self.legs() if p.won), None)

    def with_page(self, page: Page) -> Incident:
        """The incident with this page added, or put in the place of its older self."""
        if self.page(page.id) is None:
            return replace(self, pages=(*self.pages, page))
        pages = tuple(page if p.id == page.id else p for p in self.pages)
        return replace(self, pages=pages)

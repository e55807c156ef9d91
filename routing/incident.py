"""An incident: the value that lives until somebody has dealt with the matter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from routing.altered import altered
from routing.call import Standing
from routing.clock import Clock, Ticking
from routing.entitlement import Counted
from routing.page import Became, LegState, Page, Result, Said
from routing.pursuit import Candidate, Hunt, Hunting
from routing.request import Request

__all__ = [
    "Again",
    "Became",
    "Candidate",
    "Clock",
    "Hunt",
    "Hunting",
    "Incident",
    "Kind",
    "LegState",
    "Page",
    "Result",
    "Said",
    "Source",
    "State",
    "Ticking",
]


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


class Again(StrEnum):
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
    standing: Standing
    number: int = 0
    source: Source = Source.PHONE
    kind: Kind = Kind.INCIDENT
    request: Request | None = None  # of a signature request
    contract: str | None = None
    customer: str | None = None
    contact: str | None = None
    plan: str | None = None
    caller: str | None = None
    undialled: str | None = None
    premium: bool = False  # counts in the contract year, now
    counted: Counted | None = None
    waived: str | None = None  # who set it to standard, and why
    few_left: int | None = None  # of the year at its opening, it included, when they are few
    state: State = State.OPEN
    acknowledged_by: str | None = None
    acknowledged_at: dt.datetime | None = None
    respond_by: dt.datetime | None = None
    clock: Clock = field(default_factory=Clock)
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
    hunt: Hunt = field(default_factory=Hunt)
    pages: tuple[Page, ...] = ()
    reached: bool = False  # whoever has it has talked with the waiting caller, or says so
    again: Again | None = None
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

    def with_page(self, page: Page) -> Incident:
        """The incident with this page added, or put in the place of its older self."""
        if self.page(page.id) is None:
            return altered(self, pages=(*self.pages, page))
        pages = tuple(page if p.id == page.id else p for p in self.pages)
        return altered(self, pages=pages)

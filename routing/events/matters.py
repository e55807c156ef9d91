"""The events of a matter: it is lodged, its customer writes and is answered, it is merged."""

from __future__ import annotations

from dataclasses import dataclass

from routing.call import Entitlement, Identity, SignatureRequest
from routing.incident import IncidentKind, IncidentSource
from routing.message import Via


@dataclass(frozen=True, slots=True)
class Lodged:
    """A customer lodges a matter by the portal, by mail or by a program. ``key`` is the id of the
    new incident, so that the same matter opens no second one.

    ``phone`` is the number to call back, ``by`` the writer as they call themselves when no contact
    is known. ``entered_by`` is who of the staff entered it for the customer. Without ``rings``,
    level 1 wakes nobody: the desk and the duty manager are told.
    """

    key: str
    line: str
    source: IncidentSource
    urgency: int
    language: str
    entitlement: Entitlement
    identity: Identity | None = None
    phone: str | None = None
    words: str = ""
    by: str = ""
    subject: str = ""
    kind: IncidentKind = IncidentKind.INCIDENT
    request: SignatureRequest | None = None
    products: str = ""
    affected_since: str = ""
    files: tuple[str, ...] = ()
    mail_id: str | None = None
    rings: bool = True
    entered_by: str = ""


@dataclass(frozen=True, slots=True)
class CustomerWrote:
    """The customer writes about an incident. ``message_id`` is the id of the message, so that a
    repeated one is stored once; ``mail_id`` is the Message-ID of a mail. An unverified message
    moves no clock. With ``thanks`` the customer says that the answer solves it: what was answered
    stays answered."""

    incident: str
    message_id: str
    by: str
    door: Via
    words: str
    files: tuple[str, ...] = ()
    verified: bool = True
    mail_id: str | None = None
    thanks: bool = False


@dataclass(frozen=True, slots=True)
class AnsweredCustomer:
    """``by`` answers the customer in writing. With ``responds`` it is the qualified answer; with
    ``asks`` the incident waits for the customer."""

    incident: str
    message_id: str
    by: str
    how: Via
    words: str
    files: tuple[str, ...] = ()
    responds: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """The incident is the same matter as incident ``into`` (a key), and goes on as that one."""

    incident: str
    into: str
    by: str
    how: Via
    why: str = ""


@dataclass(frozen=True, slots=True)
class RaisedByCustomer:
    """The customer says in writing that the incident is level 1 by now."""

    incident: str
    door: Via


@dataclass(frozen=True, slots=True)
class SolvedByCustomer:
    """The customer says in writing that nothing has to be done any more."""

    incident: str
    door: Via


MatterEvent = CustomerWrote | AnsweredCustomer | Merged | RaisedByCustomer | SolvedByCustomer

"""The events of an incident: its escalation, its lifecycle and its response clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from routing.call import RequestProgress
from routing.message import Via
from routing.page import PageResult

# Events of an incident under escalation.


@dataclass(frozen=True, slots=True)
class PageSent:
    """The result of a text or an e-mail; ``sid`` is the carrier's id, ``why`` its reason."""

    page: str
    result: PageResult
    sid: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class AcknowledgedWithoutKey:
    """An engineer acknowledged without a key: by text, link, console, API or command."""

    incident: str
    engineer: str
    by: Via = Via.TEXT


@dataclass(frozen=True, slots=True)
class EscalationTimerFired:
    """A pause in the escalation is over."""

    incident: str
    mark: int


@dataclass(frozen=True, slots=True)
class KeyDeadlinePassed:
    """The deadline of an acknowledgement by text or link, made at ``since``, has passed."""

    incident: str
    engineer: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class DeskTurn:
    """It is the turn of this incident: those of ``free`` who are at the desk are rung for it."""

    incident: str
    free: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineerFree:
    """An engineer who was busy with another incident is free."""

    incident: str
    engineer: str


@dataclass(frozen=True, slots=True)
class PremiumSet:
    """``by`` set the incident to premium, or to standard."""

    incident: str
    premium: bool
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallWanted:
    """The engineer who has the incident asks to be connected with the customer, and is rung."""

    incident: str
    engineer: str
    by: Via = Via.TEXT


@dataclass(frozen=True, slots=True)
class CodeTexted:
    """A text from an engineer's number contains this code."""

    incident: str
    engineer: str
    code: str


@dataclass(frozen=True, slots=True)
class CalledIn:
    """An engineer called the line about the incident, and is rung at this number."""

    incident: str
    engineer: str
    phone: str | None


# Events of the lifecycle of an incident, and of its response clock.


@dataclass(frozen=True, slots=True)
class StateChange:
    """A change of the state of an incident: ``by`` whom, ``how`` they said it, and ``why``."""

    incident: str
    by: str
    how: Via
    why: str = ""


@dataclass(frozen=True, slots=True)
class Responded(StateChange):
    """An engineer gave the customer a qualified answer."""


@dataclass(frozen=True, slots=True)
class Closed(StateChange):
    """The incident is closed."""


@dataclass(frozen=True, slots=True)
class WaitsForCustomer:
    """We wait for ``what``, which the customer reads; ``note_id`` is the id of that message."""

    incident: str
    by: str
    how: Via
    what: str
    note_id: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class CustomerReplied(StateChange):
    """The customer sent what they were asked for."""


@dataclass(frozen=True, slots=True)
class Reassigned:
    """The incident is assigned to engineer ``to``."""

    incident: str
    to: str
    by: str
    how: Via
    why: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A note; ``note_id`` is its id, so a repeated note is stored once."""

    incident: str
    by: str
    how: Via
    words: str
    note_id: str


@dataclass(frozen=True, slots=True)
class RequestCame:
    """A signature request made progress: it was confirmed, or the update is available."""

    incident: str
    to: RequestProgress
    by: str
    how: Via
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClockStruck:
    """A share, in percent, of the promised time has passed; ignored if the mark has changed."""

    incident: str
    mark: int
    share: int


Said = Responded | Closed | WaitsForCustomer | CustomerReplied | Reassigned | Noted | RequestCame
Timed = EscalationTimerFired | KeyDeadlinePassed | DeskTurn | EngineerFree
Asked = CalledIn | CallWanted | CodeTexted
EscalationEvent = AcknowledgedWithoutKey | Timed | Asked | PremiumSet

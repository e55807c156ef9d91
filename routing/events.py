"""The events of a line. No event carries a PIN or the digits keyed for a contract number.

``turn`` is the question that was answered: an answer to an older question changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from routing.call import Entitlement, Identity, RequestProgress
from routing.incident import IncidentSource
from routing.message import Via
from routing.page import PageResult

# Events of a leg: a call that the line has placed.


class Heard(StrEnum):
    """The status of a leg, as the carrier reports it."""

    RINGING = "ringing"
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELED = "canceled"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class LegPlaced:
    """The carrier accepted our request to place the leg."""

    leg: str
    sid: str


@dataclass(frozen=True, slots=True)
class LegPutOff:
    """The leg waits for its turn: the line places a limited number of calls a second."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegRefused:
    """The carrier refuses to place the leg; ``why`` is its error code."""

    leg: str
    why: str


@dataclass(frozen=True, slots=True)
class LegHeard:
    """A status of the leg, from a callback or a request; ``why`` is the carrier's reason."""

    leg: str
    heard: Heard
    sid: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class LegChecked:
    """The answer to our request for the status of a leg; None when the carrier has no such leg."""

    leg: str
    heard: Heard | None


@dataclass(frozen=True, slots=True)
class LegListens:
    """Somebody, or a machine, answered the leg; the carrier asks for the first document."""

    leg: str
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class LegKeyed:
    """A key on the leg, or none in time."""

    leg: str
    turn: int
    key: str | None
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class LegConnected:
    """The carrier took the caller out of the queue and connects the two."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegParted:
    """The connection of the two has ended; ``bridged`` is true when they talked."""

    leg: str
    turn: int
    bridged: bool


@dataclass(frozen=True, slots=True)
class CustomerRung:
    """The callback to the customer is over; ``answered`` is true when it was picked up."""

    leg: str
    turn: int
    answered: bool


@dataclass(frozen=True, slots=True)
class RangLongEnough:
    """The ring time of the leg's step has passed."""

    leg: str


@dataclass(frozen=True, slots=True)
class NoteSpoken:
    """An engineer spoke a note in the wrap-up menu; None means silence."""

    leg: str
    turn: int
    recording: str | None


# Events of a waiting caller, and of the end of a call.


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """The caller was asked for a message; None means silence."""

    call: str
    turn: int
    recording: str | None


@dataclass(frozen=True, slots=True)
class MessageCut:
    """The carrier ended the message because an engineer took the call; the recording follows."""

    call: str
    turn: int


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """The caller pressed a key while waiting."""

    call: str
    turn: int
    key: str


class Left(StrEnum):
    """Why a caller is no longer in the queue."""

    BRIDGED = "bridged"
    HUNG_UP = "hung_up"
    LEFT = "left"  # because our document said so
    BROKEN = "broken"  # queue full, or an error of the carrier


@dataclass(frozen=True, slots=True)
class LeftQueue:
    """The carrier took the caller out of the queue, entered at question ``turn`` if known."""

    call: str
    how: Left
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Unattended:
    """A job for a waiting caller is long overdue: the workers may be down."""

    call: str


@dataclass(frozen=True, slots=True)
class StayedOn:
    """The caller is still there five seconds after the other side hung up."""

    call: str
    turn: int


@dataclass(frozen=True, slots=True)
class RescueTaken:
    """A person of the last resort, dialled from the document itself, pressed a key."""

    call: str
    key: str


@dataclass(frozen=True, slots=True)
class RescueOver:
    """Dialling the last resort from the document ended, with or without a conversation."""

    call: str
    turn: int


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The call is over; ``failed`` is true when the carrier reports an error."""

    call: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class CallChecked:
    """The answer to our request whether the caller is still there."""

    call: str
    live: bool


# Events of a caller who is being identified, or chooses a priority level.


class Keyed(StrEnum):
    """The answer of a caller who was asked for a number that ends with the hash key."""

    DIGITS = "digits"
    NOTHING = "nothing"
    WITHOUT = "without"  # 0#: continues without a number


@dataclass(frozen=True, slots=True)
class Dialled:
    """A customer calls. ``selected`` is the contract of the number, ``language`` the contact's."""

    sid: str
    line: str
    shown: str
    caller: str | None
    language: str | None = None
    selected: str | None = None
    engineer: str | None = None


@dataclass(frozen=True, slots=True)
class Chose:
    """The caller answered a one-key menu, or pressed nothing (None)."""

    call: str
    turn: int
    key: str | None


@dataclass(frozen=True, slots=True)
class ContractKeyed:
    """The caller was asked for the contract number; ``selected`` is the contract, if it exists.
    Wrong PINs count against ``suspect``; those of earlier calls cost ``pause`` seconds."""

    call: str
    turn: int
    keyed: Keyed
    selected: str | None = None
    suspect: str | None = None
    pause: int = 0


@dataclass(frozen=True, slots=True)
class PinChecked:
    """The caller was asked for the PIN. An identity means it was right; ``pause`` is in seconds."""

    call: str
    turn: int
    keyed: Keyed
    identity: Identity | None = None
    entitlement: Entitlement = Entitlement.UNVERIFIED
    pause: int = 0


@dataclass(frozen=True, slots=True)
class Introduced:
    """The caller was asked to say their name and company; None means silence."""

    call: str
    turn: int
    recording: str | None


# Events of an incident under escalation.


@dataclass(frozen=True, slots=True)
class IncidentReported:
    """A program reports an incident. ``key`` is the id of the new incident, so that a repeated
    report opens no second one; ``phone`` is the number to call back."""

    key: str
    line: str
    source: IncidentSource
    urgency: int
    language: str
    entitlement: Entitlement
    identity: Identity | None = None
    phone: str | None = None
    words: str = ""


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
    """The customer was asked for ``what``; ``note_id`` is the id of the note with it."""

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


CallerAnswer = Chose | ContractKeyed | PinChecked | Introduced
WaitingEvent = MessageCut | MessageLeft | WaitingKey | LeftQueue | Unattended | StayedOn
CallEvent = CallerAnswer | WaitingEvent | RescueTaken | RescueOver | CallEnded | CallChecked

LegStatus = LegPlaced | LegPutOff | LegRefused | LegHeard | LegChecked | RangLongEnough
LegTalk = LegListens | LegKeyed | LegConnected | LegParted | CustomerRung | NoteSpoken
LegEvent = LegStatus | LegTalk

Said = Responded | Closed | WaitsForCustomer | CustomerReplied | Reassigned | Noted | RequestCame
LifecycleEvent = Said | ClockStruck
Timed = EscalationTimerFired | KeyDeadlinePassed | DeskTurn | EngineerFree
Asked = CalledIn | CallWanted | CodeTexted
EscalationEvent = AcknowledgedWithoutKey | Timed | Asked | PremiumSet
IncidentEvent = EscalationEvent | LifecycleEvent

Event = CallEvent | LegEvent | IncidentEvent | PageSent

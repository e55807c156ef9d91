"""What can happen to a line. No event carries a PIN or the digits keyed for a contract number.

``turn`` is the question that was answered: an answer to an older question changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from routing.call import Entitlement, Identity
from routing.incident_events import (
    CalledIn,
    CallWanted,
    ClockStruck,
    Closed,
    CodeTexted,
    CustomerReplied,
    DeskTurn,
    EngineerFree,
    HuntDue,
    Noted,
    PageSent,
    PremiumSet,
    PromiseDue,
    Reassigned,
    RequestCame,
    Responded,
    TextedBack,
    WaitsForCustomer,
)

# What happens on a leg: a call that the line has placed.


class Heard(StrEnum):
    """What the carrier says of a leg."""

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
    """It is not this leg's turn yet: the carrier is asked for so many calls a second only."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegRefused:
    """The carrier will not place the leg; ``why`` is its code."""

    leg: str
    why: str


@dataclass(frozen=True, slots=True)
class LegHeard:
    """A status of the leg, by callback or asked for; ``why`` is the carrier's reason."""

    leg: str
    heard: Heard
    sid: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class LegChecked:
    """The carrier was asked where the leg is, because its word may have been lost; None means that
    it does not know the leg yet."""

    leg: str
    heard: Heard | None


@dataclass(frozen=True, slots=True)
class LegListens:
    """Somebody or something answered the leg and asks what to hear."""

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
class LegMet:
    """The carrier took the caller out of the queue and joins the two."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegParted:
    """The attempt to join the two is over; ``bridged`` when they talked."""

    leg: str
    turn: int
    bridged: bool


@dataclass(frozen=True, slots=True)
class CustomerRung:
    """The call back to the customer is over; ``answered`` when something picked up."""

    leg: str
    turn: int
    answered: bool


@dataclass(frozen=True, slots=True)
class RangLongEnough:
    """A leg has been rung for as long as its step says."""

    leg: str


@dataclass(frozen=True, slots=True)
class NoteSpoken:
    """An engineer spoke a note at the closing menu; None means silence."""

    leg: str
    turn: int
    recording: str | None


# What happens to a caller who waits, and to the end of the call.


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """The caller was asked for a message; None means silence."""

    call: str
    turn: int
    recording: str | None


@dataclass(frozen=True, slots=True)
class MessageCut:
    """The carrier ended the message because somebody has taken the call; its words come later."""

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
    """The carrier took the caller out of the queue. ``turn`` is the question at which the caller
    went in, if it is known."""

    call: str
    how: Left
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Unattended:
    """Due work for a waiting caller is long overdue: our workers seem to be gone."""

    call: str


@dataclass(frozen=True, slots=True)
class StayedOn:
    """The other side hung up, and five seconds later the caller is still there."""

    call: str
    turn: int


@dataclass(frozen=True, slots=True)
class RescueTaken:
    """Somebody dialled straight from the document pressed a key."""

    call: str
    key: str


@dataclass(frozen=True, slots=True)
class RescueOver:
    """That dialling ended, with or without a conversation."""

    call: str
    turn: int


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The caller's call is over; ``failed`` when the carrier says that it broke."""

    call: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class CallChecked:
    """The carrier was asked whether the caller is still there."""

    call: str
    live: bool


# What a caller does until it is known who calls and how urgent it is.


class Keyed(StrEnum):
    """What a caller did when asked for a number that ends with the hash key."""

    DIGITS = "digits"
    NOTHING = "nothing"
    WITHOUT = "without"  # 0#: goes on without


@dataclass(frozen=True, slots=True)
class Dialled:
    """A customer calls. ``language`` is the known contact's; ``selected`` the number's contract."""

    sid: str
    line: str
    shown: str
    caller: str | None
    language: str | None = None
    selected: str | None = None
    engineer: str | None = None


@dataclass(frozen=True, slots=True)
class Chose:
    """The caller answered a menu of one key, or pressed nothing (None)."""

    call: str
    turn: int
    key: str | None


@dataclass(frozen=True, slots=True)
class ContractKeyed:
    """The caller was asked for the contract number; ``selected`` is the contract found, if any.

    ``suspect`` is what wrong PINs count against; it names a contract only if there is one.
    ``pause`` is what wrong PINs of earlier calls cost, in seconds.
    """

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
    standing: Entitlement = Entitlement.UNVERIFIED
    pause: int = 0


@dataclass(frozen=True, slots=True)
class Introduced:
    """The caller was asked to say a name and company; None means silence."""

    call: str
    turn: int
    recording: str | None


CallEvent = (
    Chose
    | ContractKeyed
    | PinChecked
    | Introduced
    | MessageCut
    | MessageLeft
    | WaitingKey
    | LeftQueue
    | Unattended
    | StayedOn
    | RescueTaken
    | RescueOver
    | CallEnded
    | CallChecked
)
LegEvent = (
    LegPlaced
    | LegPutOff
    | LegRefused
    | LegHeard
    | LegChecked
    | LegListens
    | LegKeyed
    | LegMet
    | LegParted
    | CustomerRung
    | NoteSpoken
    | RangLongEnough
)
LifecycleEvent = (
    Responded
    | Closed
    | WaitsForCustomer
    | CustomerReplied
    | Reassigned
    | Noted
    | RequestCame
    | ClockStruck
)
Timed = HuntDue | PromiseDue | DeskTurn | EngineerFree
Asked = CalledIn | CallWanted | CodeTexted
EscalationEvent = TextedBack | Timed | Asked | PremiumSet
IncidentEvent = EscalationEvent | LifecycleEvent
Event = CallEvent | LegEvent | IncidentEvent | PageSent

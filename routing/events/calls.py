"""The events of a customer's call. No event carries a PIN or the digits keyed for a contract
number.

``turn`` is the question that was answered: an answer to an older question changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from routing.call import Entitlement, Identity

# Events of a waiting caller, and of the end of a call.


@dataclass(frozen=True, slots=True)
class MatterSaid:
    """The caller was asked what is wrong, while people are rung; None means silence."""

    call: str
    turn: int
    recording: str | None


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """The caller was asked for a message; None means silence."""

    call: str
    turn: int
    recording: str | None


@dataclass(frozen=True, slots=True)
class MessageCut:
    """The line ended what the caller says or keys, because an engineer took the call. A recording
    is reported by itself."""

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
    """The answer of a caller who was asked for a number."""

    DIGITS = "digits"
    NOTHING = "nothing"
    WITHOUT = "without"  # 0#: continues without a number
    STAR = "star"  # hears the question again
    RESTART = "restart"  # a star among the digits: the rest of the number is still to come
    HASH = "hash"  # a hash key alone: no answer


@dataclass(frozen=True, slots=True)
class Dialled:
    """A customer calls. ``selected`` is the contract of the number and ``owner`` its customer,
    ``language`` the contact's."""

    sid: str
    line: str
    shown: str
    caller: str | None
    language: str | None = None
    selected: str | None = None
    engineer: str | None = None
    owner: str | None = None


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


CallerAnswer = Chose | ContractKeyed | PinChecked | Introduced
SpokenAnswer = MatterSaid | MessageLeft | MessageCut
WaitingEvent = SpokenAnswer | WaitingKey | LeftQueue | Unattended | StayedOn
CallEvent = CallerAnswer | WaitingEvent | RescueTaken | RescueOver | CallEnded | CallChecked

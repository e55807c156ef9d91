"""The events of a leg: a call that the line has placed.

``turn`` is the question that was answered: an answer to an older question changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


LegStatus = LegPlaced | LegPutOff | LegRefused | LegHeard | LegChecked | RangLongEnough
LegTalk = LegListens | LegKeyed | LegConnected | LegParted | CustomerRung | NoteSpoken
LegEvent = LegStatus | LegTalk


# Events of a call that the customer asked for in the portal. ``number`` is that of its leg.


@dataclass(frozen=True, slots=True)
class CustomerCallWanted:
    """The contact ``by`` asks to be called now, at their first number or at ``phone``."""

    incident: str
    by: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerLegHeard:
    """A status of the leg, from the request that places it or from a callback."""

    incident: str
    number: int
    heard: Heard
    sid: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerLegChecked:
    """The answer to our request for the status of the leg; None when it has no id yet."""

    incident: str
    number: int
    heard: Heard | None


@dataclass(frozen=True, slots=True)
class CustomerRangLongEnough:
    """The ring time of the leg has passed."""

    incident: str
    number: int


@dataclass(frozen=True, slots=True)
class CustomerListens:
    """The customer, or a machine, answered the leg; the carrier asks for the first document."""

    incident: str
    number: int
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerKeyed:
    """A key on the leg, or none in time."""

    incident: str
    number: int
    turn: int
    key: str | None
    sid: str | None = None


CustomerLegStatus = CustomerLegHeard | CustomerLegChecked | CustomerRangLongEnough
CustomerLegEvent = CustomerLegStatus | CustomerListens | CustomerKeyed

"""What happens on a leg: a call that the line has placed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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

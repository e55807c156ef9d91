"""What happens to a caller who waits, and to the end of the call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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

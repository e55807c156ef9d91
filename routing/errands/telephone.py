"""What must be asked of the carrier: ring, silence, have it ask again, look after, clear away."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar, Literal

from routing.errands.lane import Lane


@dataclass(frozen=True, slots=True)
class Ring:
    """Place the call of this leg. Not idempotent at the carrier: look before placing again."""

    leg: str
    kind: Literal["ring"] = "ring"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class Silence:
    """Stop a leg that is still ringing; one that was answered in the meantime goes on."""

    leg: str
    kind: Literal["silence"] = "silence"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class Tell:
    """Have an answered leg ask for its document again, because what it must hear has changed."""

    leg: str
    kind: Literal["tell"] = "tell"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class EndMessage:
    """End the message that this caller speaks: somebody has taken the call and waits for them."""

    call: str
    turn: int
    kind: Literal["end_message"] = "end_message"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class SettleLeg:
    """At its time: ask the carrier whether this leg still lives, in case its end event was lost."""

    leg: str
    kind: Literal["settle_leg"] = "settle_leg"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class SettleCall:
    """At its time: ask the carrier whether this caller is still there."""

    call: str
    kind: Literal["settle_call"] = "settle_call"
    lane: ClassVar[Lane] = Lane.TELEPHONES


SETTLE_CALL_AFTER = dt.timedelta(seconds=60)
"""How long a caller is believed to be there without a word of the carrier."""


@dataclass(frozen=True, slots=True)
class DropQueue:
    """Delete the queue of a call that has ended."""

    queue: str
    kind: Literal["drop_queue"] = "drop_queue"
    lane: ClassVar[Lane] = Lane.REST

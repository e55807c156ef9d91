"""What must be looked at again at its time, or once somebody is free."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar, Literal

from routing.errands.lane import Lane


@dataclass(frozen=True, slots=True)
class RingOver:
    """At its time: this leg has been rung for as long as its step says."""

    leg: str
    kind: Literal["ring_over"] = "ring_over"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class HuntOn:
    """At its time: the hunt goes on from the move it was at when this was written."""

    incident: str
    mark: int
    kind: Literal["hunt_on"] = "hunt_on"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class KeyOverdue:
    """At its time: whoever acknowledged then, for a caller who waits, should have pressed a key."""

    incident: str
    engineer: str
    since: dt.datetime
    kind: Literal["key_overdue"] = "key_overdue"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class ServeDesk:
    """Ring whoever is free at the desk for those who wait in the row, in its order."""

    line: str
    kind: Literal["serve_desk"] = "serve_desk"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class Strike:
    """At its time: a share, in percent, of the promised time is used up."""

    incident: str
    mark: int
    share: int
    kind: Literal["strike"] = "strike"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class RingBack:
    """An engineer's own call is over: the phone is rung for the incident that was chosen in it."""

    call: str
    kind: Literal["ring_back"] = "ring_back"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class Freed:
    """Somebody's leg has ended, or that of a number of the last resort: whoever waits for it rings
    now. ``engineer`` is what the leg held."""

    line: str
    engineer: str
    kind: Literal["freed"] = "freed"
    lane: ClassVar[Lane] = Lane.DECISIONS

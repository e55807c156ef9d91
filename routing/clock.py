"""The response clock of an incident: what was promised, what of it is used up, what was told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from routing.line import OfficeTime


class Ticking(StrEnum):
    """What the response clock is doing."""

    NONE = "none"  # nothing is promised for this level
    RUNNING = "running"
    PAUSED = "paused"  # more was asked of the customer
    STOPPED = "stopped"  # a response is recorded


@dataclass(frozen=True, slots=True)
class Clock:
    """A promised length of time as it is used up.

    ``spent`` of it had passed before ``since``; ``strikes`` are the shares in percent that are
    told of, each with its instant. ``mark`` changes whenever the instants do, so that an errand
    written for older ones does nothing. ``unpaused`` is when the response would be due if the
    clock had never been paused.
    """

    doing: Ticking = Ticking.NONE
    promised: OfficeTime | None = None
    since: dt.datetime | None = None
    spent: dt.timedelta = dt.timedelta(0)
    strikes: tuple[tuple[int, dt.datetime], ...] = ()
    told: int = 0
    mark: int = 0
    unpaused: dt.datetime | None = None

    @property
    def left(self) -> dt.timedelta:
        """What was left of the promise when the clock was last paused or wound."""
        length = self.promised.length if self.promised is not None else dt.timedelta(0)
        return max(length - self.spent, dt.timedelta(0))

    def reached(self, now: dt.datetime) -> int:
        """The greatest share whose instant has come."""
        return max((share for share, at in self.strikes if at <= now), default=0)

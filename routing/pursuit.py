"""Where the hunt for somebody who takes an incident stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Hunting(StrEnum):
    """What the hunt for somebody who takes the incident is doing."""

    STEPS = "steps"
    BREATH = "breath"  # a pass was over too quickly to tell the caller; the next waits a moment
    LAST_RESORT = "last_resort"
    RESTING = "resting"  # everybody was tried; the next round begins after `again_after`
    ROW = "row"  # waits for the desk, in the row
    LATER = "later"  # those at the desk are told when it opens
    QUIET = "quiet"  # nobody is rung: not entitled to wake people
    OVER = "over"

    @property
    def moving(self) -> bool:
        """True while a step is under way, and its end leads to the next."""
        return self in (Hunting.STEPS, Hunting.LAST_RESORT)

    @property
    def seeking(self) -> bool:
        """True while people are sought in rounds, until somebody takes it."""
        return self.moving or self in (Hunting.BREATH, Hunting.RESTING)


LONGEST_WAIT = dt.timedelta(minutes=10)
"""No carrier lets a telephone ring for longer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person of the step under way; ``tried`` counts phones rung, ``passed`` ends the turn."""

    engineer: str
    tried: int = 0
    passed: bool = False
    until: dt.datetime | None = None  # a busy person is waited for this long
    asked: bool = False  # for this caller, by themselves: goes before any other turn
    beside: bool = False  # rung beside the steps, which wait for nobody but their own people

    def wait_left(self, now: dt.datetime) -> dt.timedelta:
        """How long this person is still waited for; nothing when the end lies further ahead than
        any wait: a clock that was set back since has written that."""
        left = (self.until or now) - now
        return left if dt.timedelta(0) < left <= LONGEST_WAIT else dt.timedelta(0)


@dataclass(frozen=True)
class Hunt:
    """Where the escalation stands: the round, the pass in it, the step in that, and its people.

    ``mark`` changes with each move, so that a timer set for an earlier move does nothing.
    """

    doing: Hunting = Hunting.QUIET
    round: int = 0
    pass_: int = 0
    step: int = 0
    mark: int = 0
    candidates: tuple[Candidate, ...] = ()
    pass_began: dt.datetime | None = None
    missed: tuple[str, ...] = ()  # busy when it was their turn: rung at once when free
    texted: tuple[str, ...] = ()  # told by text in this round
    first: str | None = None  # whoever had the caller before, rung first
    resumes_at: dt.datetime | None = None
    spared: str | None = None  # handed it over: not rung in this round's first pass
    sought: tuple[str, ...] = ()  # everybody rung for this incident so far
    reminded: int = 0  # how often whoever has it was reminded of the call back
    left: tuple[tuple[str, int], ...] = ()  # where the phones of a person go on, if some are left

    def willing(self, people: tuple[str, ...]) -> tuple[str, ...]:
        """Those of a step who are rung in this pass."""
        return tuple(p for p in people if p != self.spared or self.pass_ > 1)

    @property
    def nobody(self) -> str:
        """How a step without anybody to ring is spoken of."""
        but = f" but {self.spared}, who handed it over," if self.spared else ""
        return f"nobody{but} is on call, so it is passed over"

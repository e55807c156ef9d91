"""Virtual time: what happens next, whose clock says what, and what has happened so far."""

from __future__ import annotations

import datetime as dt
import hashlib
import heapq
from collections import deque
from collections.abc import Callable, Generator
from random import Random
from typing import Any

from devtools.simulation.broken import BrokenError

Story = Generator[float, None, Any]
"""What somebody does, one thing after the other; each yield is a number of seconds that pass."""

FOR_EVER = 1e9
DEEPEST = 2
TOLD = 40
AT_ONCE, A_SECOND = 1000, 30
"""More steps than this are no night. Forty callers, and customers who write, need about five a
second; where processes die at many steps, about thirteen."""


class World:
    """One night: everything in it follows from its seed."""

    def __init__(self, seed: str, begins: dt.datetime) -> None:
        """Nothing has happened yet."""
        self.chance = Random(seed)
        self.begins = begins
        self.seconds = 0.0
        self._now, self._now_at = begins, 0.0
        self.skew = dt.timedelta(0)
        self.wrong_by = dt.timedelta(0)
        self.told: deque[tuple[float, str]] = deque(maxlen=TOLD)
        self.digest = hashlib.blake2b(digest_size=16)
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._count = 0
        self._depth = 0
        self._steps = 0

    @property
    def now(self) -> dt.datetime:
        """The true time, which no process knows."""
        if self._now_at != self.seconds:
            self._now_at = self.seconds
            self._now = self.begins + dt.timedelta(seconds=self.seconds)
        return self._now

    @property
    def shown(self) -> dt.datetime:
        """What the clocks of all processes show, but for the little by which each differs."""
        return self.now + self.wrong_by

    def clock(self) -> dt.datetime:
        """The time as the process that is at work now sees it."""
        return self.shown + self.skew

    def tell(self, what: str) -> None:
        """Remember what happened."""
        self.told.append((self.seconds, what))
        self.digest.update(f"{self.seconds:.6f} {what}\n".encode())

    @property
    def story(self) -> str:
        """The last of what happened, a line each."""
        at = ((self.begins + dt.timedelta(seconds=seconds), what) for seconds, what in self.told)
        return "\n".join(f"  {moment:%H:%M:%S.%f} {what}" for moment, what in at)

    def likely(self, probability: float) -> bool:
        """Drawn; what can never happen draws nothing."""
        return probability > 0 and self.chance.random() < probability

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        """Have something happen after a while."""
        self._count += 1
        heapq.heappush(self._agenda, (self.seconds + seconds, self._count, what))

    def run(self, until: float) -> None:
        """Let everything happen that happens by then."""
        while self._agenda and self._agenda[0][0] <= until:
            self._next()
        self.seconds = max(self.seconds, until)

    def meanwhile(self, seconds: float) -> None:
        """Time passes for whoever is at work, and others go on; they, too, a little."""
        if self._depth >= DEEPEST:
            return
        self._depth += 1
        skew, until = self.skew, self.seconds + seconds
        try:
            while self._agenda and self._agenda[0][0] <= until:
                self._next()
            self.seconds = max(self.seconds, until)
        finally:
            self.skew = skew
            self._depth -= 1

    def _next(self) -> None:
        at, _, what = heapq.heappop(self._agenda)
        self.seconds = max(self.seconds, at)
        self.skew = dt.timedelta(0)
        self._steps += 1
        if self._steps > AT_ONCE + A_SECOND * self.seconds:
            raise BrokenError("the night does not end", f"{self._steps} steps")
        what()


class Process:
    """A story under way; it can be interrupted by raising something in it."""

    def __init__(self, world: World, story: Story) -> None:
        """Begins at once, as soon as others let go."""
        self._world = world
        self._story = story
        self._turn = 0
        self.acting = False
        self.over = False
        world.later(0, lambda: self._go_on(0))

    def interrupt(self, reason: Exception) -> None:
        """Raise this in the story; one that is in the middle of something hears it right after."""
        if self.over:
            return
        if self.acting:
            self._world.later(0.001, lambda: self.interrupt(reason))
            return
        self._turn += 1
        self._act(lambda: self._story.throw(reason))

    def _go_on(self, turn: int) -> None:
        if turn == self._turn and not self.over:
            self._turn += 1
            self._act(lambda: next(self._story))

    def _act(self, step: Callable[[], float]) -> None:
        self.acting = True
        try:
            pause = step()
        except StopIteration:
            self.over = True
        else:
            if pause < FOR_EVER:
                turn = self._turn
                self._world.later(pause, lambda: self._go_on(turn))
        finally:
            self.acting = False

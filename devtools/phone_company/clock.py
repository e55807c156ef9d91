"""The company's time: every duration, timer and timestamp comes from one clock."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol


class Clock(Protocol):
    """What the company asks of time."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return once that many seconds have passed on this clock."""


class RealClock:
    """Time as it passes on the wall."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Return after that many real seconds."""
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """Time that stands still until somebody advances it."""

    def __init__(self, start: datetime | None = None) -> None:
        """Begin at `start`, or at the present moment."""
        self._now = (start or datetime.now(UTC)).astimezone(UTC)
        self._order = itertools.count()
        self._timers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Return the moment this clock was last moved to."""
        return self._now

    def due(self) -> datetime | None:
        """Return when somebody wants to be woken next; None when nobody does."""
        while self._timers and self._timers[0][2].done():
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    async def sleep(self, seconds: float) -> None:
        """Return once the clock has been advanced that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        timer = asyncio.get_running_loop().create_future()
        due = self._now + timedelta(seconds=seconds)
        heapq.heappush(self._timers, (due, next(self._order), timer))
        await timer

    async def advance(self, seconds: float, settle: Callable[[], Awaitable[None]]) -> None:
        """Fire the timers of the next `seconds` in order, settling after each."""
        target = self._now + timedelta(seconds=seconds)
        await settle()
        while (due := self.due()) and due <= target:
            self._now = due
            heapq.heappop(self._timers)[2].set_result(None)
            await settle()
        self._now = target


async def first_of(*happenings: Coroutine[Any, Any, Any]) -> int:
    """Return the index of the first happening to finish, and call the others off."""
    tasks = [asyncio.ensure_future(happening) for happening in happenings]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        winner = next(number for number, task in enumerate(tasks) if task.done())
        tasks[winner].result()
        return winner
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

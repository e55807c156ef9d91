"""The running news of the company, for pages and tests that watch it."""

import asyncio
from typing import Any

from devtools.phone_company.clock import Clock


class Feed:
    """A numbered list of everything that happened."""

    def __init__(self, clock: Clock) -> None:
        """Stamp each event with the company's time."""
        self._clock = clock
        self._news = asyncio.Event()
        self.events: list[dict[str, Any]] = []

    def publish(self, what: str, **details: Any) -> dict[str, Any]:
        """Add an event and wake everybody who waits for one."""
        at = self._clock.now().isoformat()
        event = {"number": len(self.events) + 1, "at": at, "what": what, **details}
        self.events.append(event)
        self._news.set()
        self._news = asyncio.Event()
        return event

    async def news(self) -> None:
        """Return at the next event."""
        await self._news.wait()

    async def after(self, number: int, patience: float) -> list[dict[str, Any]]:
        """Return the events after `number`, waiting up to `patience` real seconds for the first."""
        if len(self.events) <= number and patience > 0:
            try:
                async with asyncio.timeout(patience):
                    await self.news()
            except TimeoutError:
                return []
        return self.events[number:]

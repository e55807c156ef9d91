"""What is on the wire at this moment, and when everything has come to rest."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

# A chain of wake-ups inside the company is never longer than a few turns of the event loop.
_TURNS_OF_REST = 50


class Traffic:
    """Counts the requests that are under way in either direction."""

    def __init__(self) -> None:
        """Start with an empty wire."""
        self._count = 0
        self._rest = asyncio.Event()
        self._rest.set()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count one request for as long as the block lasts."""
        self._count += 1
        self._rest.clear()
        try:
            yield
        finally:
            self._count -= 1
            if self._count == 0:
                self._rest.set()

    async def settle(self) -> None:
        """Return once nothing is on the wire and every call waits for time or for a key."""
        turns = 0
        while turns < _TURNS_OF_REST:
            if self._count:
                await self._rest.wait()
                turns = 0
            await asyncio.sleep(0)
            turns += 1

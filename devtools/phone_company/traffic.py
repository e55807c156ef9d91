"""What is on the wire at this moment, and when everything has come to rest."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

_TURNS_OF_REST = 3
"""The event loop is at rest when it has had nothing to do for so many turns in a row."""


class Traffic:
    """Counts the requests that are under way in either direction."""

    def __init__(self) -> None:
        """Start with an empty wire."""
        self._count = 0
        self._watchers = 0
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
        # The handles that the loop runs next; asyncio has no public way to ask for them. Each of
        # those who wait here has one of its own among them.
        ready = getattr(asyncio.get_running_loop(), "_ready")  # noqa: B009
        turns = 0
        while turns < _TURNS_OF_REST:
            if self._count:
                await self._rest.wait()
                turns = 0
            self._watchers += 1
            await asyncio.sleep(0)
            self._watchers -= 1
            turns = turns + 1 if len(ready) <= self._watchers else 0

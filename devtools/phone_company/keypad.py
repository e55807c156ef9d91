"""The keys of one handset: what was pressed and not yet read."""

import asyncio
from collections import deque


class Keypad:
    """Keeps keys in order until somebody reads them."""

    def __init__(self) -> None:
        """Start with nothing pressed."""
        self._keys: deque[str] = deque()
        self._pressed = asyncio.Event()

    @property
    def waiting(self) -> bool:
        """Whether a key waits to be read."""
        return bool(self._keys)

    def press(self, key: str) -> None:
        """Add a key behind those that still wait."""
        self._keys.append(key)
        self._pressed.set()

    async def touched(self) -> None:
        """Return once a key waits, and leave it there."""
        await self._pressed.wait()

    def take(self) -> str:
        """Take the key that has waited longest."""
        key = self._keys.popleft()
        if not self._keys:
            self._pressed.clear()
        return key

    def forget(self) -> None:
        """Drop what was pressed."""
        self._keys.clear()
        self._pressed.clear()

"""What a person says into the handset."""

import asyncio
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Utterance:
    """Something said, and how many seconds it took."""

    seconds: float
    text: str


class Voice:
    """Keeps what was said until somebody listens."""

    def __init__(self) -> None:
        """Start silent."""
        self._said: deque[Utterance] = deque()
        self._speaking = asyncio.Event()

    def speak(self, utterance: Utterance) -> None:
        """Say something."""
        self._said.append(utterance)
        self._speaking.set()

    async def touched(self) -> None:
        """Return once something was said, and leave it there."""
        await self._speaking.wait()

    def take(self) -> Utterance:
        """Take what was said first."""
        utterance = self._said.popleft()
        if not self._said:
            self._speaking.clear()
        return utterance

    def forget(self) -> None:
        """Drop what was said while nobody listened."""
        self._said.clear()
        self._speaking.clear()

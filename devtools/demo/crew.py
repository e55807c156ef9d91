"""The processes of the demo: begun anew when they die, ended whole."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress

from devtools.processes.process import Process, Surroundings, send

REST = 0.5
"""Seconds before a process that died is begun anew."""


class Member(Process):
    """One process, kept alive until it is told to end."""

    def __init__(self, name: str, command: str | Sequence[str], around: Surroundings) -> None:
        """Starts nothing yet."""
        super().__init__(name, command, around)
        self._keeping: asyncio.Task[None] | None = None
        self._beginning, self._ending = asyncio.Lock(), asyncio.Event()

    async def keep(self) -> None:
        """Begin, and go on beginning."""
        self._keeping = asyncio.create_task(self._keep(await self.begin()))

    async def end(self) -> None:
        """End the process and everything it started."""
        async with self._beginning:
            self._ending.set()
        await super().end()
        if self._keeping is not None:
            await self._keeping

    async def _keep(self, process: asyncio.subprocess.Process) -> None:
        while True:
            await process.wait()
            send(process.pid, signal.SIGKILL)  # what a killed master has left
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), REST)
            async with self._beginning:
                if self._ending.is_set():
                    return
                process = await self.begin()


class Crew:
    """Everybody at work."""

    def __init__(self) -> None:
        """Nobody yet."""
        self.members: list[Member] = []

    async def add(self, member: Member) -> None:
        """Begin a process and keep it."""
        self.members.append(member)
        await member.keep()

    async def end(self) -> None:
        """End all at once."""
        await asyncio.gather(*(member.end() for member in self.members))

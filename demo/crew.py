"""The processes of the demo: each in a group of its own, begun anew when it dies, ended whole."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from demo.site import ROOT, DemoError

PATIENCE = 8.0
"""Seconds a process gets to end by itself; web lets its calls finish."""
REST = 0.5
"""Seconds before a process that died is begun anew."""


@dataclass(frozen=True)
class Surroundings:
    """What every process shares."""

    environment: Mapping[str, str]
    logs: Path


class Member:
    """One process, kept alive until it is told to end."""

    def __init__(self, name: str, command: str | Sequence[str], around: Surroundings) -> None:
        """Starts nothing yet."""
        self.name, self.starts = name, 0
        self.log = around.logs / f"{name}.log"
        self._command = command if isinstance(command, str) else shlex.join(command)
        self._environment = around.environment
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._beginning, self._ending = asyncio.Lock(), asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process as it is now, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def once(self) -> None:
        """Run to the end; DemoError when it failed."""
        try:
            failed = await (await self._begin()).wait() != 0
        finally:
            await self.end()
        if failed:
            last = self.log.read_text(errors="replace").strip().rpartition("\n")[2]
            raise DemoError(f"{self.name} failed, says {self.log}: {last or 'nothing'}")

    async def keep(self) -> None:
        """Begin, and go on beginning."""
        await self._begin()
        self._keeping = asyncio.create_task(self._keep())

    async def end(self) -> None:
        """End the process and everything it started."""
        async with self._beginning:
            self._ending.set()
        process = self._process
        if process is not None:
            _signal(process.pid, signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), PATIENCE)
            _signal(process.pid, signal.SIGKILL)
        if self._keeping is not None:
            await self._keeping

    async def _keep(self) -> None:
        while self._process is not None:
            await self._process.wait()
            _signal(self._process.pid, signal.SIGKILL)  # what a killed master has left
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), REST)
            async with self._beginning:
                if self._ending.is_set():
                    return
                await self._begin()

    async def _begin(self) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_shell(
                f"exec {self._command}",
                cwd=ROOT,
                env=dict(self._environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        self.starts += 1
        return self._process


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


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

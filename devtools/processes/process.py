"""One process in a group of its own, so that all it started ends with it."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devtools.processes import HOUSE, WorksError
from devtools.processes.tied import tied_to_us

PATIENCE = 8.0
"""Seconds a process gets to end by itself; web lets its calls finish."""


@dataclass(frozen=True)
class Surroundings:
    """What every process of one place shares: what it is told, where it writes, as whom it runs.

    ``inside`` is put before each command, to run it in some other place: a network, a user.
    ``home`` is the working directory.
    """

    environment: Mapping[str, str]
    logs: Path
    inside: str = ""
    home: Path = HOUSE


class Process:
    """One process, begun as often as it is told to."""

    def __init__(self, name: str, command: str | Sequence[str], around: Surroundings) -> None:
        """Starts nothing yet."""
        self.name, self.starts = name, 0
        self.log = around.logs / f"{name}.log"
        plain = command if isinstance(command, str) else shlex.join(command)
        self._command = f"{around.inside} {plain}".strip()
        self._environment, self._home = around.environment, around.home
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process as it is now, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def begin(self) -> asyncio.subprocess.Process:
        """Begin, once more where it has ended."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_shell(
                f"exec {self._command}",
                cwd=self._home,
                env=dict(self._environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to handle
                preexec_fn=tied_to_us(),
            )
        self.starts += 1
        return self._process

    async def once(self) -> None:
        """Run to the end; WorksError when it failed."""
        try:
            failed = await (await self.begin()).wait() != 0
        finally:
            await self.end()
        if failed:
            last = self.log.read_text(errors="replace").strip().rpartition("\n")[2]
            raise WorksError(f"{self.name} failed, says {self.log}: {last or 'nothing'}")

    async def end(self) -> None:
        """End the process and everything it started."""
        process = self._process
        if process is not None:
            send(process.pid, signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), PATIENCE)
            send(process.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """kill -9, with all it started, whatever groups they made of themselves."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        family = [process.pid, *children(process.pid)]
        for member in family:
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        send(process.pid, signal.SIGKILL)
        await process.wait()


def send(group: int, number: signal.Signals) -> None:
    """A signal to a whole group, which may be gone by now."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def children(parent: int) -> Iterator[int]:
    """The processes that this one began, and theirs; none where /proc does not tell."""
    with suppress(OSError):
        for line in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            yield int(line)
            yield from children(int(line))

"""The processes of one machine, each killed and begun anew by its name."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from devtools.processes import LOOPBACK, WorksError
from devtools.processes.ports import is_open
from devtools.processes.process import Process
from service.bootstrap import now
from store.db.engine import open_engine
from store.work.metrics import Heartbeats

PATIENCE = 60.0
LOOK_EVERY = 0.05


There = Callable[[dt.datetime], bool]
"""Whether something that was begun at this moment is there."""


def no_mess() -> None:
    """What is left behind stays as it is."""


@dataclass(frozen=True)
class Part:
    """A process, how one sees that it is there, and what goes with it when it is killed."""

    process: Process
    there: There
    wipe: Callable[[], None] = no_mess


class Plant:
    """The parts by name; they are begun in this order and ended in the other."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        """Begins nothing yet."""
        self.parts = parts

    async def begin(self, name: str) -> None:
        """Begin a part, and wait until it is there."""
        part = self.parts[name]
        deadline, begun = time.monotonic() + PATIENCE, now()
        await part.process.begin()
        while not await asyncio.to_thread(part.there, begun):
            if part.process.pid is None:
                await part.process.begin()  # what was killed had not quite let go of its place
            if time.monotonic() > deadline:
                raise WorksError(f"{name} does not come up; see {part.process.log}.")
            await asyncio.sleep(LOOK_EVERY)

    async def kill(self, name: str) -> None:
        """kill -9, children and all, and its data where they do not outlive it."""
        await self.parts[name].process.kill()
        self.parts[name].wipe()

    async def end(self) -> None:
        """Kill all of them: nothing here is worth a farewell."""
        for part in reversed(list(self.parts.values())):
            with suppress(ProcessLookupError):
                await part.process.kill()


def on_port(port: int, address: str = LOOPBACK) -> There:
    """True once somebody answers there."""
    return lambda _since: is_open(port, address)


def beating(database_url: str, kind: str) -> There:
    """True once a process of this kind has given a sign of life since it was begun."""
    engine = open_engine(database_url)

    def ask(since: dt.datetime) -> bool:
        try:
            seen = Heartbeats(engine).last(kind)
        except SQLAlchemyError:
            return False
        return seen is not None and seen > since

    return ask


def takes_queries(url: str) -> There:
    """True once this PostgreSQL has recovered."""
    plain = url.replace("+psycopg", "")

    def ask(_since: dt.datetime) -> bool:
        try:
            psycopg.connect(plain, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    return ask


def emptied(folder: Path) -> Callable[[], None]:
    """Everything in this folder is gone, and the folder is there."""

    def wipe() -> None:
        shutil.rmtree(folder)
        folder.mkdir()

    return wipe

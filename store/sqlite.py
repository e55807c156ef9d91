"""SQLite: one file, many readers, one writer at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from store.hurry import POOL_TIMEOUT

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=2000",
)
_IN_LINE = 1.0
"""Seconds; with the two above, what a caller may wait: the carrier gives up after 4.5."""

_MAKING = Lock()
"""Nobody uses a file between its making and the end of it."""

_TURNS: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """The writers of one process stand in line: SQLite would let each sleep, look again, and be
    overtaken. Whose turn does not come in time tries all the same, and is told that it is busy."""
    if engine.dialect.name != "sqlite":
        yield
        return
    ours = _TURNS.setdefault(engine, Lock())
    taken = ours.acquire(timeout=_IN_LINE)
    try:
        yield
    finally:
        if taken:
            ours.release()


def keep_from_others(file: Path) -> None:
    """Make the file and its folder, readable by no other users whatever the umask says, and shut
    out those who could read a file that is there. SQLite gives its mode to the files beside it.

    A file that exists is never opened here: to close it would end every lock that this process has
    on it, and another process would then delete the log of a database that is in use."""
    file.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
    with _MAKING, suppress(OSError):  # SQLite will say what is wrong
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o660))
    for one in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        with suppress(OSError):  # somebody else's file is theirs
            mode = one.stat().st_mode
            if mode & stat.S_IRWXO:
                one.chmod(stat.S_IMODE(mode) & ~stat.S_IRWXO)


def open_sqlite(address: URL) -> Engine:
    """An engine for the file of this address, which is made when it is first used."""
    engine = create_engine(address, pool_timeout=POOL_TIMEOUT, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # or Python's driver begins transactions of its own
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "do_connect")
    def make_file(*_: Any) -> None:
        if address.database and not address.database.startswith((":memory:", "file:")):
            keep_from_others(Path(address.database))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Immediate: a reader that turns writer halfway would fail at once, whatever the timeout.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine

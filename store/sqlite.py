"""SQLite: one file, many readers, one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


def open_sqlite(address: URL) -> Engine:
    """An engine for the file of this address, which is made when it is first used."""
    engine = create_engine(address, pool_timeout=POOL_TIMEOUT, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # or Python's driver begins transactions of its own
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "do_connect")
    def make_folder(*_: Any) -> None:
        if address.database and address.database != ":memory:":
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Immediate: a reader that turns writer halfway would fail at once, whatever the timeout.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine

"""The way to the database, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from store.hurry import connect
from store.vanished import noticed

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=3000",  # the carrier waits 4.5 s for us, and the sentence must fit too
)

POOL_TIMEOUT = 2.0
"""Seconds that somebody waits for one of our connections; the carrier waits 4.5 for an answer."""

_READ_ONLY = "25006"  # PostgreSQL: a standby, or a server that was told to write nothing

Witness = tuple[Callable[[Connection], None], Callable[[Connection], None]]
"""What is done before a transaction is committed, with it, and what after."""

WITNESS: ContextVar[Witness | None] = ContextVar("witness", default=None)
"""Who sees what is written from here on; nobody unless somebody changes something by hand."""

_held: ContextVar[Connection | None] = ContextVar("held", default=None)


def open_engine(url: str) -> Engine:
    """An engine for this address; touches no database until it is used, and its errors show no
    values, which may be names and telephone numbers."""
    address = _address(url)
    return _sqlite(address) if address.get_backend_name() == "sqlite" else _postgresql(address)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that reads committed state of one moment; takes no write lock."""
    held = _held.get()
    if held is not None and held.engine is engine:
        yield held
        return
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def one_moment(engine: Engine) -> Iterator[None]:
    """Until its end, all that this thread reads is of the moment of the first look."""
    with reading(engine) as connection:
        before = _held.set(connection)
        try:
            yield
        finally:
            _held.reset(before)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, undone when something is raised."""
    with engine.connect() as connection:
        connection.execution_options(writes=True)
        witness = WITNESS.get()
        with connection.begin():
            yield connection
            if witness is not None:
                witness[0](connection)
        if witness is not None:
            witness[1](connection)


def away(error: DBAPIError) -> bool:
    """True when it is worth another try: the database is gone, full, or a standby for now."""
    return isinstance(error, OperationalError) or _sqlstate(error.orig) == _READ_ONLY


def why(error: SQLAlchemyError) -> str:
    """What a failure is called where it was made, such as SQLITE_FULL; never a value."""
    origin = error.orig if isinstance(error, DBAPIError) else None
    name = getattr(origin, "sqlite_errorname", None) or type(origin or error).__name__
    return str(name)


def _address(url: str) -> URL:
    address = make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    return address


def _sqlstate(error: BaseException | None) -> str | None:
    return getattr(error, "sqlstate", None)


def _postgresql(address: URL) -> Engine:
    engine = create_engine(
        address,
        pool_pre_ping=True,
        pool_timeout=POOL_TIMEOUT,
        hide_parameters=True,
        connect_args=noticed(address),
    )

    @event.listens_for(engine, "do_connect")
    def in_time(_dialect: Any, _record: Any, given: Any, named: Any) -> Any:
        return connect(*given, **named)

    @event.listens_for(engine, "handle_error")
    def leave_the_standby(context: ExceptionContext) -> None:
        # After a fail-over our connections may still lead to what is a standby now.
        if _sqlstate(context.original_exception) == _READ_ONLY:
            context.is_disconnect = True

    return engine


def _sqlite(address: URL) -> Engine:
    engine = create_engine(address, pool_timeout=POOL_TIMEOUT, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # or Python's driver begins transactions of its own
        for pragma in _SQLITE_PRAGMAS:
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

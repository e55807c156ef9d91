"""The way to the database, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from store.postgresql import READ_ONLY, open_postgresql, sqlstate
from store.sqlite import open_sqlite, turn

Witness = tuple[Callable[[Connection], None], Callable[[Connection], None]]
"""What is done before a transaction is committed, with it, and what after."""

WITNESS: ContextVar[Witness | None] = ContextVar("witness", default=None)
"""Who sees what is written from here on; nobody unless somebody changes something by hand."""

_held: ContextVar[Connection | None] = ContextVar("held", default=None)


def open_engine(url: str) -> Engine:
    """An engine for this address; touches no database until it is used, and its errors show no
    values, which may be names and telephone numbers."""
    address = _address(url)
    ours = address.get_backend_name() == "sqlite"
    return open_sqlite(address) if ours else open_postgresql(address)


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
    with turn(engine), engine.connect() as connection:
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
    return isinstance(error, OperationalError) or sqlstate(error.orig) == READ_ONLY


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

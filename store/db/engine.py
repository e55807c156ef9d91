"""Engines, and transactions that read or write, for SQLite and PostgreSQL alike."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError, SQLAlchemyError

from store.db.deadlines import POOL_TIMEOUT, seconds_left

if TYPE_CHECKING:
    from store.db.postgresql import Pooler

Witness = tuple[Callable[[Connection], None], Callable[[Connection], None]]
"""Called with the connection before a writing transaction commits, and after."""

WITNESS: ContextVar[Witness | None] = ContextVar("witness", default=None)
"""The witness of what this context writes; set while a person changes something."""

POOL_SIZE = 16
"""Connections that a process keeps, once it has needed so many: a worker places as many calls at
once."""

_held: ContextVar[Connection | None] = ContextVar("held", default=None)


def open_engine(url: str) -> Engine:
    """An engine for this address, which does not connect yet. Its errors contain no values, which
    may be names and phone numbers."""
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return open_sqlite(address)
    return open_postgresql(address)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that reads committed state of one moment, without a write lock."""
    held = _held.get()
    if held is not None and held.engine is engine:
        yield held
        return
    with engine.connect() as connection:
        begin_sqlite(connection)
        if engine.dialect.name != "sqlite":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[None]:
    """Within it, every read of this thread is of the moment of the first one."""
    with reading(engine) as connection:
        before = _held.set(connection)
        try:
            yield
        finally:
            _held.reset(before)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back when something is raised."""
    witness = WITNESS.get()
    with write_turn(engine), engine.connect() as connection:
        begin_sqlite(connection, writes=True)
        yield connection
        if witness is not None:
            witness[0](connection)
        _commit(connection)
        if witness is not None:
            witness[1](connection)


def _commit(connection: Connection) -> None:
    """Commit what was written by SQLAlchemy and by its driver. Both see one transaction, which is
    rolled back when its connection goes back to the pool before this."""
    connection.commit()
    driver: Any = connection.connection.driver_connection
    try:
        driver.commit()
    except connection.dialect.loaded_dbapi.Error as error:
        raise_driver_error(connection, error)


def raise_driver_error(connection: Connection, error: Exception) -> NoReturn:
    """Raise an error of the driver as SQLAlchemy does, without values. The connections to a server
    that is lost, or has become a standby, are given up."""
    dialect, driver = connection.dialect, connection.connection.driver_connection
    known: Any = error
    lost = dialect.is_disconnect(known, driver, None) or sqlstate(error) == READ_ONLY
    if lost:
        connection.invalidate(error)
        connection.engine.dispose()
    raise DBAPIError.instance(
        None, None, error, dialect.loaded_dbapi.Error, True, lost, dialect
    ) from error


def is_unavailable(error: DBAPIError) -> bool:
    """True when a retry makes sense: the database is away, full, or a standby for now."""
    return isinstance(error, OperationalError) or sqlstate(error.orig) == READ_ONLY


def describe_error(error: SQLAlchemyError) -> str:
    """The name of an error at its origin, such as SQLITE_FULL; never a value."""
    origin = error.orig if isinstance(error, DBAPIError) else None
    name = getattr(origin, "sqlite_errorname", None) or type(origin or error).__name__
    return str(name)


def _address(url: str) -> URL:
    address = make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    return address


# SQLite: one file, many readers, one writer at a time.


_BUSY_SECONDS = 2.0
"""Seconds to wait for the writer of another process."""

_PATIENT = f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000:.0f}"
_IMPATIENT = "PRAGMA busy_timeout=0"
_RETRY_SECONDS = 0.0005
"""A transaction takes about as long. SQLite would wait for up to a hundred times as long."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    _PATIENT,
)
_IN_LINE = 1.0
"""Seconds to wait for the write turn; with the others 3 of the 4.5 that the carrier waits."""

_MAKING = Lock()
"""Held while a file is created."""

_TURNS: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()


@contextmanager
def write_turn(engine: Engine) -> Iterator[None]:
    """Let the writers of a process take turns: SQLite would let each sleep and be overtaken. A
    writer whose turn does not come in time tries all the same, and fails when SQLite is busy."""
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


def restrict_file(file: Path) -> None:
    """Create the file and its folder with access for no other users, whatever the umask, and remove
    such access from a file that exists. SQLite gives its mode to the -wal and -shm files.

    A file that exists is never opened here: to close it would end every lock that this process has
    on it, and another process would then delete the log of a database that is in use."""
    file.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
    with _MAKING, suppress(OSError):  # SQLite reports what is wrong
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o660))
    for one in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        with suppress(OSError):  # the file of another user
            mode = one.stat().st_mode
            if mode & stat.S_IRWXO:
                one.chmod(stat.S_IMODE(mode) & ~stat.S_IRWXO)


def open_sqlite(address: URL) -> Engine:
    """An engine for the file of this address, which is created on first use."""
    engine = create_engine(
        address,
        pool_size=POOL_SIZE,
        pool_use_lifo=True,
        pool_timeout=POOL_TIMEOUT,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # or Python's driver begins transactions of its own
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "do_connect")
    def make_file(*_: Any) -> None:
        if address.database and not address.database.startswith((":memory:", "file:")):
            restrict_file(Path(address.database))

    event.listen(engine, "begin", begin_sqlite)
    return engine


def begin_sqlite(connection: Connection, *, writes: bool = False) -> None:
    """Begin a transaction of SQLite unless its driver has begun one; the driver of PostgreSQL
    begins by itself. One that writes is immediate: a reader that becomes a writer halfway would
    fail at once, however long it may wait."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver.in_transaction:
        return
    try:
        if writes:
            _begin_immediate(driver)
        else:
            driver.execute("BEGIN")
    except sqlite3.Error as error:
        raise_driver_error(connection, error)


def _begin_immediate(driver: sqlite3.Connection) -> None:
    """Wait for the writers of other processes, and look often whether they have finished."""
    until = time.monotonic() + min(_BUSY_SECONDS, seconds_left() or _BUSY_SECONDS)
    driver.execute(_IMPATIENT)
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                    raise
            time.sleep(_RETRY_SECONDS)
    finally:
        driver.execute(_PATIENT)


# PostgreSQL: a server that may be away, slow, or a standby.


READ_ONLY = "25006"
"""The SQLSTATE of a standby or a read-only server."""


_POOLERS: WeakKeyDictionary[Engine, Pooler] = WeakKeyDictionary()


class PooledError(Exception):
    """A task needs a session of its own, which a pool does not give; the message is a sentence."""


def open_postgresql(address: URL) -> Engine:
    """An engine for the server of this address; it reconnects when the server became a standby."""
    from store.db.postgresql import Pooler, connect_args

    pooler = Pooler(own_options="options" in address.query)
    engine = create_engine(
        address,
        pool_size=POOL_SIZE,
        pool_use_lifo=True,
        pool_timeout=POOL_TIMEOUT,
        hide_parameters=True,
        connect_args=connect_args(address),
        isolation_level="READ COMMITTED",  # whatever the role or the database says
    )
    _POOLERS[engine] = pooler

    @event.listens_for(engine, "checkout")
    def check(driver: Any, _record: Any, _proxy: Any) -> None:
        if pooler.is_ended(driver):
            raise DisconnectionError  # the pool connects again

    @event.listens_for(engine, "do_connect")
    def in_time(_dialect: Any, _record: Any, given: Any, named: Any) -> Any:
        return pooler.connect(given, named)

    @event.listens_for(engine, "handle_error")
    def leave_the_standby(context: ExceptionContext) -> None:
        # After a failover, connections may still lead to the old primary.
        if sqlstate(context.original_exception) == READ_ONLY:
            context.is_disconnect = True

    return engine


def needs_own_session(engine: Engine, what: str) -> None:
    """Raises PooledError when PgBouncer is between this process and the server."""
    engine.connect().close()
    if _POOLERS[engine].pooled:
        raise PooledError(
            f"{what} needs a session of its own, and PgBouncer hands out none: run it with a "
            "DATABASE_URL that names PostgreSQL itself."
        )


def sqlstate(error: BaseException | None) -> str | None:
    """The SQLSTATE of an error of PostgreSQL."""
    return getattr(error, "sqlstate", None)

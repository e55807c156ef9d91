"""The way to the database, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

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


# SQLite: one file, many readers, one writer at a time.


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


# A session of PostgreSQL with our settings, also where PgBouncer stands between. A pool hands
# each transaction to another session: options of the start are refused or swallowed, and
# statements that were prepared are not found again. TimeZone and DateStyle it carries along.


MARK = "priority_line.direct"
"""A setting of our own that only the session itself can know."""

_REFUSED = "unsupported startup parameter"
_SETTLE = (
    f"SELECT current_setting('{MARK}', true), set_config('TimeZone', 'UTC', false),"
    " set_config('DateStyle', 'ISO, YMD', false)"
)


class Pooler:
    """What one engine knows of the way to its server."""

    def __init__(self, *, own_options: bool) -> None:
        """``own_options``: the address asks for some that a pool would lose."""
        self.pooled = False
        self._own_options = own_options

    def connect(self, given: Any, named: Any) -> psycopg.Connection[Any]:
        """A connection with our settings; raises OperationalError."""
        connection = self._connected(given, named)
        try:
            self._settle(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self, given: Any, named: Any) -> psycopg.Connection[Any]:
        named = named | {"client_encoding": "UTF8"}
        plain = {name: value for name, value in named.items() if name != "options"}
        if self.pooled:
            return connect(*given, **plain)
        try:
            return connect(*given, **named)
        except psycopg.OperationalError as error:
            if _REFUSED not in str(error):
                raise
        return connect(*given, **plain)

    def _settle(self, connection: psycopg.Connection[Any]) -> None:
        connection.autocommit = True
        row = connection.execute(_SETTLE).fetchone()
        connection.autocommit = False
        self.pooled = row is None or row[0] != "on"
        if not self.pooled:
            return
        connection.prepare_threshold = None
        if self._own_options:
            raise psycopg.OperationalError(
                "DATABASE_URL has options behind the ?, which PgBouncer does not pass on: set them "
                "for the role with ALTER ROLE"
            )


# PostgreSQL: a server elsewhere, which may be gone, slow, or a standby.


READ_ONLY = "25006"
"""What a standby says, or a server that was told to write nothing."""


_POOLERS: WeakKeyDictionary[Engine, Pooler] = WeakKeyDictionary()


class PooledError(Exception):
    """What needs a session of its own cannot be done through a pool; the message is a sentence."""


def open_postgresql(address: URL) -> Engine:
    """An engine for the server of this address; leaves it when it has become a standby."""
    pooler = Pooler(own_options="options" in address.query)
    engine = create_engine(
        address,
        pool_pre_ping=True,
        pool_timeout=POOL_TIMEOUT,
        hide_parameters=True,
        connect_args=noticed(address),
        isolation_level="READ COMMITTED",  # whatever the role or the database says
    )
    _POOLERS[engine] = pooler

    @event.listens_for(engine, "do_connect")
    def in_time(_dialect: Any, _record: Any, given: Any, named: Any) -> Any:
        return pooler.connect(given, named)

    @event.listens_for(engine, "handle_error")
    def leave_the_standby(context: ExceptionContext) -> None:
        # After a fail-over our connections may still lead to what is a standby now.
        if sqlstate(context.original_exception) == READ_ONLY:
            context.is_disconnect = True

    return engine


def needs_own_session(engine: Engine, what: str) -> None:
    """Raises PooledError where PgBouncer stands between us and the server."""
    engine.connect().close()
    if _POOLERS[engine].pooled:
        raise PooledError(
            f"{what} needs a session of its own, and PgBouncer hands out none: run it with a "
            "DATABASE_URL that names PostgreSQL itself."
        )


def sqlstate(error: BaseException | None) -> str | None:
    """PostgreSQL's own code of an error, if it came from there."""
    return getattr(error, "sqlstate", None)


# Hurry: somebody waits for us, so the database is asked for no longer than they wait. A server
# that accepts and never answers would else hold every thread, one caller after the other.


T = TypeVar("T")

POOL_TIMEOUT = 2.0
"""Seconds that somebody waits for one of our connections; the carrier waits 4.5 for an answer."""

_until: ContextVar[float | None] = ContextVar("until", default=None)
_LEAST = 0.001


def hurry(seconds: float | None) -> None:
    """What this thread asks of the database from now on must be over by then; None for any time."""
    _until.set(None if seconds is None else time.monotonic() + seconds)


def left() -> float | None:
    """Seconds that are left, at least nearly nothing; None when there is no hurry."""
    until = _until.get()
    return None if until is None else max(until - time.monotonic(), _LEAST)


class DeadlineConnection(psycopg.Connection[Any]):
    """A connection to PostgreSQL that is given up when the time is up."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """As any connection waits; raises OperationalError when the time is up."""
        try:
            return super().wait(gen, interval, left() if timeout is None else timeout)
        except psycopg.OperationalError:
            if left() == _LEAST:
                self.pgconn.finish()  # the answer may still come, and must not be read as another's
            raise


def connect(*given: Any, **named: Any) -> psycopg.Connection[Any]:
    """A connection, made in the time that is left; raises OperationalError."""
    seconds = left()
    if seconds == _LEAST:
        raise psycopg.OperationalError("no time is left to connect")
    if seconds is not None:
        named["connect_timeout"] = min(named["connect_timeout"], int(seconds))
    return DeadlineConnection.connect(*given, **named)


# Either side of a connection to PostgreSQL may vanish without a word: both notice in seconds.


_SERVER = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A server that vanished is noticed in about ten seconds, not in hours."""

_US = (
    "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2 "
    "-c tcp_user_timeout=4000"
)
"""When we vanish, the server lets go of the rows that we held in about four seconds; until then
nobody else can change them, and by itself it would wait for two hours."""


def noticed(address: URL) -> dict[str, Any]:
    """What a connection is made with; what the address itself asks of the server is kept."""
    given = address.normalized_query.get("options", ())
    return _SERVER | {"options": " ".join((*given, _US, f"-c {MARK}=on"))}

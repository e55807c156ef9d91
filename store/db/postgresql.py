"""Connections to PostgreSQL, with the settings of the line and the deadline of the thread.

PgBouncer may be in between. Its pool gives each transaction another session: it refuses or
swallows options of the start, and prepared statements are not found again. It does pass on
TimeZone and DateStyle. This module is imported only where the database is PostgreSQL.
"""

from __future__ import annotations

import select
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy.engine import URL

from store.db.deadlines import LEAST_SECONDS, seconds_left

T = TypeVar("T")

MARK = "priority_line.direct"
"""A setting of our own that only the session itself can know."""

_REFUSED = "unsupported startup parameter"
_SETTLE = (
    f"SELECT current_setting('{MARK}', true), set_config('TimeZone', 'UTC', false),"
    " set_config('DateStyle', 'ISO, YMD', false)"
)


class Pooler:
    """Connects one engine to its server, and notices a PgBouncer in between."""

    def __init__(self, *, own_options: bool) -> None:
        """``own_options`` is true when the address has options that a pool would lose."""
        self.pooled = False
        self._own_options = own_options

    @staticmethod
    def is_ended(driver: psycopg.Connection[Any]) -> bool:
        """True when the server has ended this idle connection: only then is there something to
        read. It asks the system, not the server, whose answer would take as long as a statement."""
        if driver.closed:
            return True
        idle = select.poll()  # select() refuses the numbers above 1023 of a busy process
        idle.register(driver.fileno(), select.POLLIN)
        return bool(idle.poll(0))

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


class DeadlineConnection(psycopg.Connection[Any]):
    """A connection to PostgreSQL that is closed when the deadline passes."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for an answer. Raises OperationalError when the deadline has passed."""
        try:
            return super().wait(gen, interval, seconds_left() if timeout is None else timeout)
        except psycopg.OperationalError:
            if seconds_left() == LEAST_SECONDS:
                self.pgconn.finish()  # the answer may still come, and must not be read as another's
            raise


def connect(*given: Any, **named: Any) -> psycopg.Connection[Any]:
    """Connect before the deadline. Raises OperationalError."""
    seconds = seconds_left()
    if seconds == LEAST_SECONDS:
        raise psycopg.OperationalError("no time is left to connect")
    if seconds is not None:
        named["connect_timeout"] = min(named["connect_timeout"], int(seconds))
    return DeadlineConnection.connect(*given, **named)


# Either side may vanish without closing the connection; the other side notices within seconds.


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
"""When this host vanishes, the server releases its row locks after about four seconds. By default
it would wait for two hours, and nobody else could change those rows."""


def connect_args(address: URL) -> dict[str, Any]:
    """The arguments of a connection; options of the address itself are kept."""
    given = address.normalized_query.get("options", ())
    return _SERVER | {"options": " ".join((*given, _US, f"-c {MARK}=on"))}

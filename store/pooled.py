"""A session of PostgreSQL with our settings, also where PgBouncer stands between.

A pool hands each transaction to another session: options of the start are refused or swallowed,
and statements that were prepared are not found again. TimeZone and DateStyle it carries along.
"""

from __future__ import annotations

from typing import Any

import psycopg

from store.hurry import connect

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

"""Hurry: somebody waits for us, so the database is asked for no longer than they wait.

A server that accepts and never answers would else hold every thread, one caller after the other.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

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


class Hurried(psycopg.Connection[Any]):
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
    return Hurried.connect(*given, **named)

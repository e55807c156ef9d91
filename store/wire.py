"""The wire to Redis: one short of temper for those who must answer, one patient for those who wait.

The defaults are of no use: they block for seconds when the server is away, or do not try again.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import redis
from redis.backoff import ConstantBackoff, NoBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import MasterDownError, ReadOnlyError
from redis.retry import Retry

HANGS = 3.0
"""Seconds without a word, after which nobody waits for an answer any more."""

ELSEWHERE = (NoConnectionError, ReadOnlyError, MasterDownError)
"""The connection leads to a server that is gone, still loading, or a replica since a failover: a
new connection to the same address finds the master."""


def impatient(url: str) -> redis.Redis:
    """Gives up within a quarter of a second; a connection that has died is made anew once."""
    once_more = Retry(NoBackoff(), 1, supported_errors=ELSEWHERE)
    return redis.Redis.from_url(
        url, socket_connect_timeout=0.25, socket_timeout=0.25, retry=once_more
    )


def patient(url: str) -> redis.Redis:
    """Outlasts a lost connection, and notices one that hangs; whoever waits for longer must ask
    again."""
    for_a_while = Retry(ConstantBackoff(0.25), 4, supported_errors=ELSEWHERE)
    return redis.Redis.from_url(
        url, socket_connect_timeout=2, socket_timeout=HANGS, retry=for_a_while
    )


def hang_up(wire: redis.Redis) -> None:
    """Leave no connection for the next command: whatever this one led to, it was of no use."""
    wire.connection_pool.disconnect(inuse_connections=False)


class Breaker:
    """Remembers that Redis was away, so that not everybody waits to find out again."""

    def __init__(self, rest: float = 2.0, now: Callable[[], float] = time.monotonic) -> None:
        """``rest`` is for how many seconds a failure is believed."""
        self._rest = rest
        self._now = now
        self._until = 0.0

    @property
    def open(self) -> bool:
        """True while there is no use in trying."""
        return self._now() < self._until

    def trip(self) -> None:
        """It failed: rest for a while."""
        self._until = self._now() + self._rest

"""Rings the bell of the workers through RQ. The jobs themselves are in the database.

The queue of RQ contains one job only, as often as it was rung: look at the database. It has no
data, so that nothing which another program writes to Redis can be run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import redis
from redis.backoff import ConstantBackoff, NoBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import MasterDownError, ReadOnlyError, RedisError
from redis.retry import Retry
from rq import Queue

from routing.ports import JobNotifier

LOOK = "look"
"""The id of the job."""

MOST_RINGS = 16
"""So many rings are kept: enough for every worker to hear one."""


def queue_name(installation: str) -> str:
    """The name of the queue; installations that share one Redis have different names."""
    return f"jobs-{installation}"


class RqJobNotifier(JobNotifier):
    """Rings through Redis; does nothing while Redis is away, because the workers also look by
    themselves."""

    def __init__(self, wire: redis.Redis, installation: str) -> None:
        """``wire`` should be a fail-fast client."""
        self._wire = wire
        self._queue = Queue(queue_name(installation), wire)
        self._breaker = Breaker()

    def notify(self, job_ids: Sequence[str]) -> None:
        """Wake a worker, if there are jobs."""
        if job_ids:
            self.ring()

    def ring(self) -> bool:
        """Wake a worker, in one round trip; False when Redis did not take it."""
        if self._breaker.open:
            return False
        try:
            with self._wire.pipeline(transaction=False) as together:
                self._queue.push_job_id(LOOK, together)
                together.ltrim(self._queue.key, -MOST_RINGS, -1)
                together.execute()
        except RedisError:
            self._breaker.trip()
            disconnect(self._wire)
            return False
        return True

    @property
    def reachable(self) -> bool:
        """False for some seconds after Redis did not answer."""
        return not self._breaker.open

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()


class NoJobNotifier(JobNotifier):
    """Wakes nobody: the workers find due jobs by themselves."""

    def notify(self, job_ids: Sequence[str]) -> None:
        """Do nothing."""


# Redis clients: fail-fast for request handlers, retrying for workers. The defaults block for
# seconds when the server is away, or do not try again.


HANGS = 3.0
"""Seconds until a retrying client takes a connection for one that hangs."""

FAST = 0.25
"""Seconds that a fail-fast client waits for a connection, and for an answer."""

ELSEWHERE = (NoConnectionError, ReadOnlyError, MasterDownError)
"""The server is gone, still loading, or a replica since a failover: a new connection to the same
address finds the master."""


def connect_fail_fast(url: str) -> redis.Redis:
    """A client that gives up within a quarter of a second and reconnects once."""
    once_more = Retry(NoBackoff(), 1, supported_errors=ELSEWHERE)
    return redis.Redis.from_url(
        url, socket_connect_timeout=FAST, socket_timeout=FAST, retry=once_more
    )


def connect_retrying(url: str) -> redis.Redis:
    """A client that reconnects for a second, and notices a connection that hangs."""
    for_a_while = Retry(ConstantBackoff(0.25), 4, supported_errors=ELSEWHERE)
    return redis.Redis.from_url(
        url, socket_connect_timeout=2, socket_timeout=HANGS, retry=for_a_while
    )


def disconnect(wire: redis.Redis) -> None:
    """Close idle connections after an error, so that the next command makes a new one."""
    wire.connection_pool.disconnect(inuse_connections=False)


class Breaker:
    """A circuit breaker: remembers that Redis was away, so that others do not wait for it."""

    def __init__(self, rest: float = 2.0, now: Callable[[], float] = time.monotonic) -> None:
        """``rest`` is how many seconds the circuit stays open."""
        self._rest = rest
        self._now = now
        self._until = 0.0

    @property
    def open(self) -> bool:
        """True while requests should not be tried."""
        return self._now() < self._until

    def trip(self) -> None:
        """Record a failure."""
        self._until = self._now() + self._rest

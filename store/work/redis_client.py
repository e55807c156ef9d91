"""Notifies workers of due jobs through RQ. The jobs themselves are in the database."""

from __future__ import annotations

import json
import re
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import redis
from redis.backoff import ConstantBackoff, NoBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import MasterDownError, ReadOnlyError, RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.queue import EnqueueData

from routing.jobs import Lane, Lease, lane_named_in
from routing.ports import JobNotifier

SERIALIZER = "json"  # with pickle, anybody who can write to Redis could run any code
_RUN = "workers.jobs.run"  # by name, because the web process holds no workers
_SECONDS = 10  # after which RQ ends a job that hangs
_FAILURE_KEPT = 60
NO_LANE = lane_named_in("")
"""The lane of an id that names none."""

_LARGEST = 4096  # bytes of a job in Redis; ours have about a hundred
_READ = (b"data", b"origin", b"status", b"created_at", b"enqueued_at", b"started_at", b"ended_at")


def queue_name(installation: str, lane: Lane = NO_LANE) -> str:
    """The name of a lane's queue; installations that share one Redis have different names."""
    return f"jobs-{installation}-{lane}"


class NotifiedJob(Job):
    """A job of the notifier. RQ would import and call whatever a job or its callbacks name, so any
    other job does not exist for it, and only the fields above are read.
    """

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Read the fields from Redis; raises NoSuchJobError unless the notifier wrote them."""
        try:
            read = {name: raw_data[name] for name in _READ if name in raw_data}
            if not _is_ours(read, self.id):
                raise NoSuchJobError(_RUN)
            super().restore(read)
        except Exception:
            raise NoSuchJobError("not a job of this line") from None
        self.timeout, self.result_ttl, self.failure_ttl = _SECONDS, 0, _FAILURE_KEPT


class RqJobNotifier(JobNotifier):
    """Notifies through Redis; does nothing while Redis is away, because the clock sweeps."""

    def __init__(self, wire: redis.Redis, installation: str) -> None:
        """``wire`` should be a fail-fast client."""
        self._wire = wire
        shared: dict[str, Any] = {"serializer": SERIALIZER, "job_class": NotifiedJob}
        names = {lane: queue_name(installation, lane) for lane in Lane}
        self._queues = {lane: Queue(name, wire, **shared) for lane, name in names.items()}
        queue = "|".join(re.escape(name) for name in names.values()).encode()
        self._ours = re.compile(rb"(?:%s)-([\w-]{1,64})-(\d{1,9})" % queue)
        self._breaker = Breaker()

    def notify(self, job_ids: Sequence[str]) -> None:
        """Wake a worker for each of these new jobs."""
        self.tell([Lease(job, 1) for job in job_ids])

    def tell(self, leases: Sequence[Lease]) -> bool:
        """Queue a notification for each lease; False when Redis did not take them."""
        if not leases:
            return True
        if self._breaker.open:
            return False
        try:
            with self._wire.pipeline() as together:
                for lane, queue in self._queues.items():
                    jobs = [_job(queue.name, lease) for lease in leases if lease.lane is lane]
                    if jobs:
                        queue.enqueue_many(jobs, pipeline=together)
                together.execute()
        except RedisError:
            self._failed()
            return False
        return True

    @property
    def reachable(self) -> bool:
        """False for some seconds after Redis did not answer."""
        return not self._breaker.open

    def in_line(self) -> frozenset[Lease] | None:
        """The leases that wait for a worker; None when Redis is away. Ids that the notifier did not
        write are ignored, because others may write to Redis too."""
        if self._breaker.open:
            return None
        try:
            with self._wire.pipeline(transaction=False) as together:
                for queue in self._queues.values():
                    together.lrange(queue.key, 0, -1)
                waiting = [job for jobs in together.execute() for job in jobs]
        except RedisError:
            self._failed()
            return None
        found = (self._ours.fullmatch(job) for job in waiting if isinstance(job, bytes))
        return frozenset(Lease(ours[1].decode(), int(ours[2])) for ours in found if ours)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _failed(self) -> None:
        self._breaker.trip()
        disconnect(self._wire)


class NoJobNotifier(JobNotifier):
    """Notifies nobody: the clock finds due jobs."""

    def notify(self, job_ids: Sequence[str]) -> None:
        """Do nothing."""


def _job(queue: str, lease: Lease) -> EnqueueData:
    return Queue.prepare_data(
        _RUN,
        args=(lease.job, lease.attempt),
        job_id=_id(queue, lease.job, lease.attempt),
        timeout=_SECONDS,
        result_ttl=0,
        failure_ttl=_FAILURE_KEPT,
    )


def _id(queue: str, job: str, attempt: int) -> str:
    return f"{queue}-{job}-{attempt}"


def _is_ours(fields: Mapping[bytes, bytes], job_id: str) -> bool:
    """True when these bytes call our one function and have the id that belongs to them."""
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(fields[b"data"], _LARGEST)
    if unpacking.unconsumed_tail:
        return False
    content: Any = json.loads(data)
    if not isinstance(content, list) or content[:2] != [_RUN, None] or content[3:] != [{}]:
        return False
    job, attempt = content[2]
    if not isinstance(job, str) or type(attempt) is not int:
        return False
    return job_id == _id(fields[b"origin"].decode(), job, attempt)


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

"""The bell on RQ: wakes a worker for an errand; the errand itself is in the database."""

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

from routing.jobs import Lane, lane_named_in
from routing.ports import JobNotifier
from store.work.jobs import Lease

SERIALIZER = "json"  # pickle would let whoever can write to Redis run anything
_RUN = "workers.jobs.run"  # by name, because the web process holds no workers
_SECONDS = 10  # after which a job that hangs is broken off
_FAILURE_KEPT = 60
NO_LANE = lane_named_in("")
"""Does what names no lane."""

_LARGEST = 4096  # bytes of a job; ours have about a hundred
_READ = (b"data", b"origin", b"status", b"created_at", b"enqueued_at", b"started_at", b"ended_at")


def queue_name(installation: str, lane: Lane = NO_LANE) -> str:
    """The name of a lane's queue, which several installations on one Redis must not share."""
    return f"errands-{installation}-{lane}"


class ErrandJob(Job):
    """A job as the bell makes it: RQ would import and call whatever a job or its callbacks name.

    Any other job does not exist for RQ; of ours only the fields above are read.
    """

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Take the fields from Redis; raises NoSuchJobError where the bell did not write them."""
        try:
            read = {name: raw_data[name] for name in _READ if name in raw_data}
            if not _is_ours(read, self.id):
                raise NoSuchJobError(_RUN)
            super().restore(read)
        except Exception:
            raise NoSuchJobError("not a job of this line") from None
        self.timeout, self.result_ttl, self.failure_ttl = _SECONDS, 0, _FAILURE_KEPT


class RqJobNotifier(JobNotifier):
    """Rings through Redis; silent while Redis is away, because the clock sweeps."""

    def __init__(self, wire: redis.Redis, installation: str) -> None:
        """``wire`` should be an impatient one."""
        self._wire = wire
        shared: dict[str, Any] = {"serializer": SERIALIZER, "job_class": ErrandJob}
        names = {lane: queue_name(installation, lane) for lane in Lane}
        self._queues = {lane: Queue(name, wire, **shared) for lane, name in names.items()}
        queue = "|".join(re.escape(name) for name in names.values()).encode()
        self._ours = re.compile(rb"(?:%s)-([\w-]{1,64})-(\d{1,9})" % queue)
        self._breaker = Breaker()

    def ring(self, errand_ids: Sequence[str]) -> None:
        """Wake a worker for each of these errands, fresh from ``Book.save``."""
        self.tell([Lease(errand, 1) for errand in errand_ids])

    def tell(self, leases: Sequence[Lease]) -> bool:
        """Put a job in line for each of these; False when Redis did not take them."""
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
        """False for a while after Redis did not answer."""
        return not self._breaker.open

    def in_line(self) -> frozenset[Lease] | None:
        """The errands whose jobs wait for a worker, None when Redis is away. Anybody can write to
        the queue: an id that the bell did not make is passed over."""
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
        """Hang up."""
        self._wire.close()

    def _failed(self) -> None:
        self._breaker.trip()
        disconnect(self._wire)


class NoJobNotifier(JobNotifier):
    """A bell that nobody hears: the clock finds what is due."""

    def ring(self, errand_ids: Sequence[str]) -> None:
        """Do nothing."""


def _job(queue: str, lease: Lease) -> EnqueueData:
    return Queue.prepare_data(
        _RUN,
        args=(lease.errand, lease.attempt),
        job_id=_id(queue, lease.errand, lease.attempt),
        timeout=_SECONDS,
        result_ttl=0,
        failure_ttl=_FAILURE_KEPT,
    )


def _id(queue: str, errand: str, attempt: int) -> str:
    return f"{queue}-{errand}-{attempt}"


def _is_ours(fields: Mapping[bytes, bytes], job_id: str) -> bool:
    """True when these bytes ask for our one function and carry the id that belongs to them."""
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(fields[b"data"], _LARGEST)
    if unpacking.unconsumed_tail:
        return False
    content: Any = json.loads(data)
    if not isinstance(content, list) or content[:2] != [_RUN, None] or content[3:] != [{}]:
        return False
    errand, attempt = content[2]
    if not isinstance(errand, str) or type(attempt) is not int:
        return False
    return job_id == _id(fields[b"origin"].decode(), errand, attempt)


# The wire to Redis: one short of temper for those who must answer, one patient for those who
# wait. The defaults are of no use: they block for seconds when the server is away, or do not
# try again.


HANGS = 3.0
"""Seconds without a word, after which nobody waits for an answer any more."""

ELSEWHERE = (NoConnectionError, ReadOnlyError, MasterDownError)
"""The connection leads to a server that is gone, still loading, or a replica since a failover: a
new connection to the same address finds the master."""


def connect_fail_fast(url: str) -> redis.Redis:
    """Gives up within a quarter of a second; a connection that has died is made anew once."""
    once_more = Retry(NoBackoff(), 1, supported_errors=ELSEWHERE)
    return redis.Redis.from_url(
        url, socket_connect_timeout=0.25, socket_timeout=0.25, retry=once_more
    )


def connect_retrying(url: str) -> redis.Redis:
    """Outlasts a lost connection, and notices one that hangs; whoever waits for longer must ask
    again."""
    for_a_while = Retry(ConstantBackoff(0.25), 4, supported_errors=ELSEWHERE)
    return redis.Redis.from_url(
        url, socket_connect_timeout=2, socket_timeout=HANGS, retry=for_a_while
    )


def disconnect(wire: redis.Redis) -> None:
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

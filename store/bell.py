"""The bell on RQ: wakes a worker for an errand; the errand itself is in the database."""

from __future__ import annotations

from collections.abc import Sequence

import redis
from redis.exceptions import RedisError
from rq import Queue
from rq.queue import EnqueueData

from routing.ports import Bell
from store.due import Lease
from store.wire import Breaker

QUEUE = "errands"
SERIALIZER = "json"  # pickle would let whoever can write to Redis run anything
_RUN = "workers.errands.run"  # by name, because the web process holds no workers
_SECONDS = 10  # after which a job that hangs is broken off


class RqBell(Bell):
    """Rings through Redis; silent while Redis is away, because the clock sweeps."""

    def __init__(self, wire: redis.Redis) -> None:
        """``wire`` should be an impatient one."""
        self._wire = wire
        self._queue = Queue(QUEUE, connection=wire, serializer=SERIALIZER)
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
            self._queue.enqueue_many(_job(lease) for lease in leases)
        except RedisError:
            self._breaker.trip()
            return False
        return True

    @property
    def reachable(self) -> bool:
        """False for a while after Redis did not answer."""
        return not self._breaker.open

    def in_line(self) -> frozenset[Lease] | None:
        """The errands whose jobs wait for a worker, None when Redis is away."""
        if self._breaker.open:
            return None
        try:
            waiting = self._queue.get_job_ids()
        except RedisError:
            self._breaker.trip()
            return None
        return frozenset(_lease(job) for job in waiting)

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


class NoBell(Bell):
    """A bell that nobody hears: the clock finds what is due."""

    def ring(self, errand_ids: Sequence[str]) -> None:
        """Do nothing."""


def _job(lease: Lease) -> EnqueueData:
    return Queue.prepare_data(
        _RUN,
        args=(lease.errand, lease.attempt),
        job_id=f"{lease.errand}-{lease.attempt}",
        timeout=_SECONDS,
        result_ttl=0,
        failure_ttl=60,
    )


def _lease(job_id: str) -> Lease:
    errand, _, attempt = job_id.rpartition("-")
    return Lease(errand, int(attempt))

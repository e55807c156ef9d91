"""Waits at Redis for jobs of a lane; RQ's worker, in a thread, taught to end quickly.

Other programs may write to the same Redis: only jobs that the bell made are run, and nobody but a
signal makes a worker stop, wait or end.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any, Protocol

from rq import Queue, SimpleWorker
from rq.exceptions import NoSuchJobError, StopRequested
from rq.job import Job
from rq.timeouts import BaseDeathPenalty
from rq.utils import current_timestamp, now
from rq.worker_registration import clean_worker_registry

from routing.jobs import Lane
from service.logging import Outage
from store.work.redis_client import HANGS, NO_LANE, SERIALIZER, ErrandJob, patient, queue_of
from workers.job_pool import LaneThread

_foreign_jobs = Outage("refused a job that is not ours")


class CheckedJob(ErrandJob):
    """Says in the log that somebody else writes to our queue."""

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Take the fields from Redis; raises NoSuchJobError where the bell did not write them."""
        try:
            super().restore(raw_data)
        except NoSuchJobError:
            _foreign_jobs.record_failure("the bell did not make it: who else writes to this Redis?")
            raise


class StopSignal(Protocol):
    """Says when to end."""

    def is_set(self) -> bool:
        """True from then on."""


class NoPenalty(BaseDeathPenalty):
    """A job that hangs is not broken off, which only the main thread could do: see ``Lanes``."""

    def setup_death_penalty(self) -> None:
        """Nothing is to come."""

    def cancel_death_penalty(self) -> None:
        """Nothing was to come."""


class Listener(SimpleWorker):
    """Forks no process, so that everything is imported and connected before a job comes.

    It listens to one queue (RQ loses jobs between two) under a random name (a fixed one cannot
    start again for minutes after a kill).
    """

    max_connection_wait_time = 0.5
    job_class = CheckedJob
    death_penalty_class = NoPenalty

    def __init__(
        self, redis_url: str, installation: str, end: StopSignal, lane: Lane = NO_LANE
    ) -> None:
        """Connects; raises RedisError when Redis is away."""
        self._end = end
        self._in_hand = False
        name, wire = queue_of(installation, lane), patient(redis_url)
        super().__init__([name], connection=wire, serializer=SERIALIZER)

    @property
    def dequeue_timeout(self) -> int:
        """For how many seconds it waits before it looks up."""
        return 1

    @property
    def connection_timeout(self) -> int:
        """After how many seconds a connection hangs; RQ would wait ten more."""
        return math.ceil(HANGS)

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """RQ calls this whenever it looks up: the place to end, but only with nothing in hand."""
        if not self._in_hand and self._end.is_set():
            raise StopRequested
        super().heartbeat(*args, **kwargs)

    def reorder_queues(self, reference_queue: Queue) -> None:
        """RQ calls this as soon as a job was taken; with one queue there is nothing to reorder."""
        self._in_hand = True

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Do it to the end; the next look is one with nothing in hand."""
        super().execute_job(job, queue)
        self._in_hand = False

    def check_for_suspension(self, burst: bool) -> None:
        """Nobody suspends this worker: `rq suspend` of another program is for its own workers."""

    def run_maintenance_tasks(self) -> None:
        """Delete what a killed worker left in our queue's own keys; the errand itself comes back by
        its lease. RQ would also run the callbacks of jobs, and tidy up for other programs."""
        (queue,) = self.queues
        started, moment = queue.started_job_registry, current_timestamp()
        for job_id in started.get_expired_job_ids(moment):
            self.connection.delete(self.job_class.key_for(job_id))
        self.connection.zremrangebyscore(started.key, 0, moment)
        self.connection.delete(queue.intermediate_queue_key)
        queue.failed_job_registry.cleanup()
        clean_worker_registry(queue)
        self.last_cleaned_at = now()  # type: ignore[assignment]  # RQ infers that it stays None

    def _install_signal_handlers(self) -> None:
        """The process has its own."""

    def subscribe(self) -> None:
        """Nobody commands this worker through Redis."""


class LaneListener(Listener):
    """Says when it has something in hand."""

    def __init__(self, redis_url: str, installation: str, hand: LaneThread) -> None:
        """Connects; raises RedisError when Redis is away."""
        super().__init__(redis_url, installation, hand, hand.lane)
        self._hand = hand

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Do it to the end."""
        self._hand.take(time.monotonic())
        try:
            super().execute_job(job, queue)
        finally:
            self._hand.let_go()

"""RQ's worker adapted to a thread: it takes the jobs of one lane and stops quickly.

Other programs may write to the same Redis: only jobs of our own notifier run, and only a signal
makes a worker pause or stop.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any, Protocol

from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import NoSuchJobError, StopRequested
from rq.job import Job
from rq.timeouts import BaseDeathPenalty
from rq.utils import current_timestamp, now
from rq.worker_registration import clean_worker_registry

from routing.jobs import Lane
from service.logging import Outage, error_location
from settings import Settings
from store.work.redis_client import (
    HANGS,
    NO_LANE,
    SERIALIZER,
    NotifiedJob,
    connect_retrying,
    queue_name,
)
from workers.job_pool import LaneThread

_foreign_jobs = Outage("refused a job that is not ours")


class CheckedJob(NotifiedJob):
    """Logs jobs in our queue that another program wrote."""

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Read the fields from Redis; raises NoSuchJobError if our notifier did not write them."""
        try:
            super().restore(raw_data)
        except NoSuchJobError:
            _foreign_jobs.record_failure(
                "our notifier did not write it: which other program uses this Redis?"
            )
            raise


class StopSignal(Protocol):
    """Tells a listener when to stop."""

    def is_set(self) -> bool:
        """True once the listener is to stop."""


class NoPenalty(BaseDeathPenalty):
    """No timeout: only the main thread could interrupt a job. See ``LanePool``."""

    def setup_death_penalty(self) -> None:
        """There is no timeout to set."""

    def cancel_death_penalty(self) -> None:
        """There is no timeout to cancel."""


class Listener(SimpleWorker):
    """Runs jobs without a fork, so that imports and connections exist before a job arrives.

    It listens to one queue (RQ loses jobs between two) under a random name (after a kill, a fixed
    name cannot start again for minutes).
    """

    max_connection_wait_time = 0.5
    job_class = CheckedJob
    death_penalty_class = NoPenalty

    def __init__(
        self, redis_url: str, installation: str, end: StopSignal, lane: Lane = NO_LANE
    ) -> None:
        """Connects; raises RedisError when Redis is away."""
        self._end = end
        self._is_running = False
        name, wire = queue_name(installation, lane), connect_retrying(redis_url)
        super().__init__([name], connection=wire, serializer=SERIALIZER)

    @property
    def dequeue_timeout(self) -> int:
        """Seconds to wait for a job before the next heartbeat."""
        return 1

    @property
    def connection_timeout(self) -> int:
        """Seconds after which a connection counts as hung; RQ would wait ten more."""
        return math.ceil(HANGS)

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Stop here when asked to, but only between two jobs; RQ calls this between its waits."""
        if not self._is_running and self._end.is_set():
            raise StopRequested
        super().heartbeat(*args, **kwargs)

    def reorder_queues(self, reference_queue: Queue) -> None:
        """Record that a job was taken; with one queue there is nothing to reorder."""
        self._is_running = True

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run the job to its end."""
        super().execute_job(job, queue)
        self._is_running = False

    def check_for_suspension(self, burst: bool) -> None:
        """Ignore `rq suspend`, which another program may use for its own workers."""

    def run_maintenance_tasks(self) -> None:
        """Delete the leftovers of a killed worker in the keys of our queue.

        The job itself comes back when its lease expires. RQ would also run callbacks of jobs and
        clean the keys of other programs.
        """
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
        """Install nothing: the process has its own signal handlers."""

    def subscribe(self) -> None:
        """Subscribe to nothing: this worker takes no commands through Redis."""


class LaneListener(Listener):
    """A listener that records the start and end of each job."""

    def __init__(self, redis_url: str, installation: str, thread: LaneThread) -> None:
        """Connects; raises RedisError when Redis is away."""
        super().__init__(redis_url, installation, thread, thread.lane)
        self._thread = thread

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run the job to its end."""
        self._thread.take(time.monotonic())
        try:
            super().execute_job(job, queue)
        finally:
            self._thread.let_go()


PAUSE_SECONDS = 0.5
"""Seconds before the next try, after Redis or RQ failed."""


def listen(settings: Settings, thread: LaneThread) -> None:
    """Run the jobs of a lane, one after the other, until the thread is to stop."""
    redis, other = Outage("Redis unavailable"), Outage("worker failed")
    while not thread.is_set():
        try:
            listener = LaneListener(settings.redis_url, settings.installation, thread)
            redis.record_recovery()
            listener.work(logging_level="WARNING")
        except RedisError as error:
            redis.record_failure(type(error).__name__)
        except Exception as error:
            other.record_failure(error_location(error))
        thread.pause(PAUSE_SECONDS)  # RQ also ends by itself, after an error that it has logged

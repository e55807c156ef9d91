"""RQ's worker reduced to a bell: its only job wakes the thread that claims jobs in the database.

RQ loads each job from Redis and writes what became of it: 27 round trips. The one job of our queue
has no data and no result, so the parts of RQ that load, register and finish a job are replaced.
What waits for a job, reconnects, and ends when asked is RQ's own. Other programs may write to the
same Redis: what is not our job is refused, and only a signal makes a worker pause or stop.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any, Self

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import NoSuchJobError, StopRequested
from rq.job import Job
from rq.utils import now
from rq.worker_registration import clean_worker_registry

from service.logging import Outage, error_location
from settings import Settings
from store.work.redis_client import HANGS, LOOK, connect_retrying, queue_name

HEARTBEAT_EVERY = 60.0
"""Seconds between two heartbeats in Redis, where `rq info` reads them. Ours are in the database."""

_foreign_jobs = Outage("refused a job that is not ours")


class LookJob(Job):
    """The one job of our queue. It exists without being stored."""

    @classmethod
    def fetch(  # type: ignore[override]  # RQ passes the id by place
        cls, job_id: str, *args: Any, connection: Redis | None = None, **kwargs: Any
    ) -> Self:
        """Return the job of this id, without asking Redis; raises NoSuchJobError for another."""
        if job_id != LOOK:
            _foreign_jobs.record_failure(
                "our notifier did not write it: which other program uses this Redis?"
            )
            raise NoSuchJobError(LOOK)
        return cls(job_id, connection=connection)


class BellQueue(Queue):
    """A queue whose jobs are taken in one round trip."""

    job_class = LookJob

    @classmethod
    def lmove(cls, connection: Redis, queue_key: str, timeout: int | None) -> Any:
        """Take a job without keeping a copy of it: a lost ring loses no job."""
        return cls.lpop([queue_key], timeout, connection=connection)


class Listener(SimpleWorker):
    """Calls ``look`` for each ring, under a random name: after a kill, a fixed name cannot start
    again for minutes."""

    max_connection_wait_time = 0.5
    job_class = LookJob
    queue_class = BellQueue

    def __init__(
        self, redis_url: str, installation: str, end: Event, look: Callable[[], None]
    ) -> None:
        """Connects; raises RedisError when Redis is away."""
        self._end, self._look = end, look
        self._beat_at = 0.0
        super().__init__([queue_name(installation)], connection=connect_retrying(redis_url))

    @property
    def dequeue_timeout(self) -> int:
        """Seconds to wait for a ring before the next look at the stop signal."""
        return 1

    @property
    def connection_timeout(self) -> int:
        """Seconds after which a connection counts as hung; RQ would wait ten more."""
        return math.ceil(HANGS)

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Stop here when asked to; RQ calls this between its waits. Write a heartbeat only now and
        then."""
        if self._end.is_set():
            raise StopRequested
        if time.monotonic() - self._beat_at >= HEARTBEAT_EVERY:
            self._beat_at = time.monotonic()
            super().heartbeat(*args, **kwargs)

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """Keep the state to ourselves: a ring is over at once."""
        self._state = state

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Wake the thread that claims jobs."""
        self._look()

    def check_for_suspension(self, burst: bool) -> None:
        """Ignore `rq suspend`, which another program may use for its own workers."""

    def run_maintenance_tasks(self) -> None:
        """Forget workers that were killed. RQ would also run callbacks of jobs and clean the keys
        of other programs."""
        for queue in self.queues:
            clean_worker_registry(queue)
        self.last_cleaned_at = now()  # type: ignore[assignment]  # RQ infers that it stays None

    def procline(self, message: str) -> None:
        """Leave the title of the process as it is."""

    def _install_signal_handlers(self) -> None:
        """Install nothing: the process has its own signal handlers."""

    def subscribe(self) -> None:
        """Subscribe to nothing: this worker takes no commands through Redis."""


PAUSE_SECONDS = 0.5
"""Seconds before the next try, after Redis or RQ failed."""


class Bell(Thread):
    """Listens until the stop signal, also through outages of Redis."""

    def __init__(self, settings: Settings, end: Event, look: Callable[[], None]) -> None:
        """Not started yet."""
        super().__init__(name="bell", daemon=True)
        self.heard = False
        self._settings, self._end, self._look = settings, end, look

    def run(self) -> None:
        """Begin again after each end, with a pause."""
        redis, other = Outage("Redis unavailable"), Outage("worker failed")
        while not self._end.is_set():
            try:
                listener = Listener(
                    self._settings.redis_url, self._settings.installation, self._end, self._look
                )
                redis.record_recovery()
                self.heard = True
                listener.work(logging_level="WARNING")
            except RedisError as error:
                redis.record_failure(type(error).__name__)
            except Exception as error:
                other.record_failure(error_location(error))
            self.heard = False
            self._end.wait(PAUSE_SECONDS)  # RQ also ends by itself, after an error that it logs

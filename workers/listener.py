"""Waits at Redis for jobs; RQ's worker, kept in one process and taught to end quickly."""

from __future__ import annotations

import math
from threading import Event
from typing import Any

from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job

from store.bell import QUEUE, SERIALIZER
from store.wire import HANGS, patient


class Listener(SimpleWorker):
    """One process, so that everything is imported and connected before a job comes.

    It listens to one queue (RQ loses jobs between two) under a random name (a fixed one cannot
    start again for minutes after a kill).
    """

    max_connection_wait_time = 0.5

    def __init__(self, redis_url: str, end: Event) -> None:
        """Connects; raises RedisError when Redis is away."""
        self._end = end
        self._in_hand = False
        super().__init__([QUEUE], connection=patient(redis_url), serializer=SERIALIZER)

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

    def _install_signal_handlers(self) -> None:
        """The process has its own."""

    def subscribe(self) -> None:
        """Nobody commands this worker through Redis."""

"""Waits at Redis for jobs; RQ's worker, kept in one process and taught to end quickly."""

from __future__ import annotations

from threading import Event
from typing import Any

from rq import SimpleWorker
from rq.exceptions import StopRequested

from store.bell import QUEUE, SERIALIZER
from store.wire import patient


class Listener(SimpleWorker):
    """One process, so that everything is imported and connected before a job comes.

    It listens to one queue (RQ loses jobs between two) under a random name (a fixed one cannot
    start again for minutes after a kill).
    """

    max_connection_wait_time = 0.5

    def __init__(self, redis_url: str, end: Event) -> None:
        """Connects; raises RedisError when Redis is away."""
        self._end = end
        super().__init__([QUEUE], connection=patient(redis_url), serializer=SERIALIZER)

    @property
    def dequeue_timeout(self) -> int:
        """For how many seconds it waits before it looks up."""
        return 1

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """RQ calls this whenever it looks up from waiting: the place to end."""
        if self._end.is_set():
            raise StopRequested
        super().heartbeat(*args, **kwargs)

    def _install_signal_handlers(self) -> None:
        """The process has its own."""

    def subscribe(self) -> None:
        """Nobody commands this worker through Redis."""

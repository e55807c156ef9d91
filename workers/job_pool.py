"""The threads that run jobs, each in one lane.

A slow mail server never blocks the threads that place calls. A thread that hangs for longer than
any exchange may last is abandoned: the log gets an error, a new thread replaces it, and the
expired lease has given the job to another worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from threading import Event, Thread
from types import TracebackType
from typing import Self

import structlog

from routing.jobs import Lane, Lease
from service.counters import COUNTERS, THREADS_LOST
from workers.context import WorkerContext
from workers.jobs import run_job

MAX_HELD_SECONDS = 15.0
"""Seconds after which a thread counts as hung; each exchange has a shorter deadline."""

MAX_LOST = 20
"""Hung threads of a lane at the same time, at most: a thread cannot be killed."""

CLOCK_THREADS: Mapping[Lane, int] = {
    Lane.TELEPHONES: 4,
    Lane.DECISIONS: 2,
    Lane.TEXTS: 2,
    Lane.REST: 2,
}
"""Threads of a clock process, by lane."""

_log = structlog.get_logger("threads")


class LaneThread:
    """One thread and the start of its current job; ``is_set`` makes it a stop signal."""

    def __init__(self, lane: Lane, end: Event) -> None:
        """The thread has no job yet."""
        self.lane, self._end = lane, end
        self.since: float | None = None
        self.lost = False
        self.warm = Event()

    def is_set(self) -> bool:
        """True once the thread is to take no more jobs."""
        return self.lost or self._end.is_set()

    def pause(self, seconds: float) -> None:
        """Wait for so many seconds, or until the stop."""
        self._end.wait(seconds)

    def take(self, now: float) -> None:
        """Record the start of a job."""
        self.since = now

    def let_go(self) -> None:
        """Record the end of a job."""
        self.since = None


def _skip_warm_up(_: Lane) -> None:
    """Start without a warm-up."""


class LanePool:
    """Keeps a number of threads in each lane, and replaces hung ones."""

    def __init__(
        self,
        counts: Mapping[Lane, int],
        work: Callable[[LaneThread], None],
        warm: Callable[[Lane], None] = _skip_warm_up,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``work`` runs in each thread until it is to stop; ``warm`` runs before it."""
        self.end = Event()
        self._work, self._warm, self._now = work, warm, now
        self._lost: list[tuple[LaneThread, Thread]] = []
        self._at_work = [self._begin(lane) for lane, count in counts.items() for _ in range(count)]

    def of(self, lane: Lane) -> list[LaneThread]:
        """The threads of a lane."""
        return [lane_thread for lane_thread, _ in self._at_work if lane_thread.lane is lane]

    def until_warm(self, seconds: float) -> None:
        """Wait until each thread is warm, at most so many seconds."""
        until = self._now() + seconds
        for lane_thread, _ in self._at_work:
            lane_thread.warm.wait(max(until - self._now(), 0))

    def look(self) -> None:
        """Replace each thread that hangs."""
        self._lost = [
            (lane_thread, thread) for lane_thread, thread in self._lost if thread.is_alive()
        ]
        for place, (lane_thread, thread) in enumerate(self._at_work):
            since = lane_thread.since
            if not thread.is_alive() and not self.end.is_set():
                self._at_work[place] = self._begin(lane_thread.lane)
            elif (
                since is not None
                and self._now() - since > MAX_HELD_SECONDS
                and self._may_lose(lane_thread.lane)
            ):
                lane_thread.lost = True
                self._lost.append((lane_thread, thread))
                self._at_work[place] = self._begin(lane_thread.lane)
                COUNTERS.count(THREADS_LOST)
                _log.error(
                    "a thread hangs and was replaced",
                    lane=lane_thread.lane,
                    after_s=MAX_HELD_SECONDS,
                )

    def close(self) -> None:
        """Wait for the current job of each thread, but not for a thread that hangs."""
        self.end.set()
        until = self._now() + MAX_HELD_SECONDS
        for _, thread in self._at_work:
            thread.join(max(until - self._now(), 0))

    def _may_lose(self, lane: Lane) -> bool:
        return sum(lane_thread.lane is lane for lane_thread, _ in self._lost) < MAX_LOST

    def _live(self, lane_thread: LaneThread) -> None:
        try:
            self._warm(lane_thread.lane)
        except Exception as error:  # the thread works anyway; its first request is slower
            _log.warning("thread not warm", lane=lane_thread.lane, error=type(error).__name__)
        lane_thread.warm.set()
        self._work(lane_thread)

    def _begin(self, lane: Lane) -> tuple[LaneThread, Thread]:
        lane_thread = LaneThread(lane, self.end)
        thread = Thread(target=self._live, args=(lane_thread,), name=f"jobs {lane}", daemon=True)
        thread.start()
        return lane_thread, thread


class JobPool:
    """The job threads of a clock: each takes one job at a time, so no lease expires in a queue."""

    def __init__(
        self,
        context: WorkerContext,
        counts: Mapping[Lane, int] = CLOCK_THREADS,
        warm: Callable[[Lane], None] = _skip_warm_up,
    ) -> None:
        """All threads are free; ``warm`` runs first in each of them."""
        self._context = context
        self._inboxes: dict[LaneThread, SimpleQueue[Lease | None]] = {}
        self._lanes = LanePool(counts, self._work, warm)

    def free(self, lane: Lane) -> int:
        """The number of free threads of this lane."""
        return sum(lane_thread.since is None for lane_thread in self._lanes.of(lane))

    def do(self, lane: Lane, lease: Lease) -> None:
        """Run this job if a thread of the lane is free; else its lease expires."""
        for lane_thread in self._lanes.of(lane):
            if lane_thread.since is None:
                lane_thread.take(time.monotonic())
                self._inbox(lane_thread).put(lease)
                return

    def until_warm(self, seconds: float) -> None:
        """Wait until each thread is warm, at most so many seconds."""
        self._lanes.until_warm(seconds)

    def look(self) -> None:
        """Replace each thread that hangs."""
        self._lanes.look()

    def _inbox(self, lane_thread: LaneThread) -> SimpleQueue[Lease | None]:
        return self._inboxes.setdefault(lane_thread, SimpleQueue())

    def _work(self, lane_thread: LaneThread) -> None:
        inbox = self._inbox(lane_thread)
        while not lane_thread.lost and (lease := inbox.get()) is not None:
            try:
                run_job(lease, self._context)
            finally:
                lane_thread.let_go()
        self._inboxes.pop(lane_thread, None)

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Finish the current jobs."""
        for lane in Lane:
            for lane_thread in self._lanes.of(lane):
                self._inbox(lane_thread).put(None)
        self._lanes.close()

"""The threads that run jobs, each in one lane, and the loops that claim jobs for them.

A slow mail server never blocks the threads that place calls. A thread that hangs for longer than
any exchange may last is abandoned: the log gets an error, a new thread replaces it, and the
expired lease has given the job to another worker.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread
from types import TracebackType
from typing import Protocol, Self

import structlog

from routing.jobs import UNHURRIED, Lane
from service.counters import COUNTERS, THREADS_LOST
from service.logging import LoopGuard
from store.work.jobs import ANY_TIME, ClaimedJob
from workers.context import WorkerContext
from workers.jobs import run_job

MAX_HELD_SECONDS = 15.0
"""Seconds after which a thread counts as hung; each exchange has a shorter deadline."""

MAX_LOST = 20
"""Hung threads of a lane at the same time, at most: a thread cannot be killed."""

WORKER_THREADS: Mapping[Lane, int] = {
    Lane.TELEPHONES: 16,
    Lane.DECISIONS: 2,
    Lane.TEXTS: 4,
    Lane.REST: 2,
    Lane.WEBHOOKS: 6,
}
"""Threads of a worker process, by lane: a call takes as long as the carrier's answer."""

CLOCK_THREADS: Mapping[Lane, int] = {
    Lane.TELEPHONES: 4,
    Lane.DECISIONS: 2,
    Lane.TEXTS: 2,
    Lane.REST: 2,
    Lane.WEBHOOKS: 2,
}
"""Threads of a clock process, by lane."""

_log = structlog.get_logger("threads")


class LaneThread:
    """One thread, the jobs that it is given, and the start of its current job."""

    def __init__(self, lane: Lane) -> None:
        """The thread has no job yet."""
        self.lane = lane
        self.inbox: SimpleQueue[ClaimedJob | None] = SimpleQueue()
        self.since: float | None = None
        self.lost = False
        self.warm = Event()


def _skip_warm_up(_: Lane) -> None:
    """Start without a warm-up."""


class JobPool:
    """Keeps a number of threads in each lane, and replaces hung ones.

    Each thread has one job at a time, so that no lease expires in a queue.
    """

    def __init__(
        self,
        run: Callable[[ClaimedJob], None],
        counts: Mapping[Lane, int] = CLOCK_THREADS,
        warm: Callable[[Lane], None] = _skip_warm_up,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """All threads are free; ``warm`` runs first in each of them."""
        self.end = Event()
        self.on_free: Callable[[Lane], None] = lambda lane: None
        self._run, self._warm, self._now = run, warm, now
        self._lost: list[tuple[LaneThread, Thread]] = []
        self._at_work = [self._begin(lane) for lane, count in counts.items() for _ in range(count)]

    def of(self, lane: Lane) -> list[LaneThread]:
        """The threads of a lane."""
        return [lane_thread for lane_thread, _ in self._at_work if lane_thread.lane is lane]

    def free(self, lane: Lane) -> int:
        """The number of free threads of this lane."""
        return sum(lane_thread.since is None for lane_thread in self.of(lane))

    def do(self, job: ClaimedJob) -> None:
        """Run this job if a thread of its lane is free; else its lease expires."""
        for lane_thread in self.of(job.lane):
            if lane_thread.since is None:
                lane_thread.since = self._now()
                lane_thread.inbox.put(job)
                return

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
        for lane_thread, _ in self._at_work:
            lane_thread.inbox.put(None)
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
        while not lane_thread.lost and (job := lane_thread.inbox.get()) is not None:
            try:
                self._run(job)
            finally:
                lane_thread.since = None
                self.on_free(lane_thread.lane)

    def _begin(self, lane: Lane) -> tuple[LaneThread, Thread]:
        lane_thread = LaneThread(lane)
        thread = Thread(target=self._live, args=(lane_thread,), name=f"jobs {lane}", daemon=True)
        thread.start()
        return lane_thread, thread

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Finish the current jobs."""
        self.close()


def start_pool(
    context: WorkerContext, counts: Mapping[Lane, int], warm: Callable[[Lane], None]
) -> JobPool:
    """The threads of a process."""
    return JobPool(partial(run_job, context=context), counts, warm)


# The loop that claims jobs.


@dataclass(frozen=True, slots=True)
class LookRule:
    """How a process looks for jobs: at least so often, and only for those due for so long.

    It also wakes when a job is due that it has seen. A longer pause delays only jobs that another
    process writes for a moment before the next look.
    """

    every: dt.timedelta
    patience: dt.timedelta = dt.timedelta()


WITH_BELL = LookRule(dt.timedelta(seconds=0.25))
"""What is due at once rings the bell."""

WITHOUT_BELL = LookRule(dt.timedelta(seconds=0.05))
"""Redis is away, or there is no worker that could hear it."""

LATE_ONLY = LookRule(dt.timedelta(seconds=0.5), dt.timedelta(seconds=2))
"""A worker lives: what is due for so long runs here, because the workers are busy or stuck."""

SKIPPED_FOR = dt.timedelta(milliseconds=20)
"""The pause after a look in vain: another process is claiming what is due."""

LOOK_AFTER_THREADS = 0.5
"""Seconds between two looks for threads that hang."""

_PAUSE_SECONDS = 0.5
_EVERY_LANE = frozenset(Lane)


class Threads(Protocol):
    """Where jobs are run."""

    on_free: Callable[[Lane], None]

    def free(self, lane: Lane) -> int:
        """The number of jobs of a lane that can begin now."""

    def do(self, job: ClaimedJob) -> None:
        """Begin this job."""


class Dispatcher:
    """Claims due jobs for the free threads of a process, in batches.

    It looks when it is woken, when a job is due, and when a thread of a full lane becomes free.
    """

    def __init__(self, context: WorkerContext, threads: Threads) -> None:
        """Looks at nothing yet."""
        self._context, self._threads = context, threads
        self._woken = Event()
        self._full: frozenset[Lane] = frozenset()
        threads.on_free = self._note_free

    def wake(self) -> None:
        """Look soon; any thread may call this."""
        self._woken.set()

    @property
    def woken(self) -> bool:
        """True when a look is wanted."""
        return self._woken.is_set()

    def look(self, patience: dt.timedelta = dt.timedelta()) -> dt.datetime | None:
        """Begin what has been due for so long, as far as threads are free; return when the next job
        is due, if any."""
        busy: frozenset[Lane] = frozenset()
        while True:
            now = self._context.clock()
            due_by = now - patience if patience else ANY_TIME
            self._full = _EVERY_LANE  # a thread that becomes free from here on wakes us
            free = {lane: self._threads.free(lane) for lane in Lane if lane not in busy}
            self._full = busy | {lane for lane in free if not free[lane]}
            found = self._context.queue.find_next(due_by)
            times = {lane: at for lane, at in found.items() if free.get(lane)}
            due = {lane: free[lane] for lane in Lane if lane in times and times[lane] <= now}
            if not due:
                return min(times.values(), default=None)
            hurried = {lane: most for lane, most in due.items() if lane not in UNHURRIED}
            claimed = self._context.queue.claim(now, hurried or due, due_by)
            for job in claimed:
                self._threads.do(job)
            if claimed:
                continue
            if hurried:
                return now + SKIPPED_FOR
            busy |= due.keys()  # its receivers have enough at once: look when one has answered

    def run(self, pool: JobPool, end: Event, choose_rule: Callable[[], LookRule]) -> None:
        """Look until the stop signal."""
        turns, looked_at = LoopGuard("jobs"), 0.0
        while not end.is_set():
            self._context.pulse.note_turn()
            if time.monotonic() - looked_at >= LOOK_AFTER_THREADS:
                looked_at = time.monotonic()
                pool.look()
            self._woken.clear()
            if not turns.take(lambda: self._look_and_rest(choose_rule())):
                end.wait(_PAUSE_SECONDS)

    def _look_and_rest(self, rule: LookRule) -> None:
        """Look, and sleep until the next job is due, or the dispatcher is woken."""
        until, pause = self.look(rule.patience), rule.every
        if until is not None:
            pause = min(pause, until - self._context.clock())
        self._woken.wait(max(pause.total_seconds(), 0))

    def _note_free(self, lane: Lane) -> None:
        if lane in self._full:
            self._woken.set()


# The lane of words has a thread of its own: a recording takes an engine longer than any thread of
# the pool may be busy, and nobody waits for it.


LOOK_FOR_WORDS_EVERY = 2.0

WITHOUT_ENGINE_AFTER = dt.timedelta(days=1)
"""A process without an engine leaves recordings to others for so long. Then nobody has one."""


def start_transcription(context: WorkerContext, end: Event) -> None:
    """Turn recordings into words, one at a time, until the stop signal. The engine ends with this
    process, and another one makes the attempt again."""
    patience = dt.timedelta()
    if context.services.settings.speech_engine is None:
        patience = WITHOUT_ENGINE_AFTER
    turns = LoopGuard("words")

    def live() -> None:
        while not end.is_set():
            turns.take(lambda: transcribe_due(context, end, patience))
            end.wait(LOOK_FOR_WORDS_EVERY)

    Thread(target=live, name="words", daemon=True).start()


def transcribe_due(context: WorkerContext, end: Event, patience: dt.timedelta) -> None:
    """Run every job of the lane of words that has been due for so long."""
    run_due(context, Lane.WORDS, end, patience)


def run_due(
    context: WorkerContext, lane: Lane, end: Event, patience: dt.timedelta = dt.timedelta()
) -> None:
    """Run every job of a lane that has been due for so long, one after the other, here."""
    while not end.is_set():
        now = context.clock()
        due_by = now - patience
        wakes_at = context.queue.find_next(due_by).get(lane)
        if wakes_at is None or wakes_at > now:
            return
        for job in context.queue.claim(now, {lane: 1}, due_by):
            run_job(job, context)

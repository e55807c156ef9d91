"""Counters of a process, which it adds to those in the database every few seconds."""

from __future__ import annotations

import datetime as dt
import os
import platform
import socket
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from threading import Event, Lock, Thread

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector
from sqlalchemy import Engine

from carrier.client import watch_requests
from carrier.reasons import find_code
from service import find_version
from store.work.metrics import BEYOND, DURATIONS, Counters, Heartbeats, Processes, ProcessFigures

CLOCK_JUMPS = "clock jumps"
"""How often the clock of a host jumped."""

RECEIVED_MAILS = "received_mails"
THREADS_LOST = "threads lost"
"""How often a worker thread hung and was replaced."""

LINES_LOST = "log lost"
"""Log lines that could not be written."""

UNKNOWN_NUMBERS = "calls to no line"
"""How often somebody called a number of no line."""

UNREACHED = "unreached"
"""Calls, texts and mails that reached nobody, by channel and code."""

SIGNATURES = "signatures"
"""Accepted webhooks, by the algorithm of their signature; also the kind of the heartbeat."""

TRANSCRIPTIONS = "transcriptions"
TRANSCRIPTION_RESULTS = ("written", "silent", "unreadable", "given_up")
"""What became of recordings that were to be turned into words."""

PORTAL_SIGN_INS = "portal_sign_ins"
"""Sign-ins to the portal by result. A code is asked for and not sent if nobody has the address."""

PORTAL_RESULTS = ("asked", "sent", "let_in", "refused", "throttled")

REQUESTS, JOBS = "took request", "took job"
"""Durations of requests by group and class of status, and of jobs by kind."""

FLUSH_EVERY = 10.0
"""Seconds between two flushes; a killed process loses at most this much."""

_log = structlog.get_logger("counters")


class ProcessCounters:
    """Counts by name; any thread may count."""

    def __init__(self) -> None:
        """All counters are zero."""
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, *name: str) -> None:
        """Add one."""
        with self._lock:
            self._counts[" ".join(name)] += 1

    def observe(self, seconds: float, *name: str) -> None:
        """Add a duration to a histogram: to its bucket, and to its sum in microseconds."""
        bucket, total = _name_buckets(name)[bisect_left(DURATIONS, seconds)]
        with self._lock:
            self._counts[bucket] += 1
            self._counts[total] += int(seconds * 1_000_000)

    def hand_over(self, add: Callable[[Mapping[str, int]], None]) -> None:
        """Pass all counts to ``add`` and reset them; keep them if it raises."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        try:
            if taken:
                add(taken)
        except Exception:
            with self._lock:
                self._counts.update(taken)
            raise


@cache
def _name_buckets(name: tuple[str, ...]) -> list[tuple[str, str]]:
    """The names of each bucket and of the sum. There are few: groups, classes and kinds."""
    prefix = " ".join(name)
    return [(f"{prefix} {end}", f"{prefix} sum") for end in (*DURATIONS, BEYOND)]


COUNTERS = ProcessCounters()


def count_unreached(channel: str, reason: str | None) -> None:
    """Count a failed call, text or mail by the error code in its reason."""
    COUNTERS.count(UNREACHED, channel, find_code(reason))


watch_requests(lambda result: COUNTERS.count("requests", result))


def keep_flushing(kind: str, engine: Engine, clock: Callable[[], dt.datetime]) -> None:
    """Store the figures of this process every few seconds, in a thread that lives as long."""

    def keep() -> None:
        while not pause.wait(FLUSH_EVERY):
            try:
                store_figures(kind, engine, clock())
            except Exception as error:  # they are stored later
                _log.warning("counters not stored", error=type(error).__name__)

    pause = Event()
    Thread(target=keep, name="counters", daemon=True).start()


def store_figures(kind: str, engine: Engine, now: dt.datetime) -> None:
    """Store the counters of this process, and what it uses."""
    COUNTERS.hand_over(build_counter_sink(engine, lambda: now))
    Processes(engine).record(read_process_figures(kind), now)


def read_process_figures(kind: str) -> ProcessFigures:
    """What this process uses now: processor time, memory, open files. Only Linux says it."""
    found = {
        sample.name: sample.value
        for family in _read_process().collect()
        for sample in family.samples
    }
    return ProcessFigures(
        kind, socket.gethostname(), os.getpid(), find_version(), platform.python_version(), found
    )


@cache
def _read_process() -> ProcessCollector:
    return ProcessCollector(registry=CollectorRegistry())


def build_counter_sink(
    engine: Engine, clock: Callable[[], dt.datetime]
) -> Callable[[Mapping[str, int]], None]:
    """Build the function that stores the counters of a process and the algorithms among them."""
    figures, beats = Counters(engine), Heartbeats(engine)

    def add(counts: Mapping[str, int]) -> None:
        figures.add(counts)
        for name in counts:
            kind, _, algorithm = name.partition(" ")
            if kind == SIGNATURES:
                beats.beat(kind, algorithm, clock())

    return add

"""The tally of this process: what it answered and asked, until it is added up in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from threading import Event, Lock, Thread

import structlog

from carrier.reasons import code_of
from carrier.request import watch

JUMPS = "clock jumps"
"""How often the clock of a machine was seen to be set."""

HANDS_LOST = "hands lost"
"""How often a hand was held for too long, and replaced."""

NO_LINE = "calls to no line"
"""How often a number was called that no line has."""

EVERY = 10.0
"""Seconds for which a killed process may take its counts along."""

log = structlog.get_logger("tally")


class Tally:
    """Counts by name; any thread may count."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, *name: str) -> None:
        """One more of this."""
        with self._lock:
            self._counts[" ".join(name)] += 1

    def hand_over(self, add: Callable[[Mapping[str, int]], None]) -> None:
        """Give all counts to ``add``; they are kept if it raises."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        try:
            if taken:
                add(taken)
        except Exception:
            with self._lock:
                self._counts.update(taken)
            raise


TALLY = Tally()
UNREACHED = "unreached"
"""Calls, texts and mails that came to nothing, by channel and code."""


def unreached(channel: str, reason: str | None) -> None:
    """Count one, by the code in the reason that somebody gave."""
    TALLY.count(UNREACHED, channel, code_of(reason))


watch(lambda result: TALLY.count("requests", result))


def keep_adding(add: Callable[[Mapping[str, int]], None]) -> None:
    """Hand the counts over every few seconds, in a thread, for as long as the process lives."""

    def keep() -> None:
        while not pause.wait(EVERY):
            try:
                TALLY.hand_over(add)
            except Exception as error:  # they are handed over later
                log.warning("not added up", error=type(error).__name__)

    pause = Event()
    Thread(target=keep, name="tally", daemon=True).start()

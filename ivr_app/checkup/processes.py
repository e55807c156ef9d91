"""Database, Redis, workers and clock."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_app.checkup.verdict import Verdict, fail, ok, warn
from ivr_app.condition import MIGRATE, Condition

FRESH = 10.0
"""Seconds; a process gives a sign of life every two."""

LATE = 5.0
"""Seconds that due work may be overdue before it is worth a look."""


def processes(condition: Condition) -> Iterator[Verdict]:
    """What a web process sees of the others, in words."""
    yield _database(condition["database"])
    if condition["redis"] == "ok":
        yield ok("redis", "takes what is written")
    else:
        yield warn(
            "redis",
            "takes nothing: the clock does all due work; check REDIS_URL: a replica, or none?",
        )
    if not condition["ready"]:
        return
    if _fresh(condition["worker_seen_s"]):
        yield ok("worker", "gives signs of life")
    else:
        yield warn("worker", "gives no sign of life: start the worker of the Procfile")
    if _fresh(condition["clock_seen_s"]):
        yield ok("clock", "gives signs of life")
    else:
        yield fail("clock", "gives no sign of life: start the clock of the Procfile")
    yield _due(condition["oldest_due_s"])


def _database(state: str) -> Verdict:
    if state == "ok":
        return ok("database", "answers and has the tables of this version")
    if state == "away":
        return fail("database", "does not answer: check DATABASE_URL, and that it runs")
    if state == "not writable":
        unwritten = "can be read but not written: is its disk full, or is it a standby?"
        return fail("database", unwritten)
    return fail("database", f"has not the tables of this version: run {MIGRATE}")


def _fresh(seconds: float | None) -> bool:
    return seconds is not None and seconds < FRESH


def _due(seconds: float | None) -> Verdict:
    if seconds is None or seconds < LATE:
        return ok("due work", "nothing is overdue")
    return warn("due work", f"the oldest is {seconds:.0f} s overdue: see the log of the workers")

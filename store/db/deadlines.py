"""The deadline of a thread: a database is asked for no longer than somebody waits.

A server that accepts requests and never answers would otherwise hold every thread, one caller
after the other.
"""

from __future__ import annotations

import time
from contextvars import ContextVar

POOL_TIMEOUT = 2.0
"""Seconds to wait for a free connection; the carrier waits 4.5 for an answer."""

LEAST_SECONDS = 0.001
"""What is left once the deadline has passed: 0 would mean no limit."""

_until: ContextVar[float | None] = ContextVar("until", default=None)


def set_deadline(seconds: float | None) -> None:
    """Give the later database requests of this thread so many seconds in all; None for any time."""
    if seconds is None:
        _until.set(None)
    else:
        _until.set(time.monotonic() + seconds)


def seconds_left() -> float | None:
    """Seconds until the deadline of this thread, at least LEAST_SECONDS; None without one."""
    until = _until.get()
    if until is None:
        return None
    return max(until - time.monotonic(), LEAST_SECONDS)

"""An outage: told when it begins, once a minute while it lasts, and when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

AGAIN = 60.0
"""Seconds after which a lasting outage is told once more; a full disk needs no flood of lines."""


class Outage:
    """One thing that may go wrong for a while, as one process sees it."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        """``what`` is how the log calls it, such as *database away*."""
        self._what, self._clock = what, clock
        self._began: float | None = None
        self._told = 0.0

    def goes_on(self, why: str) -> None:
        """It went wrong just now: an error in the log, unless that was told within the minute."""
        now = self._clock()
        if self._began is None:
            self._began, self._told = now, now - AGAIN
        if now - self._told >= AGAIN:
            self._told = now
            structlog.get_logger().error(self._what, why=why)

    def is_over(self) -> None:
        """It went well just now."""
        if self._began is not None:
            seconds = round(self._clock() - self._began, 1)
            self._began = None
            structlog.get_logger().warning(f"no more: {self._what}", after_s=seconds)


def cause(error: Exception) -> str:
    """What went wrong, without a word that may name somebody."""
    return getattr(error, "strerror", None) or type(error).__name__

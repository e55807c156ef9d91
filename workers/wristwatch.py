"""A wristwatch beside the clock on the wall: it notices when somebody sets the one on the wall."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

NOTICED = dt.timedelta(seconds=5)
"""Less than that is a clock being adjusted, which needs no word."""


class Wristwatch:
    """Goes on by itself, and compares."""

    def __init__(self, now: dt.datetime, steady: Callable[[], float] = time.monotonic) -> None:
        """Set by the clock on the wall."""
        self._steady = steady
        self._set(now)

    def jumped(self, now: dt.datetime) -> dt.timedelta:
        """How far the clock was set ahead since the last look, below nothing for back."""
        by = now - self._wall - dt.timedelta(seconds=self._steady() - self._own)
        self._set(now)
        return by if abs(by) >= NOTICED else dt.timedelta()

    def _set(self, now: dt.datetime) -> None:
        self._wall, self._own = now, self._steady()

"""An answer that costs more than the question: worked out once for all who ask."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Believed(Generic[T]):
    """What was worked out a moment ago. One thread works it out again; others get what there was,
    and nobody waits."""

    def __init__(self, seconds: float, most: float) -> None:
        """Believed for so many seconds, and for so many at most while it is worked out again."""
        self.seconds, self._most = seconds, most
        self._known: tuple[float, T | None] = (-math.inf, None)
        self._working = Lock()

    def get(self, work: Callable[[], T]) -> T | None:
        """What is believed now, or None while nobody knows."""
        if self._age() < self.seconds:
            return self._known[1]
        if not self._working.acquire(blocking=False):
            return self._known[1] if self._age() < self._most else None
        try:
            value = work()
            self._known = (time.monotonic(), value)
            return value
        finally:
            self._working.release()

    def _age(self) -> float:
        return time.monotonic() - self._known[0]

"""Rate limits against guessing, counted in Redis, or in this process while Redis is away."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from limits.storage import MemoryStorage, RedisStorage, Storage
from redis.exceptions import RedisError

from store.work.redis_client import Breaker, connect_fail_fast, disconnect

_HOUR = 3600
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Backoff:
    """``free`` tries an hour; each further try doubles the wait, up to ``longest`` seconds."""

    free: int
    longest: int

    def wait(self, tries: int) -> int:
        """Seconds to wait after so many tries within an hour."""
        beyond = tries - self.free
        if beyond < 0:
            return 0
        return min(self.longest, 1 << min(beyond, 30))

    @property
    def period(self) -> int:
        """Seconds within which tries are counted."""
        return _HOUR


@dataclass(frozen=True, slots=True)
class Ceiling:
    """``most`` tries in ``period`` seconds, for what costs money or disturbs somebody."""

    most: int
    period: int

    def wait(self, tries: int) -> int:
        """Seconds to wait after so many tries within the period."""
        return self.period if tries >= self.most else 0


Counted = tuple[str, Backoff | Ceiling]
"""The subject of a try, and its limit."""


class GuessLimiter:
    """Growing waits that end by themselves, and never a lock-out."""

    def __init__(self, redis_url: str, installation: str) -> None:
        """Does not connect yet. Installations that share one Redis are counted apart."""
        address = redis_url.replace("unix://", "redis+unix://", 1)
        self._wire = connect_fail_fast(redis_url)
        pool, ours = self._wire.connection_pool, f"throttle:{installation}"
        self._redis: Storage = RedisStorage(address, connection_pool=pool, key_prefix=ours)
        self._here: Storage = MemoryStorage()
        self._breaker = Breaker()

    def enter(self, counted: Sequence[Counted]) -> int:
        """Count a try against all of these before it is checked; or return the seconds that they
        must still wait, and count nothing."""
        return self._asked(lambda storage: _enter(storage, counted))

    def forgive(self, subjects: Sequence[str]) -> None:
        """Reset the counts after a right try."""

        def forget(storage: Storage) -> None:
            for subject in subjects:
                storage.clear(_tries(subject))
                storage.clear(_wait(subject))

        self._asked(forget)

    def _asked(self, ask: Callable[[Storage], Answer]) -> Answer:
        if not self._breaker.open:
            try:
                return ask(self._redis)
            except RedisError:
                self._breaker.trip()
                disconnect(self._wire)
        return ask(self._here)


def _enter(storage: Storage, counted: Sequence[Counted]) -> int:
    waits = [_left(storage, _wait(subject)) for subject, _ in counted]
    if any(waits):
        return max(waits)
    for subject, pace in counted:
        seconds = pace.wait(storage.incr(_tries(subject), pace.period))
        if seconds:
            storage.incr(_wait(subject), seconds)
    return 0


def _left(storage: Storage, key: str) -> int:
    if not storage.get(key):
        return 0
    return max(1, math.ceil(storage.get_expiry(key) - time.time()))


def _tries(subject: str) -> str:
    return f"{_hidden(subject)}:tries"


def _wait(subject: str) -> str:
    return f"{_hidden(subject)}:wait"


def _hidden(subject: str) -> str:
    """Redis contains no names or addresses."""
    return hashlib.sha256(subject.encode()).hexdigest()[:32]

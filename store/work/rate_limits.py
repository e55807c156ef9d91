"""Holds back whoever guesses: counted in Redis, or in this process while Redis is away."""

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
    """So many tries an hour are free; each further one doubles the wait, up to the longest."""

    free: int
    longest: int

    def wait(self, tries: int) -> int:
        """Seconds to wait after so many tries within an hour."""
        beyond = tries - self.free
        return 0 if beyond < 0 else min(self.longest, 1 << min(beyond, 30))


Counted = tuple[str, Backoff]
"""Whom a try counts against, and how fast they may try."""


class GuessLimiter:
    """Growing waits, which end by themselves: nobody is ever locked out."""

    def __init__(self, redis_url: str, installation: str) -> None:
        """Touches no Redis yet; others may share it, and count for themselves."""
        address = redis_url.replace("unix://", "redis+unix://", 1)
        self._wire = connect_fail_fast(redis_url)
        pool, ours = self._wire.connection_pool, f"throttle:{installation}"
        self._redis: Storage = RedisStorage(address, connection_pool=pool, key_prefix=ours)
        self._here: Storage = MemoryStorage()
        self._breaker = Breaker()

    def enter(self, counted: Sequence[Counted]) -> int:
        """Count a try against all of these, before it is known whether it is right; gives back for
        how many seconds they must still wait, and then nothing is counted."""
        return self._asked(lambda storage: _enter(storage, counted))

    def forgive(self, subjects: Sequence[str]) -> None:
        """It was right: these begin anew."""

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
        seconds = pace.wait(storage.incr(_tries(subject), _HOUR))
        if seconds:
            storage.incr(_wait(subject), seconds)
    return 0


def _left(storage: Storage, key: str) -> int:
    return max(1, math.ceil(storage.get_expiry(key) - time.time())) if storage.get(key) else 0


def _tries(subject: str) -> str:
    return f"{_hidden(subject)}:tries"


def _wait(subject: str) -> str:
    return f"{_hidden(subject)}:wait"


def _hidden(subject: str) -> str:
    """Names and addresses stand nowhere in Redis."""
    return hashlib.sha256(subject.encode()).hexdigest()[:32]

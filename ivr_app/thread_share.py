"""Limits on the threads that slow requests use, so that others are served meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from werkzeug.exceptions import ServiceUnavailable

P = ParamSpec("P")
T = TypeVar("T")

RETRY_AFTER = 2
"""Seconds after which a client should ask again."""


class ThreadShare:
    """The right to use at most so many threads of this process at once."""

    def __init__(self, most: int) -> None:
        """All threads are free."""
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Take one thread, or yield False at once if none is free."""
        got = self._free.acquire(blocking=False)
        try:
            yield got
        finally:
            if got:
                self._free.release()

    def limits(self, view: Callable[P, T]) -> Callable[P, T]:
        """Answer a view with 503 and Retry-After while no thread is free."""

        @wraps(view)
        def limited(*given: P.args, **named: P.kwargs) -> T:
            with self.taken() as got:
                if not got:
                    raise ServiceUnavailable(retry_after=RETRY_AFTER)
                return view(*given, **named)

        return limited


OUTSIDE_REQUESTS = ThreadShare(2)
"""For pages that wait for an identity provider."""

FETCHES = ThreadShare(1)
"""For recordings that are fetched from the carrier when it plays them."""

LONG = ThreadShare(2)
"""For requests that compute or write for seconds, such as an import of contracts."""

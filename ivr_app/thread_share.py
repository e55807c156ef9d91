"""A share of threads: what waits for something outside never takes all that there are."""

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
    """At most so many threads of this process at once."""

    def __init__(self, most: int) -> None:
        """All of it is free."""
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """One thread of it, or False at once when there is none left."""
        got = self._free.acquire(blocking=False)
        try:
            yield got
        finally:
            if got:
                self._free.release()

    def limits(self, view: Callable[P, T]) -> Callable[P, T]:
        """A view that is answered with 503 and Retry-After while the share is used up."""

        @wraps(view)
        def limited(*given: P.args, **named: P.kwargs) -> T:
            with self.taken() as got:
                if not got:
                    raise ServiceUnavailable(retry_after=RETRY_AFTER)
                return view(*given, **named)

        return limited


OUTSIDE_REQUESTS = ThreadShare(2)
"""For a console or an API that waits for a provider: the other pages go on meanwhile."""

FETCHES = ThreadShare(1)
"""For recordings fetched from the carrier while it plays them: webhooks have the other threads."""

LONG = ThreadShare(2)
"""For what computes or writes for seconds, such as a file of contracts."""

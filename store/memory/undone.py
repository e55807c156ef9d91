"""The errands in memory that are not done: who holds each, and which is looked at next."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from routing.errands import Errand
from store.due import QUEUED_FOR


@dataclass
class Held:
    """Who holds an errand: ``wakes_at`` is when it is looked at next."""

    state: str
    attempt: int
    wakes_at: dt.datetime
    created_at: dt.datetime
    last_error: str | None = None


class Undone(dict[str, Held]):
    """By id; a second list knows the order in which they wake."""

    def __init__(self) -> None:
        """Nothing is to be done."""
        super().__init__()
        self._wakes: list[tuple[dt.datetime, str]] = []

    def post(self, key: str, errand: Errand, at: dt.datetime) -> None:
        """A new errand: in line at once when it is due by now."""
        due = errand.due_at <= at
        self[key] = Held("queued" if due else "pending", int(due), errand.due_at, at)
        self.change(key, wakes_at=at + QUEUED_FOR if due else errand.due_at)

    def change(self, key: str, **values: object) -> None:
        """Who holds it now, and until when."""
        held = self[key]
        for name, value in values.items():
            setattr(held, name, value)
        if "wakes_at" in values:
            heapq.heappush(self._wakes, (held.wakes_at, key))

    def first_wakes_at(self) -> dt.datetime | None:
        """When the next one is to be looked at, None when all are done."""
        while self._wakes:
            at, key = self._wakes[0]
            if key in self and self[key].wakes_at == at:
                return at
            heapq.heappop(self._wakes)
        return None

    def waking(self, now: dt.datetime) -> Sequence[tuple[str, Held]]:
        """Those to be looked at by now, in the order in which they were posted."""
        first = self.first_wakes_at()
        if first is None or first > now:
            return ()
        return [(key, held) for key, held in list(self.items()) if held.wakes_at <= now]

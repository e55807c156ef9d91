"""Exceptions in force at a moment, found without reading through all of them."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from routing.schedule.wallclock import Now


class Window(Protocol):
    """Something that holds from one time to just before another, local or with offsets."""

    @property
    def start(self) -> dt.datetime:
        """When it begins to hold."""

    @property
    def end(self) -> dt.datetime:
        """When it no longer holds."""


T = TypeVar("T")
W = TypeVar("W", bound=Window)

Held = tuple[dt.datetime, dt.datetime, int]
"""Start, end, and the place among those given."""

FEW = 32
"""So many are read through faster than they are looked up."""


def in_force(windows: tuple[W, ...], now: Now) -> list[W]:
    """The windows that hold now, in the order in which they were given."""
    if len(windows) <= FEW:
        return [window for window in windows if now.within(window.start, window.end)]
    return [windows[place] for place in _sorted(Itself(windows)).at(now)]


class Itself(Generic[T]):
    """A tuple that is told from others by what it is and not by what is in it: that is quicker."""

    __slots__ = ("windows",)

    def __init__(self, windows: tuple[T, ...]) -> None:
        """Holds on to the tuple, so that no other takes its place in memory."""
        self.windows = windows

    def __hash__(self) -> int:
        """Its place in memory."""
        return id(self.windows)

    def __eq__(self, other: object) -> bool:
        """True for the very same tuple."""
        return isinstance(other, Itself) and other.windows is self.windows


class Ends:
    """Windows sorted by start, under a tree of their latest ends.

    ``_latest[1]`` is the latest end of all; that of node n is the later one of nodes 2n and
    2n + 1, and the leaves are the windows themselves.
    """

    def __init__(self, windows: Sequence[Held]) -> None:
        """All of them local, or all of them with offsets."""
        ordered = sorted(windows)
        self._starts = [start for start, _, _ in ordered]
        self._places = [place for _, _, place in ordered]
        self._leaves = 1 << len(ordered).bit_length()
        never = dt.datetime.min.replace(tzinfo=self._starts[0].tzinfo if ordered else None)
        self._latest = [never] * (2 * self._leaves)
        for leaf, (_, end, _) in enumerate(ordered, self._leaves):
            self._latest[leaf] = end
        for node in range(self._leaves - 1, 0, -1):
            self._latest[node] = max(self._latest[2 * node], self._latest[2 * node + 1])

    def at(self, time: dt.datetime) -> Iterator[int]:
        """The places of those that hold at a time."""
        begun = bisect_right(self._starts, time)
        nodes = [(1, 0, self._leaves)]
        while nodes:
            node, first, width = nodes.pop()
            if first >= begun or self._latest[node] <= time:
                continue
            if width == 1:
                yield self._places[first]
            else:
                half = width // 2
                nodes += [(2 * node, first, half), (2 * node + 1, first + half, half)]


class _Sorted:
    """Windows of local times and windows that carry offsets, which do not compare."""

    def __init__(self, windows: tuple[Window, ...]) -> None:
        local: list[Held] = []
        aware: list[Held] = []
        mixed: list[Held] = []
        for place, window in enumerate(windows):
            naive = (window.start.tzinfo is None, window.end.tzinfo is None)
            kept = {(True, True): local, (False, False): aware}.get(naive, mixed)
            kept.append((window.start, window.end, place))
        self._local, self._aware, self._mixed = Ends(local), Ends(aware), mixed

    def at(self, now: Now) -> list[int]:
        """The places of those that hold now, in order."""
        mixed = [place for start, end, place in self._mixed if now.within(start, end)]
        return sorted([*self._local.at(now.wall), *self._aware.at(now.instant), *mixed])


@lru_cache(maxsize=64)
def _sorted(itself: Itself[Window]) -> _Sorted:
    return _Sorted(itself.windows)

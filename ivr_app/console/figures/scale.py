"""Where numbers lie in a drawing: counted, in percent, or on a scale that grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Protocol

WIDTH, LEFT, RIGHT = 420.0, 100.0, 292.0
"""Of a drawing in its own units: all of it, and from where to where its marks lie; names stand
before them and the figures in words behind."""

ROUND = (5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
"""Seconds that have a mark on a scale that grows."""


class Scale(Protocol):
    """A way to place numbers."""

    @property
    def values(self) -> Sequence[float]:
        """Those that have a mark of their own."""

    def x(self, value: float) -> float:
        """Where a number lies; of two the greater is never further left."""


@dataclass(frozen=True, slots=True)
class Counted:
    """From nothing to the most, each one as wide as the next."""

    most: float

    @property
    def values(self) -> Sequence[float]:
        """None: the number stands beside its bar."""
        return ()

    def x(self, value: float) -> float:
        """Nothing is at the left."""
        return LEFT + (RIGHT - LEFT) * min(value / self.most, 1.0) if self.most else LEFT


class Percent(Counted):
    """From nothing to all."""

    def __init__(self) -> None:
        """All is a hundred."""
        super().__init__(100)

    @property
    def values(self) -> Sequence[float]:
        """Nothing, half, all."""
        return (0, 50, 100)


@dataclass(frozen=True, slots=True)
class Grown:
    """Waits differ by minutes where they are long, and by seconds where they are short: each
    doubling is as wide as the next."""

    least: float
    most: float

    @property
    def values(self) -> Sequence[float]:
        """Round numbers of seconds, far enough apart."""
        found: list[float] = []
        for value in (one for one in ROUND if self.least <= one <= self.most):
            if not found or self.x(value) - self.x(found[-1]) > (RIGHT - LEFT) / 6:
                found.append(value)
        return found

    def x(self, value: float) -> float:
        """Whatever is shorter than the least lies there too, and so at the other end."""
        within = min(max(value, self.least), self.most)
        return LEFT + (RIGHT - LEFT) * log(within / self.least) / log(self.most / self.least)

"""The arithmetic of the benchmarks: figures of several rounds, their spread, and their goals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median, quantiles


class Verdict(StrEnum):
    """A figure compared with its goal."""

    NONE = ""
    MET = "met"
    UNCLEAR = "within its spread"
    MISSED = "**missed**"


@dataclass(frozen=True, slots=True)
class Figure:
    """One value for each round, and the goal for the median of them.

    The spread is from the first to the third quartile. A goal is missed when the whole spread is on
    its wrong side; when only the median is, the rounds do not tell.
    """

    what: str
    values: Sequence[float]
    unit: str = "×"
    goal: float | None = None
    at_least: bool = False  # the goal is a minimum
    every: bool = False  # every round must reach it: the worst is the figure, not the median
    note: str = ""

    @property
    def middle(self) -> float:
        """The median of the rounds, or the worst of them."""
        if self.every:
            return min(self.values) if self.at_least else max(self.values)
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The first and the third quartile of the rounds, or the best and the worst of them."""
        if self.every or len(self.values) < 2 or not all(map(math.isfinite, self.values)):
            return min(self.values), max(self.values)
        first, _, third = quantiles(self.values, n=4, method="inclusive")
        return first, third

    @property
    def verdict(self) -> Verdict:
        """Whether the goal is met."""
        if self.goal is None:
            return Verdict.NONE
        middle, best = self.middle, self.spread[0]
        if self.at_least:
            middle, best = -middle, -self.spread[1]
        goal = self.goal * (-1 if self.at_least else 1)
        if middle <= goal:
            return Verdict.MET
        return Verdict.UNCLEAR if best <= goal else Verdict.MISSED


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def divide(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """The ratio of each round: what was measured side by side is compared."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def weigh(ratios: Mapping[str, Sequence[float]], weights: Mapping[str, int]) -> list[float]:
    """The mean of several figures in each round, each as often as it is weighed."""
    total = sum(weights.values())
    rounds = zip(*(ratios[what] for what in weights), strict=True)
    return [
        sum(ratio * weight for ratio, weight in zip(each, weights.values(), strict=True)) / total
        for each in rounds
    ]

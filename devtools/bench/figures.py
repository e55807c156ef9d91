"""The arithmetic of the report: percentiles, and ratios that noise does not move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of measurements taken side by side."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))

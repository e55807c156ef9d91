"""Service levels: the definition of each figure, for the console and the commands.

A wait is counted from the first ring in started seconds: 60.2 s is not within 60 s.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil

Waits = Mapping[int, int]
"""Started seconds of waiting, to the number of calls."""

MOST_PERCENT = 100


@dataclass(frozen=True, slots=True)
class FigureRules:
    """The goal of the line: this percentage of the answered calls is answered within this time.
    ``per_person``: engineers may see their own figures, and nobody sees those of another."""

    answer_within: dt.timedelta = dt.timedelta(seconds=90)
    goal: int = 80
    per_person: bool = False


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """The figures of some ended calls, and of some incidents.

    ``answered`` are the waits of calls that an engineer took, ``abandoned`` of callers who hung up
    before. ``promised`` incidents have a response clock; ``breached`` ones ran out of time.
    """

    calls: int = 0
    answered: Waits = field(default_factory=dict)
    abandoned: Waits = field(default_factory=dict)
    incidents: int = 0
    promised: int = 0
    breached: int = 0
    premium: int = 0

    @property
    def answers(self) -> int:
        """How many calls were answered."""
        return sum(self.answered.values())

    @property
    def losses(self) -> int:
        """How many calls were abandoned."""
        return sum(self.abandoned.values())

    @property
    def worst(self) -> int | None:
        """The longest wait of an answered call, in seconds. None when there is none."""
        return max(self.answered, default=None)

    def time_to_human(self, percent: int) -> int | None:
        """Seconds within which this percentage of the answered calls was answered: the wait of one
        of the calls, never a value between two."""
        rank, seen = -(-self.answers * percent // MOST_PERCENT), 0
        for wait in sorted(self.answered):
            seen += self.answered[wait]
            if seen >= rank:
                return wait
        return None

    def level(self, within: dt.timedelta) -> float | None:
        """SL: the percentage of answered calls that were answered in time."""
        return percentage(_until(self.answered, within), self.answers)

    def level_2(self, within: dt.timedelta) -> float | None:
        """SL2: the percentage of answered and abandoned calls that were either in time: a caller
        who hung up that early was not kept waiting."""
        kept = _until(self.answered, within) + _until(self.abandoned, within)
        return percentage(kept, self.answers + self.losses)

    def __add__(self, other: ServiceFigures) -> ServiceFigures:
        """The sum of both."""
        return sum_figures((self, other))


_COUNTS = ("calls", "incidents", "promised", "breached", "premium")


def sum_figures(some: Iterable[ServiceFigures]) -> ServiceFigures:
    """The sum of all."""
    answered, abandoned = Counter[int](), Counter[int]()
    counts: Counter[str] = Counter()
    for one in some:
        answered.update(one.answered)
        abandoned.update(one.abandoned)
        for name in _COUNTS:
            counts[name] += getattr(one, name)
    return ServiceFigures(answered=answered, abandoned=abandoned, **counts)


def percentage(part: int, whole: int) -> float | None:
    """The part in percent. None when the whole is zero."""
    if not whole:
        return None
    return part / whole * MOST_PERCENT


def count_started_seconds(wait: dt.timedelta) -> int:
    """A wait in started seconds. A negative wait, of a clock that was set back, is zero."""
    return max(0, ceil(wait / dt.timedelta(seconds=1)))


def _until(waits: Waits, within: dt.timedelta) -> int:
    seconds = within.total_seconds()
    return sum(calls for wait, calls in waits.items() if wait <= seconds)

"""How well callers are served: what each figure means, said once for the console and the commands.

A wait is counted from the first ring in begun seconds, so that whoever waited 60.2 s did not wait
60 s at most.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil

Waits = Mapping[int, int]
"""How many calls waited so many begun seconds."""

MOST_PERCENT = 100


@dataclass(frozen=True, slots=True)
class FigureRules:
    """What the line wants to be measured by: so many percent of those who are answered are so
    within a time. ``per_person``: engineers may see figures of their own, and nobody another's."""

    answer_within: dt.timedelta = dt.timedelta(seconds=90)
    goal: int = 80
    per_person: bool = False


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """What became of some calls that are over, and of some incidents.

    ``answered`` are the waits of those that somebody took, ``abandoned`` of those who hung up
    before anything came of it. ``promised`` incidents have a response clock, and that of
    ``breached`` ones ran out.
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
        """How many somebody took."""
        return sum(self.answered.values())

    @property
    def losses(self) -> int:
        """How many were abandoned."""
        return sum(self.abandoned.values())

    @property
    def worst(self) -> int | None:
        """Seconds until somebody took the call that waited longest; None when nobody took any."""
        return max(self.answered, default=None)

    def time_to_human(self, percent: int) -> int | None:
        """Seconds within which this share of the answered calls was taken: the wait of a call
        that there was, never one between two."""
        rank, seen = -(-self.answers * percent // MOST_PERCENT), 0
        for wait in sorted(self.answered):
            seen += self.answered[wait]
            if seen >= rank:
                return wait
        return None

    def level(self, within: dt.timedelta) -> float | None:
        """SL: of those who were answered, the share that was so in time, in percent."""
        return share(_until(self.answered, within), self.answers)

    def level_2(self, within: dt.timedelta) -> float | None:
        """SL2: of those answered and abandoned, the share that was either in time; whoever hung
        up so early was not kept waiting."""
        kept = _until(self.answered, within) + _until(self.abandoned, within)
        return share(kept, self.answers + self.losses)

    def __add__(self, other: ServiceFigures) -> ServiceFigures:
        """Both taken together."""
        return together((self, other))


_COUNTS = ("calls", "incidents", "promised", "breached", "premium")


def together(some: Iterable[ServiceFigures]) -> ServiceFigures:
    """All of them taken together, each wait looked at once."""
    answered, abandoned = Counter[int](), Counter[int]()
    counts: Counter[str] = Counter()
    for one in some:
        answered.update(one.answered)
        abandoned.update(one.abandoned)
        for name in _COUNTS:
            counts[name] += getattr(one, name)
    return ServiceFigures(answered=answered, abandoned=abandoned, **counts)


def share(part: int, whole: int) -> float | None:
    """In percent; None where there is nothing to be a share of."""
    return part / whole * MOST_PERCENT if whole else None


def begun_seconds(wait: dt.timedelta) -> int:
    """Whole seconds, a part of one counted as one; a clock that was set back counts as nothing."""
    return max(0, ceil(wait / dt.timedelta(seconds=1)))


def _until(waits: Waits, within: dt.timedelta) -> int:
    seconds = within.total_seconds()
    return sum(calls for wait, calls in waits.items() if wait <= seconds)

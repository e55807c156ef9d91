"""The columns of the figures, in their order: what each holds, and in which unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from routing.service import FigureRules, Service

Number = int | float | None
"""None where there is nothing that it could be a figure of."""


class Unit(StrEnum):
    """What a number counts."""

    TIMES = "times"
    SECONDS = "seconds"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Column:
    """One figure. ``outcome`` is that of the calls which it counts, to find them by."""

    name: str
    unit: Unit
    of: Callable[[Service, FigureRules], Number]
    outcome: str | None = None


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 1)


COLUMNS = (
    Column("calls", Unit.TIMES, lambda it, _: it.calls, ""),
    Column("answered", Unit.TIMES, lambda it, _: it.answers, "connected"),
    Column("p50", Unit.SECONDS, lambda it, _: it.time_to_human(50)),
    Column("p90", Unit.SECONDS, lambda it, _: it.time_to_human(90)),
    Column("worst", Unit.SECONDS, lambda it, _: it.worst),
    Column("sl", Unit.PERCENT, lambda it, its: _rounded(it.level(its.answer_within))),
    Column("sl2", Unit.PERCENT, lambda it, its: _rounded(it.level_2(its.answer_within))),
    Column("abandoned", Unit.TIMES, lambda it, _: it.losses, "abandoned"),
    Column("promised", Unit.TIMES, lambda it, _: it.promised),
    Column("breached", Unit.TIMES, lambda it, _: it.breached),
    Column("premium", Unit.TIMES, lambda it, _: it.premium),
)

NOT_ONES_OWN = ("calls", "sl2", "abandoned")
"""Nobody has taken these, so they are nobody's own."""

OWN = tuple(column for column in COLUMNS if column.name not in NOT_ONES_OWN)


def numbers(service: Service, columns: Sequence[Column], rules: FigureRules) -> dict[str, Number]:
    """Each figure by its name."""
    return {column.name: column.of(service, rules) for column in columns}

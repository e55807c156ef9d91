"""The drawings of the figures: where each mark lies. What nobody called has no mark at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Protocol

from ivr_app.console import t
from ivr_app.console.drawing import format_elapsed
from ivr_app.console.figures.table import FigureTable, FigureTableRow
from routing.service_levels import FigureRules, ServiceFigures
from store.log.premium import BundleUse

# Where numbers lie in a drawing: counted, in percent, or on a scale that grows.


WIDTH, LEFT, RIGHT = 420.0, 100.0, 292.0
"""Of a drawing in its own units: all of it, and from where to where its marks lie; names stand
before them and the figures in words behind."""

ROUND = (5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
"""Seconds that have a mark on a scale that grows."""


class ChartScale(Protocol):
    """A way to place numbers."""

    @property
    def values(self) -> Sequence[float]:
        """Those that have a mark of their own."""

    def x(self, value: float) -> float:
        """Where a number lies; of two the greater is never further left."""


@dataclass(frozen=True, slots=True)
class CountScale:
    """From nothing to the most, each one as wide as the next."""

    most: float

    @property
    def values(self) -> Sequence[float]:
        """None: the number stands beside its bar."""
        return ()

    def x(self, value: float) -> float:
        """Nothing is at the left."""
        return LEFT + (RIGHT - LEFT) * min(value / self.most, 1.0) if self.most else LEFT


class PercentScale(CountScale):
    """From nothing to all."""

    def __init__(self) -> None:
        """All is a hundred."""
        super().__init__(100)

    @property
    def values(self) -> Sequence[float]:
        """Nothing, half, all."""
        return (0, 50, 100)


@dataclass(frozen=True, slots=True)
class WaitScale:
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


# A drawing of figures: a row for each month, level or contract, and where its marks lie.


@dataclass(frozen=True, slots=True)
class ChartMark:
    """A figure in its place; ``kind`` is its form and colour."""

    kind: str
    x: float


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of a drawing. ``words`` say its figures; without marks there is nothing to draw."""

    name: str
    words: str
    marks: Sequence[ChartMark] = ()
    bar: float | None = None

    @property
    def span(self) -> tuple[float, float] | None:
        """From the first mark to the last."""
        xs = [mark.x for mark in self.marks]
        return (min(xs), max(xs)) if xs else None


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing. ``goal`` is where its line stands; ``kinds`` need a legend."""

    name: str
    strips: Sequence[Strip]
    axis: Sequence[tuple[float, str]] = ()
    goal: float | None = None
    kinds: Sequence[str] = ()
    width: float = WIDTH
    left: float = LEFT
    right: float = RIGHT


DRAWN = 24
"""Rows of a drawing, at most; the table has all of them."""

LONGEST = ROUND[-1]
"""Seconds to which waits are drawn; whoever waited longer stands at the end."""

STEPS = (0, 15, 30, 45, 60, 90, 120, 180, 300, 600)
"""Seconds at which the parts of the distribution begin."""


def draw_charts(
    sheet: FigureTable, bundles: Sequence[BundleUse], rules: FigureRules
) -> list[Chart]:
    """Those that say something of what was asked for."""
    shown = {column.name for column in sheet.columns}
    rows = sheet.drawn[-DRAWN:]
    drawn = [
        _draw_waits(rows, sheet.total.service, rules),
        _draw_spread(sheet.total.service),
        _draw_levels(rows, rules, both="sl2" in shown),
        _draw_counts("breached", rows, lambda it: it.promised, lambda it: it.breached),
    ]
    if "abandoned" in shown:
        drawn.insert(3, _draw_counts("abandoned", rows, lambda it: it.calls, lambda it: it.losses))
    return [*drawn, _draw_bundles(bundles)] if bundles else drawn


def _draw_waits(rows: Sequence[FigureTableRow], total: ServiceFigures, rules: FigureRules) -> Chart:
    """p50, p90 and the worst of each row, on a scale that grows."""
    goal = rules.answer_within.total_seconds()
    least = min([goal / 2, *(row.service.time_to_human(50) or goal for row in rows)])
    shortest = max([one for one in ROUND if one <= least] or [ROUND[0]])
    scale = WaitScale(shortest, min(max(total.worst or 0, goal * 2), LONGEST))
    strips = []
    for row in rows:
        waits = {
            "p50": row.service.time_to_human(50),
            "p90": row.service.time_to_human(90),
            "worst": row.service.worst,
        }
        known = {kind: wait for kind, wait in waits.items() if wait is not None}
        marks = [ChartMark(kind, scale.x(wait)) for kind, wait in known.items()]
        said = " · ".join(format_elapsed(wait) for wait in known.values())
        strips.append(Strip(row.name, said or _explain_empty(row.service), marks))
    return Chart("waits", strips, _axis_marks(scale), scale.x(goal), ("p50", "p90", "worst"))


def _draw_spread(total: ServiceFigures) -> Chart:
    """How many answered calls waited how long, all rows together."""
    if not total.answered:
        return Chart("spread", [Strip("", t("figures.nobody_answered"))])
    parts = [*pairwise(STEPS), (STEPS[-1], None)]
    many = [
        sum(n for wait, n in total.answered.items() if low < wait <= (high or wait))
        + (total.answered.get(0, 0) if low == 0 else 0)
        for low, high in parts
    ]
    scale = CountScale(max(many))
    names = [
        t("figures.up_to", time=format_elapsed(high)) if high else t("figures.beyond")
        for low, high in parts
    ]
    strips = [Strip(name, str(n), bar=scale.x(n)) for name, n in zip(names, many, strict=True)]
    return Chart("spread", strips)


def _draw_levels(rows: Sequence[FigureTableRow], rules: FigureRules, *, both: bool) -> Chart:
    """The service level of each row against its goal, and the second one beside it."""
    scale = PercentScale()
    strips = []
    for row in rows:
        level = row.service.level(rules.answer_within)
        second = row.service.level_2(rules.answer_within) if both else None
        marks = [ChartMark("sl2", scale.x(second))] if second is not None else []
        words = _explain_empty(row.service) if level is None else _format_percent(level)
        bar = None if level is None else scale.x(level)
        strips.append(Strip(row.name, words, marks, bar))
    kinds = ("sl", "sl2") if both else ()
    return Chart("level", strips, _axis_marks(scale), scale.x(rules.goal), kinds)


def _draw_counts(
    name: str,
    rows: Sequence[FigureTableRow],
    of: Callable[[ServiceFigures], int],
    many: Callable[[ServiceFigures], int],
) -> Chart:
    """A count of each row, and of how many."""
    scale = CountScale(max((many(row.service) for row in rows), default=0))
    return Chart(
        name,
        [
            Strip(
                row.name,
                t("figures.so_many", some=many(row.service), all=of(row.service)),
                bar=scale.x(many(row.service)),
            )
            if of(row.service)
            else Strip(row.name, t(f"figures.none_of.{name}"))
            for row in rows
        ],
    )


def _draw_bundles(bundles: Sequence[BundleUse]) -> Chart:
    """What each contract used, and where its bundle ends."""
    most = max(max(one.bundle.sold, one.bundle.used) for one in bundles)
    scale = CountScale(most)
    return Chart(
        "premium",
        [
            Strip(
                one.customer,
                t("figures.so_many", some=one.bundle.used, all=one.bundle.sold),
                [ChartMark("sold", scale.x(one.bundle.sold))],
                scale.x(one.bundle.used),
            )
            for one in bundles
        ],
        kinds=("used", "sold"),
    )


def _axis_marks(scale: ChartScale) -> list[tuple[float, str]]:
    if isinstance(scale, PercentScale):
        return [(scale.x(value), _format_percent(value)) for value in scale.values]
    return [(scale.x(value), format_elapsed(round(value))) for value in scale.values]


def _format_percent(value: float) -> str:
    return t("figures.percent", value=round(value))


def _explain_empty(service: ServiceFigures) -> str:
    return t("figures.nobody_answered") if service.calls else t("figures.no_calls")

"""The charts of the figures. A row without calls has no mark at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from typing import Protocol

from ivr_app.console.drawing import format_elapsed
from ivr_app.console.figures.table import FigureTable, FigureTableRow
from ivr_app.web import t
from routing.service_levels import FigureRules, ServiceFigures
from store.log.premium import BundleUse

WIDTH, LEFT, RIGHT = 420.0, 100.0, 292.0
"""The width of a chart in its own units, and the edges of its marks. Names are left of the marks,
figures as text are right of them."""

ROUND = (5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
"""Seconds that have a mark on the axis of waits."""


class ChartScale(Protocol):
    """A way to place numbers."""

    @property
    def values(self) -> Sequence[float]:
        """The numbers with a mark on the axis."""

    def x(self, value: float) -> float:
        """Return the place of a number; a greater number is never further left."""


@dataclass(frozen=True, slots=True)
class CountScale:
    """A linear scale from zero to the largest count."""

    most: float

    @property
    def values(self) -> Sequence[float]:
        """None: each bar has its number as text."""
        return ()

    def x(self, value: float) -> float:
        """Return the place of a count; zero is at the left edge."""
        if not self.most:
            return LEFT
        return LEFT + (RIGHT - LEFT) * min(value / self.most, 1.0)


class PercentScale(CountScale):
    """A linear scale from 0 to 100 %."""

    def __init__(self) -> None:
        """The largest value is 100."""
        super().__init__(100)

    @property
    def values(self) -> Sequence[float]:
        """0, 50 and 100 %."""
        return (0, 50, 100)


@dataclass(frozen=True, slots=True)
class WaitScale:
    """A logarithmic scale of seconds, as short waits differ by seconds and long ones by minutes."""

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
        """Return the place of a wait; a wait outside the scale is at its edge."""
        within = min(max(value, self.least), self.most)
        return LEFT + (RIGHT - LEFT) * log(within / self.least) / log(self.most / self.least)


@dataclass(frozen=True, slots=True)
class ChartMark:
    """A figure with its place; ``kind`` is its shape and colour."""

    kind: str
    x: float


@dataclass(frozen=True, slots=True)
class Strip:
    """A row of a chart: its figures as text, marks, and the right edge of its bar."""

    name: str
    words: str
    marks: Sequence[ChartMark] = ()
    bar: float | None = None

    @property
    def span(self) -> tuple[float, float] | None:
        """From the first mark to the last."""
        if not self.marks:
            return None
        places = [mark.x for mark in self.marks]
        return min(places), max(places)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart. ``goal`` is the place of its goal; ``kinds`` are the marks of its legend."""

    name: str
    strips: Sequence[Strip]
    axis: Sequence[tuple[float, str]] = ()
    goal: float | None = None
    kinds: Sequence[str] = ()
    width: float = WIDTH
    left: float = LEFT
    right: float = RIGHT


DRAWN = 24
"""The most rows of a chart; the table has all rows."""

LONGEST = ROUND[-1]
"""The longest wait on the axis, in seconds."""

STEPS = (0, 15, 30, 45, 60, 90, 120, 180, 300, 600)
"""Seconds at which the parts of the distribution begin."""


def draw_charts(
    table: FigureTable, bundles: Sequence[BundleUse], rules: FigureRules
) -> list[Chart]:
    """Return the charts of a table. The figures of one engineer have no abandoned calls."""
    columns = {column.name for column in table.columns}
    rows = table.drawn[-DRAWN:]
    charts = [
        _draw_waits(rows, table.total.service, rules),
        _draw_spread(table.total.service),
        _draw_levels(rows, rules, both="sl2" in columns),
    ]
    if "abandoned" in columns:
        charts.append(_draw_counts("abandoned", rows, lambda it: it.calls, lambda it: it.losses))
    charts.append(_draw_counts("breached", rows, lambda it: it.promised, lambda it: it.breached))
    if bundles:
        charts.append(_draw_bundles(bundles))
    return charts


def _draw_waits(rows: Sequence[FigureTableRow], total: ServiceFigures, rules: FigureRules) -> Chart:
    """Draw p50, p90 and the longest wait of each row."""
    goal = rules.answer_within.total_seconds()
    least = min([goal / 2, *(row.service.time_to_human(50) or goal for row in rows)])
    shortest = max((one for one in ROUND if one <= least), default=ROUND[0])
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
        words = " · ".join(format_elapsed(wait) for wait in known.values())
        strips.append(Strip(row.name, words or _explain_empty(row.service), marks))
    return Chart("waits", strips, _draw_elapsed_axis(scale), scale.x(goal), ("p50", "p90", "worst"))


def _draw_spread(total: ServiceFigures) -> Chart:
    """Draw the number of answered calls by wait, all rows together."""
    if not total.answered:
        return Chart("spread", [Strip("", t("figures.nobody_answered"))])
    counts = {
        t("figures.up_to", time=format_elapsed(high)): _count_waits(total, low, high)
        for low, high in pairwise(STEPS)
    }
    longer = sum(count for wait, count in total.answered.items() if wait > STEPS[-1])
    counts[t("figures.beyond")] = longer
    scale = CountScale(max(counts.values()))
    strips = [Strip(name, str(count), bar=scale.x(count)) for name, count in counts.items()]
    return Chart("spread", strips)


def _count_waits(total: ServiceFigures, low: int, high: int) -> int:
    """Count the answered calls with a wait above ``low``, up to ``high``; the first part has the
    calls without a wait."""
    return sum(
        count
        for wait, count in total.answered.items()
        if low < wait <= high or wait == low == STEPS[0]
    )


def _draw_levels(rows: Sequence[FigureTableRow], rules: FigureRules, *, both: bool) -> Chart:
    """Draw the service level of each row and its goal, with ``both`` also service level 2."""
    scale = PercentScale()
    strips = [_draw_level(row, rules, scale, both=both) for row in rows]
    chart = Chart("level", strips, _draw_percent_axis(scale), scale.x(rules.goal))
    if both:
        return replace(chart, kinds=("sl", "sl2"))
    return chart


def _draw_level(
    row: FigureTableRow, rules: FigureRules, scale: PercentScale, *, both: bool
) -> Strip:
    marks, second = [], row.service.level_2(rules.answer_within)
    if both and second is not None:
        marks.append(ChartMark("sl2", scale.x(second)))
    level = row.service.level(rules.answer_within)
    if level is None:
        return Strip(row.name, _explain_empty(row.service), marks)
    return Strip(row.name, _format_percent(level), marks, scale.x(level))


Count = Callable[[ServiceFigures], int]


def _draw_counts(name: str, rows: Sequence[FigureTableRow], whole: Count, part: Count) -> Chart:
    """Draw a count of each row, as a part of a whole."""
    scale = CountScale(max((part(row.service) for row in rows), default=0))
    strips = []
    for row in rows:
        some, all_ = part(row.service), whole(row.service)
        if all_:
            words = t("figures.so_many", some=some, all=all_)
            strips.append(Strip(row.name, words, bar=scale.x(some)))
        else:
            strips.append(Strip(row.name, t(f"figures.none_of.{name}")))
    return Chart(name, strips)


def _draw_bundles(bundles: Sequence[BundleUse]) -> Chart:
    """Draw the premium incidents that each contract used, and the size of its bundle."""
    scale = CountScale(max(max(one.sold, one.bundle.used) for one in bundles))
    strips = []
    for one in bundles:
        words = t("figures.so_many", some=one.bundle.used, all=one.sold)
        marks = [ChartMark("sold", scale.x(one.sold))]
        strips.append(Strip(one.customer, words, marks, scale.x(one.bundle.used)))
    return Chart("premium", strips, kinds=("used", "sold"))


def _draw_percent_axis(scale: ChartScale) -> list[tuple[float, str]]:
    return [(scale.x(value), _format_percent(value)) for value in scale.values]


def _draw_elapsed_axis(scale: ChartScale) -> list[tuple[float, str]]:
    return [(scale.x(value), format_elapsed(round(value))) for value in scale.values]


def _format_percent(value: float) -> str:
    return t("figures.percent", value=round(value))


def _explain_empty(service: ServiceFigures) -> str:
    if service.calls:
        return t("figures.nobody_answered")
    return t("figures.no_calls")

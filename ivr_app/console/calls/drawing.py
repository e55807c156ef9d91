"""A timeline as a drawing: spans of time become bars that keep their order and never overlap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 1000.0
"""Of the drawing, in its own units; the browser fits it to the page."""

SMALLEST_WIDTH = 3.0
"""A bar is at least so wide, where the next one leaves room for it."""

TICK_DISTANCE = 4.0
"""Numbers stand at least so far apart; those that would stand nearer are told as one."""

LETTER = 7.0
"""The width of a letter, at most."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
"""Seconds between the marks of an axis, of which the first that leaves few enough is taken."""

MARKS = 10
"""An axis has at most so many of them."""


@dataclass(frozen=True, slots=True)
class Span:
    """What somebody was doing from one moment to another."""

    kind: str
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class DrawnSpan:
    """A span in its place; ``kind`` is its colour."""

    span: Span
    x: float
    width: float

    def holds(self, words: str) -> bool:
        """True when there is room for these words inside."""
        return self.width > len(words) * LETTER + LETTER * 2


@dataclass(frozen=True, slots=True)
class TimeScale:
    """From when to when is drawn; whatever lies outside is drawn at the edge."""

    start: dt.datetime
    end: dt.datetime

    @property
    def seconds(self) -> float:
        """How long that is; never nothing."""
        return max((self.end - self.start).total_seconds(), 0.001)

    def x(self, at: dt.datetime) -> float:
        """Where a moment lies; of two moments the later one is never further left."""
        return min(max((at - self.start).total_seconds() / self.seconds, 0.0), 1.0) * WIDTH

    def marks(self) -> list[tuple[float, str]]:
        """The marks of the axis: where they lie, and the time since the beginning as a clock."""
        step = next((s for s in STEPS if self.seconds / s <= MARKS), self._days())
        counted = (number * step for number in range(int(self.seconds // step) + 1))
        return [(seconds / self.seconds * WIDTH, format_elapsed(seconds)) for seconds in counted]

    def _days(self) -> int:
        return STEPS[-1] * (int(self.seconds / STEPS[-1] / MARKS) + 1)


def format_elapsed(seconds: int) -> str:
    """0:00, 1:30, 2:05:00: so long since the beginning."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def draw_bars(scale: TimeScale, spans: Iterable[Span]) -> list[DrawnSpan]:
    """The spans of one lane in order. One that begins before the last has ended ends it."""
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    edges = [scale.x(span.start) for span in ordered]
    drawn = []
    for at, span in enumerate(ordered):
        room = (edges[at + 1] if at + 1 < len(edges) else WIDTH) - edges[at]
        wanted = max(scale.x(span.end) - edges[at], SMALLEST_WIDTH)
        drawn.append(DrawnSpan(span, edges[at], max(min(wanted, room), 0.0)))
    return drawn


@dataclass(frozen=True, slots=True)
class Tick:
    """Some things that happened almost at once, counted from the first to the last of them."""

    x: float
    first: int
    last: int

    @property
    def label(self) -> str:
        """4, or 4–9."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def width(self) -> float:
        """Of its label, with room around it."""
        return max(24.0, len(self.label) * LETTER + 12)

    @property
    def left(self) -> float:
        """Where its label begins: just before the moment, but within the drawing."""
        return min(max(self.x - 12, 0.0), WIDTH - self.width)


def draw_ticks(scale: TimeScale, moments: Sequence[dt.datetime]) -> list[Tick]:
    """Where the numbers of things that happened stand, 1 being the first; moments in order. What
    lies outside the scale has none."""
    placed = [
        (scale.x(at), number)
        for number, at in enumerate(moments, start=1)
        if scale.start <= at <= scale.end
    ]
    drawn: list[Tick] = []
    for x, number in placed:
        drawn.append(Tick(x, number, number))
        while len(drawn) > 1 and drawn[-1].left < drawn[-2].left + drawn[-2].width + TICK_DISTANCE:
            last = drawn.pop().last
            drawn[-1] = Tick(drawn[-1].x, drawn[-1].first, last)
    return drawn


def find_spans(moments: Sequence[tuple[dt.datetime, str | None]], end: dt.datetime) -> list[Span]:
    """What somebody was doing, from the moments at which it changed; None is nothing."""
    closed = [*sorted(moments, key=lambda each: each[0]), (end, None)]
    found: list[Span] = []
    for (start, kind), (until, _) in pairwise(closed):
        if kind is None or until <= start:
            continue
        if found and found[-1].kind == kind and found[-1].end == start:
            found[-1] = Span(kind, found[-1].start, until)
        else:
            found.append(Span(kind, start, until))
    return found

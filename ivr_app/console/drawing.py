"""A timeline as a drawing: spans of time become bars that keep their order and never overlap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 1000.0
"""Width of the drawing in its own units; the browser scales it to the page."""

SMALLEST_WIDTH = 3.0
"""The least width of a bar, as far as the next bar leaves room."""

TICK_DISTANCE = 4.0
"""The least distance between two ticks; ticks that are closer become one."""

LETTER = 7.0
"""The largest width of a letter."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
"""Seconds between the marks of an axis: the first step with at most ``MARKS`` marks is used."""

MARKS = 10
"""The most marks of an axis."""


@dataclass(frozen=True, slots=True)
class Span:
    """What somebody did from one moment to another."""

    kind: str
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class DrawnSpan:
    """A span with its place in the drawing; the kind of the span is its colour."""

    span: Span
    x: float
    width: float

    def holds(self, words: str) -> bool:
        """Return True if these words fit inside."""
        return self.width > len(words) * LETTER + LETTER * 2


@dataclass(frozen=True, slots=True)
class TimeScale:
    """The time that is drawn; anything outside is drawn at the edge."""

    start: dt.datetime
    end: dt.datetime

    @property
    def seconds(self) -> float:
        """The length, never zero."""
        return max((self.end - self.start).total_seconds(), 0.001)

    def x(self, at: dt.datetime) -> float:
        """Return the place of a moment; a later moment is never further left."""
        return min(max((at - self.start).total_seconds() / self.seconds, 0.0), 1.0) * WIDTH

    def marks(self) -> list[tuple[float, str]]:
        """Return the marks of the axis: their places, and the time since the start."""
        step = next((s for s in STEPS if self.seconds / s <= MARKS), self._days())
        counted = (number * step for number in range(int(self.seconds // step) + 1))
        return [(seconds / self.seconds * WIDTH, format_elapsed(seconds)) for seconds in counted]

    def _days(self) -> int:
        return STEPS[-1] * (int(self.seconds / STEPS[-1] / MARKS) + 1)


def format_elapsed(seconds: int) -> str:
    """0:00, 1:30, 2:05:00: the time since the start."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}"


def draw_bars(scale: TimeScale, spans: Iterable[Span]) -> list[DrawnSpan]:
    """Return the spans of one lane in order. A span ends where the next one starts."""
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    edges = [*(scale.x(span.start) for span in ordered), WIDTH]
    drawn = []
    for span, (left, right) in zip(ordered, pairwise(edges), strict=True):
        wanted = max(scale.x(span.end) - left, SMALLEST_WIDTH)
        drawn.append(DrawnSpan(span, left, max(min(wanted, right - left), 0.0)))
    return drawn


@dataclass(frozen=True, slots=True)
class Tick:
    """The numbers of steps that happened almost at once, from the first to the last of them."""

    x: float
    first: int
    last: int

    @property
    def label(self) -> str:
        """4, or 4–9."""
        if self.first == self.last:
            return str(self.first)
        return f"{self.first}–{self.last}"

    @property
    def width(self) -> float:
        """The width of the label with its margin."""
        return max(24.0, len(self.label) * LETTER + 12)

    @property
    def left(self) -> float:
        """The start of the label: just before the moment, but within the drawing."""
        return min(max(self.x - 12, 0.0), WIDTH - self.width)


def draw_ticks(scale: TimeScale, moments: Sequence[dt.datetime]) -> list[Tick]:
    """Return the ticks of steps at these moments, which are in order; the first step is 1. A step
    outside the scale has no tick."""
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
    """Return what somebody did, from the moments at which it changed; None is nothing."""
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

"""The timeline of a call or of an incident, laid out: what the template draws and tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ivr_app.console.calls.drawing import WIDTH, Bar, Scale, Tick, bars, ticks
from ivr_app.console.calls.lanes import KINDS, Lane, Mark, caller_lane, leg_lanes, marks
from store.story import Entry, Story

LANE = 46.0
"""How high a lane is, its name included."""

TOP = 24.0
"""Room for the axis."""


@dataclass(frozen=True, slots=True)
class Row:
    """A lane in its place: its name stands at ``y``, its bars below."""

    y: float
    lane: Lane
    bars: Sequence[Bar]
    ends: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that is drawn, and the entries that the numbers stand for."""

    scale: Scale
    rows: Sequence[Row]
    marks: Sequence[tuple[float, Mark]]
    ticks: Sequence[Tick]
    entries: Sequence[Entry]

    @property
    def width(self) -> float:
        """Of the drawing."""
        return WIDTH

    @property
    def axis(self) -> list[tuple[float, str]]:
        """Its marks: where they lie, and what they say."""
        return self.scale.marks()

    @property
    def kinds(self) -> list[str]:
        """The colours that are drawn, in the order of their legend."""
        drawn = {bar.span.kind for row in self.rows for bar in row.bars}
        return [kind for kind in KINDS if kind in drawn]

    @property
    def channels(self) -> list[str]:
        """The ways of what was written."""
        return sorted({mark.channel.value for _, mark in self.marks})

    def since(self, at: dt.datetime) -> str:
        """Seconds since the beginning, to the millisecond: +12.345."""
        return f"{(at - self.scale.start).total_seconds():+.3f}"

    @property
    def foot(self) -> float:
        """Where the numbers stand: below the lanes, and below what was written if there is any."""
        return TOP + LANE * (len(self.rows) + bool(self.marks))


def timeline(story: Story, now: dt.datetime) -> Timeline:
    """Lay out a call, the telephones that were rung, and what was sent, from the call's beginning
    until the last of it was over."""
    callers = [caller_lane(call, story.entries, now) for call in story.calls]
    legs = leg_lanes(story, now)
    moments = [entry.at for entry in story.entries]
    scale = _scale(story, legs, now)
    return laid_out(scale, [*callers, *legs], marks(story), moments, story.entries)


def laid_out(
    scale: Scale,
    lanes: Iterable[Lane],
    sent: Iterable[Mark],
    moments: Sequence[dt.datetime],
    entries: Sequence[Entry] = (),
) -> Timeline:
    """What of all this lies between the ends of the scale; ``moments`` are what is numbered."""
    seen = [lane for each in lanes if (lane := _within(each, scale)).spans]
    return Timeline(
        scale,
        [_row(at, lane, scale) for at, lane in enumerate(seen)],
        [(scale.x(mark.at), mark) for mark in sent if scale.start <= mark.at <= scale.end],
        ticks(scale, moments),
        entries,
    )


def _scale(story: Story, legs: Iterable[Lane], now: dt.datetime) -> Scale:
    """A call is drawn to its end and to that of every telephone that was rung before it."""
    call = story.calls[0]
    over = call.ended_at or now
    rung = [span for lane in legs for span in lane.spans if span.start <= over]
    return Scale(call.started_at, max([over, *(span.end for span in rung)]))


def _within(lane: Lane, scale: Scale) -> Lane:
    """What was over before, or began after, belongs to another call."""
    seen = [s for s in lane.spans if s.start <= scale.end and s.end >= scale.start]
    results = [each for each in lane.results if scale.start <= each[0] <= scale.end]
    return Lane(lane.who, seen, results)


def _row(at: int, lane: Lane, scale: Scale) -> Row:
    ends = [(scale.x(over), result) for over, result in lane.results]
    return Row(TOP + LANE * at, lane, bars(scale, lane.spans), ends)

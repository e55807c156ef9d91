"""The timeline of a call or of an incident, laid out: what the template draws and tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ivr_app.console.calls.drawing import WIDTH, Bar, Scale, Tick, bars, ticks
from ivr_app.console.calls.lanes import KINDS, Lane, Mark, caller_lane, leg_lanes, marks
from routing.call import Call
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
    """Lay out the calls, the telephones that were rung, and what was sent, from the first call's
    beginning until the last of it was over."""
    callers = [caller_lane(call, story.entries, now) for call in story.calls]
    scale = _scale(story, callers, now)
    legs = [_within(lane, scale) for lane in leg_lanes(story, now)]
    lanes = [*callers, *(lane for lane in legs if lane.spans)]
    sent = [mark for mark in marks(story) if scale.start <= mark.at <= scale.end]
    return Timeline(
        scale,
        [_row(at, lane, scale) for at, lane in enumerate(lanes)],
        [(scale.x(mark.at), mark) for mark in sent],
        ticks(scale, [entry.at for entry in story.entries]),
        story.entries,
    )


def _scale(story: Story, callers: Sequence[Lane], now: dt.datetime) -> Scale:
    """A call is drawn to its end and to that of every telephone that was rung before it."""
    first = story.calls[0].started_at if story.calls else _opened(story, now)
    over = max([_end(call, now) for call in story.calls] or [now])
    rung = [span for lane in leg_lanes(story, now) for span in lane.spans if span.start <= over]
    return Scale(first, max([over, *(span.end for span in rung)]))


def _opened(story: Story, now: dt.datetime) -> dt.datetime:
    return story.incident.opened_at if story.incident is not None else now


def _end(call: Call, now: dt.datetime) -> dt.datetime:
    return call.ended_at or now


def _within(lane: Lane, scale: Scale) -> Lane:
    """What was over before, or began after, belongs to another call."""
    seen = [s for s in lane.spans if s.start <= scale.end and s.end >= scale.start]
    results = [each for each in lane.results if scale.start <= each[0] <= scale.end]
    return Lane(lane.who, seen, results)


def _row(at: int, lane: Lane, scale: Scale) -> Row:
    ends = [(scale.x(over), result) for over, result in lane.results]
    return Row(TOP + LANE * at, lane, bars(scale, lane.spans), ends)

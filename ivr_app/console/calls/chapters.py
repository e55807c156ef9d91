"""An incident drawn in chapters: whatever telephones did, with the quiet hours between left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ivr_app.console.calls.drawing import Scale, Span
from ivr_app.console.calls.lanes import caller_lane, leg_lanes, marks
from ivr_app.console.calls.timeline import Timeline, laid_out
from routing.call import Call
from store.story import Story

QUIET = dt.timedelta(minutes=15)
"""When nobody has telephoned for so long, whatever comes next begins a chapter of its own."""

MOST = 12
"""Chapters that are drawn; an incident that rings people all week is read, not looked at."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch without much quiet, and the calls that began in it."""

    timeline: Timeline
    calls: Sequence[Call]


def chapters(story: Story, moments: Sequence[dt.datetime], now: dt.datetime) -> list[Chapter]:
    """The first of them; ``moments`` are those of the steps to which the numbers lead, in order.
    What was only written, and rang nobody, is no chapter."""
    lanes = [caller_lane(call, story.entries, now) for call in story.calls]
    lanes += leg_lanes(story, now)
    sent = marks(story)
    rung = [span for lane in lanes for span in lane.spans]
    drawn = [laid_out(scale, lanes, sent, moments) for scale in _stretches(rung)[:MOST]]
    return [Chapter(each, _begun(story.calls, each.scale)) for each in drawn]


def _stretches(spans: Iterable[Span]) -> list[Scale]:
    found: list[Scale] = []
    for span in sorted(spans, key=lambda each: each.start):
        if found and span.start - found[-1].end < QUIET:
            found[-1] = Scale(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(Scale(span.start, span.end))
    return found


def _begun(calls: Iterable[Call], scale: Scale) -> list[Call]:
    return [call for call in calls if scale.start <= call.started_at <= scale.end]

"""The drawing of a timeline: lanes of the caller and the engineers, and of messages."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ivr_app.console.drawing import (
    WIDTH,
    DrawnSpan,
    Span,
    Tick,
    TimeScale,
    draw_bars,
    draw_ticks,
    find_spans,
)
from routing.call import Call
from routing.journal import JournalEvent
from routing.line import Channel, Line
from routing.page import Page
from store.log.timeline import Timeline, TimelineEntry, TimelineStep, read_call_timeline

MENU, WAITING, TALKING, MESSAGE = "menu", "waiting", "talking", "message"
RINGING, LISTENING, CONNECTING, CLOSING, CALLING = (
    "ringing",
    "listening",
    "connecting",
    "closing",
    "calling",
)
KINDS = (MENU, WAITING, TALKING, MESSAGE, RINGING, LISTENING, CONNECTING, CLOSING, CALLING)

CALLER: Mapping[str, str] = {
    JournalEvent.ANSWERED: MENU,
    JournalEvent.MESSAGE: MESSAGE,
    JournalEvent.BRIDGED: TALKING,
    JournalEvent.TALKED: TALKING,
    JournalEvent.RESCUE: WAITING,
    JournalEvent.RESCUE_OVER: WAITING,
    JournalEvent.HANDED_OVER: WAITING,
    JournalEvent.STAYS_ON: WAITING,
    JournalEvent.CAME_BACK: WAITING,
    JournalEvent.STILL_THERE: WAITING,
    JournalEvent.RAISE: MENU,
    JournalEvent.CALLBACK: MENU,
    JournalEvent.OTHER_SIDE_LEFT: MENU,
    JournalEvent.LATER: MENU,
    JournalEvent.TOLD_LATER: MENU,
}
"""What the caller does from an event on; the other events change nothing."""

LEG: Mapping[str, str | None] = {
    JournalEvent.PLACED: RINGING,
    JournalEvent.LISTENING: LISTENING,
    JournalEvent.ACCEPTED: CONNECTING,
    JournalEvent.CONNECTING: CONNECTING,
    JournalEvent.BRIDGED: TALKING,
    JournalEvent.PARTED: CLOSING,
    JournalEvent.CALLING_BACK: CALLING,
    JournalEvent.CALLED_BACK: CLOSING,
    JournalEvent.REFUSED: None,
    JournalEvent.LEG_ENDED: None,
}
"""What a person whose phone is rung does from an event on."""


@dataclass(frozen=True, slots=True)
class PartyLane:
    """What one party did. ``who`` is the id of an engineer, or None for the customer; ``results``
    are the results of the engineer's legs, with the time of their end."""

    who: str | None
    spans: Sequence[Span]
    results: Sequence[tuple[dt.datetime, str]] = ()


@dataclass(frozen=True, slots=True)
class WrittenMark:
    """A message that was sent to somebody."""

    at: dt.datetime
    channel: Channel
    who: str
    result: str | None
    reason: str | None = None


def build_caller_lane(call: Call, entries: Iterable[TimelineEntry], now: dt.datetime) -> PartyLane:
    """Return the lane of the caller."""
    mine = [entry for entry in entries if entry.call == call.id]
    moments: list[tuple[dt.datetime, str | None]] = [(call.started_at, MENU)]
    moments += [(one.at, CALLER[one.event]) for one in mine if one.event in CALLER]
    after_message = MENU
    if call.parked_at is not None:
        moments.append((call.parked_at, WAITING))
        after_message = WAITING
    for one in mine:
        if one.event == JournalEvent.MESSAGE_LEFT:
            moments.append((one.at, after_message))
        elif one.event == JournalEvent.ACCEPTED and one.leg is None:
            moments.append((one.at, TALKING))  # the last resort, dialled from the call itself
    end = call.ended_at or now
    return PartyLane(call.engineer, find_spans([each for each in moments if each[0] <= end], end))


def build_leg_lanes(timeline: Timeline, now: dt.datetime) -> list[PartyLane]:
    """Return a lane for each person whose phone was rung, in the order of ringing."""
    of_leg: dict[str, list[TimelineEntry]] = defaultdict(list)
    for entry in timeline.entries:
        if entry.leg is not None:
            of_leg[entry.leg].append(entry)
    found: dict[str, PartyLane] = {}
    for page in timeline.pages:
        if page.channel is Channel.CALL:
            before = found.get(page.engineer, PartyLane(page.engineer, ()))
            spans, over = _build_leg_spans(page, of_leg[page.id], now)
            results = [*before.results]
            if page.result is not None:
                results.append((over, page.result.value))
            found[page.engineer] = PartyLane(page.engineer, [*before.spans, *spans], results)
    return list(found.values())


def _build_leg_spans(
    page: Page, entries: Sequence[TimelineEntry], now: dt.datetime
) -> tuple[list[Span], dt.datetime]:
    ends = (JournalEvent.LEG_ENDED, JournalEvent.REFUSED)
    over = next((one.at for one in entries if one.event in ends), None)
    last = max([page.at, *(one.at for one in entries)])
    if page.live:
        last = now
    end = over or last
    moments: list[tuple[dt.datetime, str | None]] = [(page.at, RINGING)]
    moments += [(one.at, LEG[one.event]) for one in entries if one.event in LEG and one.at <= end]
    return find_spans(moments, end), end


def find_messages(timeline: Timeline) -> list[WrittenMark]:
    """Return the texts and mails, in the order of sending."""
    sent = [
        WrittenMark(one.at, one.channel, one.engineer, one.result, one.reason)
        for one in timeline.pages
        if one.channel is not Channel.CALL
    ]
    sent += [
        WrittenMark(one.at, one.channel, one.reader, one.result, one.reason)
        for one in timeline.messages
    ]
    return sorted(sent, key=lambda mark: mark.at)


LANE = 46.0
"""Height of a lane with its name."""

TOP = 24.0
"""Height of the axis."""


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A lane with its place: its name is at ``y``, its bars are below."""

    y: float
    lane: PartyLane
    bars: Sequence[DrawnSpan]
    ends: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class DrawnTimeline:
    """A drawing, and the steps to which its numbers link."""

    scale: TimeScale
    rows: Sequence[LaneRow]
    marks: Sequence[tuple[float, WrittenMark]]
    ticks: Sequence[Tick]
    steps: Sequence[TimelineStep]

    @property
    def width(self) -> float:
        """The width of the drawing."""
        return WIDTH

    @property
    def axis(self) -> list[tuple[float, str]]:
        """The marks of the axis: their places and texts."""
        return self.scale.marks()

    @property
    def kinds(self) -> list[str]:
        """The kinds of spans in the drawing, in the order of the legend."""
        drawn = {bar.span.kind for row in self.rows for bar in row.bars}
        return [kind for kind in KINDS if kind in drawn]

    @property
    def channels(self) -> list[str]:
        """The channels of the messages."""
        return sorted({mark.channel.value for _, mark in self.marks})

    def since(self, at: dt.datetime) -> str:
        """Return the seconds since the start, to the millisecond: +12.345."""
        return f"{(at - self.scale.start).total_seconds():+.3f}"

    @property
    def foot(self) -> float:
        """The place of the numbers, below the lanes and the messages."""
        return TOP + LANE * (len(self.rows) + bool(self.marks))


def draw_timeline(timeline: Timeline, now: dt.datetime) -> DrawnTimeline:
    """Return the drawing of a call, its legs and its messages, from the start of the call to the
    end of the last leg."""
    callers = [build_caller_lane(call, timeline.entries, now) for call in timeline.calls]
    legs = build_leg_lanes(timeline, now)
    scale = _find_scale(timeline, legs, now)
    return lay_out(scale, [*callers, *legs], find_messages(timeline), timeline.steps)


def lay_out(
    scale: TimeScale,
    lanes: Iterable[PartyLane],
    sent: Iterable[WrittenMark],
    steps: Sequence[TimelineStep],
) -> DrawnTimeline:
    """Return the drawing of everything within the scale, with a tick for each step."""
    seen = [lane for each in lanes if (lane := _cut_lane(each, scale)).spans]
    return DrawnTimeline(
        scale,
        [_draw_row(at, lane, scale) for at, lane in enumerate(seen)],
        [(scale.x(mark.at), mark) for mark in sent if scale.start <= mark.at <= scale.end],
        draw_ticks(scale, [step.at for step in steps]),
        steps,
    )


def _find_scale(timeline: Timeline, legs: Iterable[PartyLane], now: dt.datetime) -> TimeScale:
    """Return the time from the start of the call to the end of the last leg that began before it
    ended."""
    call = timeline.calls[0]
    over = call.ended_at or now
    rung = [span for lane in legs for span in lane.spans if span.start <= over]
    return TimeScale(call.started_at, max([over, *(span.end for span in rung)]))


def _cut_lane(lane: PartyLane, scale: TimeScale) -> PartyLane:
    """Return the part of a lane within the scale; the rest belongs to another call."""
    seen = [s for s in lane.spans if s.start <= scale.end and s.end >= scale.start]
    results = [each for each in lane.results if scale.start <= each[0] <= scale.end]
    return PartyLane(lane.who, seen, results)


def _draw_row(at: int, lane: PartyLane, scale: TimeScale) -> LaneRow:
    ends = [(scale.x(over), result) for over, result in lane.results]
    return LaneRow(TOP + LANE * at, lane, draw_bars(scale, lane.spans), ends)


QUIET = dt.timedelta(minutes=15)
"""A longer time without phone calls separates two chapters."""

MOST = 12
"""The most chapters that are drawn; the list of steps has everything."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A drawing of a time with phone calls, and the calls that began in it."""

    timeline: DrawnTimeline
    calls: Sequence[Call]


def split_chapters(timeline: Timeline, now: dt.datetime) -> list[Chapter]:
    """Return the first chapters of an incident. Only phone calls make a chapter."""
    lanes = [build_caller_lane(call, timeline.entries, now) for call in timeline.calls]
    lanes += build_leg_lanes(timeline, now)
    sent, steps = find_messages(timeline), timeline.steps
    rung = [span for lane in lanes for span in lane.spans]
    drawn = [lay_out(scale, lanes, sent, steps) for scale in _find_stretches(rung)[:MOST]]
    return [Chapter(each, _find_calls_in(timeline.calls, each.scale)) for each in drawn]


def _find_stretches(spans: Iterable[Span]) -> list[TimeScale]:
    found: list[TimeScale] = []
    for span in sorted(spans, key=lambda each: each.start):
        if found and span.start - found[-1].end < QUIET:
            found[-1] = TimeScale(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(TimeScale(span.start, span.end))
    return found


def _find_calls_in(calls: Iterable[Call], scale: TimeScale) -> list[Call]:
    return [call for call in calls if scale.start <= call.started_at <= scale.end]


@dataclass(frozen=True, slots=True)
class CallDetail:
    """One call; ``incident`` is the number of its incident."""

    call: Call
    incident: int | None
    timeline: DrawnTimeline
    line: Line | None


def find_call_detail(
    engine: Engine, lines: Iterable[Line], sid: str, now: dt.datetime
) -> CallDetail | None:
    """Return the call with this carrier id, or None."""
    found = read_call_timeline(engine, sid)
    if found is None:
        return None
    call, number = found.calls[0], None
    if found.incident is not None:
        number = found.incident.number
    line = next((line for line in lines if line.id == call.line), None)
    return CallDetail(call, number, draw_timeline(found, now), line)

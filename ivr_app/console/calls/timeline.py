"""The timeline of a call or of an incident, laid out: what the template draws and tells."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
from service.bootstrap import Services
from store.log.timeline import Timeline, TimelineEntry, TimelineStep, read_call_timeline

# Who was doing what, when: the lanes of a timeline, read from the journal.


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
"""What the caller is doing from an event on; whatever stands not here changes nothing."""

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
"""The same for somebody whose telephone is rung."""


@dataclass(frozen=True, slots=True)
class PartyLane:
    """What one party was doing. ``who`` is an engineer's id, or None for the customer; ``results``
    is what became of each telephone, with when it was over."""

    who: str | None
    spans: Sequence[Span]
    results: Sequence[tuple[dt.datetime, str]] = ()


@dataclass(frozen=True, slots=True)
class WrittenMark:
    """Something written and sent to somebody."""

    at: dt.datetime
    channel: Channel
    who: str
    result: str | None
    reason: str | None = None


def build_caller_lane(call: Call, entries: Iterable[TimelineEntry], now: dt.datetime) -> PartyLane:
    """The caller's part of a call."""
    mine = [entry for entry in entries if entry.call == call.id]
    moments: list[tuple[dt.datetime, str | None]] = [(call.started_at, MENU)]
    moments += [(one.at, CALLER[one.event]) for one in mine if one.event in CALLER]
    if call.parked_at is not None:
        moments.append((call.parked_at, WAITING))
    for one in mine:
        if one.event == JournalEvent.MESSAGE_LEFT:
            moments.append((one.at, WAITING if call.parked_at is not None else MENU))
        elif one.event == JournalEvent.ACCEPTED and one.leg is None:
            moments.append((one.at, TALKING))  # the last resort, dialled from the call itself
    end = call.ended_at or now
    return PartyLane(call.engineer, find_spans([each for each in moments if each[0] <= end], end))


def build_leg_lanes(story: Timeline, now: dt.datetime) -> list[PartyLane]:
    """A lane for each engineer whose telephone was rung, in the order of ringing."""
    of_leg: dict[str, list[TimelineEntry]] = defaultdict(list)
    for entry in story.entries:
        if entry.leg is not None:
            of_leg[entry.leg].append(entry)
    found: dict[str, PartyLane] = {}
    for page in story.pages:
        if page.channel is Channel.CALL:
            before = found.get(page.engineer, PartyLane(page.engineer, ()))
            drawn, over = _build_leg_lane(page, of_leg[page.id], now)
            results = [(over, page.result.value)] if page.result is not None else []
            found[page.engineer] = PartyLane(
                page.engineer, [*before.spans, *drawn], [*before.results, *results]
            )
    return list(found.values())


def _build_leg_lane(
    page: Page, entries: Sequence[TimelineEntry], now: dt.datetime
) -> tuple[list[Span], dt.datetime]:
    ends = (JournalEvent.LEG_ENDED, JournalEvent.REFUSED)
    over = next((one.at for one in entries if one.event in ends), None)
    last = max([page.at, *(one.at for one in entries)])
    end = over or (now if page.live else last)
    moments: list[tuple[dt.datetime, str | None]] = [(page.at, RINGING)]
    moments += [(one.at, LEG[one.event]) for one in entries if one.event in LEG and one.at <= end]
    return find_spans(moments, end), end


def find_messages(story: Timeline) -> list[WrittenMark]:
    """The texts and mails, in the order of sending."""
    sent = [
        WrittenMark(one.at, one.channel, one.engineer, one.result, one.reason)
        for one in story.pages
        if one.channel is not Channel.CALL
    ]
    sent += [
        WrittenMark(one.at, one.channel, one.reader, one.result, one.reason)
        for one in story.messages
    ]
    return sorted(sent, key=lambda mark: mark.at)


LANE = 46.0
"""How high a lane is, its name included."""

TOP = 24.0
"""Room for the axis."""


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A lane in its place: its name stands at ``y``, its bars below."""

    y: float
    lane: PartyLane
    bars: Sequence[DrawnSpan]
    ends: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class DrawnTimeline:
    """Everything that is drawn, and the steps that the numbers lead to."""

    scale: TimeScale
    rows: Sequence[LaneRow]
    marks: Sequence[tuple[float, WrittenMark]]
    ticks: Sequence[Tick]
    steps: Sequence[TimelineStep]

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


def draw_timeline(story: Timeline, now: dt.datetime) -> DrawnTimeline:
    """Lay out a call, the telephones that were rung, and what was sent, from the call's beginning
    until the last of it was over."""
    callers = [build_caller_lane(call, story.entries, now) for call in story.calls]
    legs = build_leg_lanes(story, now)
    scale = _find_scale(story, legs, now)
    return lay_out(scale, [*callers, *legs], find_messages(story), story.steps)


def lay_out(
    scale: TimeScale,
    lanes: Iterable[PartyLane],
    sent: Iterable[WrittenMark],
    steps: Sequence[TimelineStep],
) -> DrawnTimeline:
    """Draw everything between the ends of the scale; ticks number the steps."""
    seen = [lane for each in lanes if (lane := _overlaps(each, scale)).spans]
    return DrawnTimeline(
        scale,
        [_draw_row(at, lane, scale) for at, lane in enumerate(seen)],
        [(scale.x(mark.at), mark) for mark in sent if scale.start <= mark.at <= scale.end],
        draw_ticks(scale, [step.at for step in steps]),
        steps,
    )


def _find_scale(story: Timeline, legs: Iterable[PartyLane], now: dt.datetime) -> TimeScale:
    """A call is drawn to its end and to that of every telephone that was rung before it."""
    call = story.calls[0]
    over = call.ended_at or now
    rung = [span for lane in legs for span in lane.spans if span.start <= over]
    return TimeScale(call.started_at, max([over, *(span.end for span in rung)]))


def _overlaps(lane: PartyLane, scale: TimeScale) -> PartyLane:
    """What was over before, or began after, belongs to another call."""
    seen = [s for s in lane.spans if s.start <= scale.end and s.end >= scale.start]
    results = [each for each in lane.results if scale.start <= each[0] <= scale.end]
    return PartyLane(lane.who, seen, results)


def _draw_row(at: int, lane: PartyLane, scale: TimeScale) -> LaneRow:
    ends = [(scale.x(over), result) for over, result in lane.results]
    return LaneRow(TOP + LANE * at, lane, draw_bars(scale, lane.spans), ends)


# An incident drawn in chapters: whatever telephones did, with the quiet hours between left out.


QUIET = dt.timedelta(minutes=15)
"""When nobody has telephoned for so long, whatever comes next begins a chapter of its own."""

MOST = 12
"""Chapters that are drawn; an incident that rings people all week is read, not looked at."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch without much quiet, and the calls that began in it."""

    timeline: DrawnTimeline
    calls: Sequence[Call]


def split_chapters(story: Timeline, now: dt.datetime) -> list[Chapter]:
    """The first chapters. Messages and notes without a telephone call make no chapter."""
    lanes = [build_caller_lane(call, story.entries, now) for call in story.calls]
    lanes += build_leg_lanes(story, now)
    sent, steps = find_messages(story), story.steps
    rung = [span for lane in lanes for span in lane.spans]
    drawn = [lay_out(scale, lanes, sent, steps) for scale in _find_stretches(rung)[:MOST]]
    return [Chapter(each, _calls_begun_in(story.calls, each.scale)) for each in drawn]


def _find_stretches(spans: Iterable[Span]) -> list[TimeScale]:
    found: list[TimeScale] = []
    for span in sorted(spans, key=lambda each: each.start):
        if found and span.start - found[-1].end < QUIET:
            found[-1] = TimeScale(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(TimeScale(span.start, span.end))
    return found


def _calls_begun_in(calls: Iterable[Call], scale: TimeScale) -> list[Call]:
    return [call for call in calls if scale.start <= call.started_at <= scale.end]


# The file on one call: what is known of it, and its timeline.


@dataclass(frozen=True, slots=True)
class CallDetail:
    """One call; ``incident`` is the number of what it is about."""

    call: Call
    incident: int | None
    timeline: DrawnTimeline
    line: Line | None


def find_call_detail(
    board: Services, lines: Mapping[str, Line], sid: str, now: dt.datetime
) -> CallDetail | None:
    """The file on the call of this sid, if there is one."""
    story = read_call_timeline(board.engine, sid)
    if story is None:
        return None
    call, incident = story.calls[0], story.incident
    number = incident.number if incident is not None else None
    return CallDetail(call, number, draw_timeline(story, now), lines.get(call.line))

"""Who was doing what, when: the lanes of a timeline, read from the journal."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ivr_app.console.calls.drawing import Span, spans
from routing.call import Call
from routing.incident import Page
from routing.line import Channel
from store.story import Entry, Story

MENU, WAITING, TALKING, MESSAGE = "menu", "waiting", "talking", "message"
RINGING, LISTENING, CONNECTING, CLOSING, CALLING = (
    "ringing",
    "listening",
    "connecting",
    "closing",
    "calling",
)
KINDS = (MENU, WAITING, TALKING, MESSAGE, RINGING, LISTENING, CONNECTING, CLOSING, CALLING)

CALLER = {
    "answered": MENU,
    "message": MESSAGE,
    "bridged": TALKING,
    "talked": TALKING,
    "rescue": WAITING,
    "rescue_over": WAITING,
    "handed_over": WAITING,
    "stays_on": WAITING,
    "came_back": WAITING,
    "still_there": WAITING,
    "raise": MENU,
    "callback": MENU,
    "other_side_left": MENU,
    "later": MENU,
    "told_later": MENU,
}
"""What the caller is doing from an event on; whatever stands not here changes nothing."""

LEG = {
    "placed": RINGING,
    "listening": LISTENING,
    "accepted": CONNECTING,
    "connecting": CONNECTING,
    "bridged": TALKING,
    "parted": CLOSING,
    "calling_back": CALLING,
    "called_back": CLOSING,
    "refused": None,
    "leg_ended": None,
}
"""The same for somebody whose telephone is rung."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What one party was doing. ``who`` is an engineer's id, or None for the customer; ``results``
    is what became of each telephone, with when it was over."""

    who: str | None
    spans: Sequence[Span]
    results: Sequence[tuple[dt.datetime, str]] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """Something written and sent to somebody."""

    at: dt.datetime
    channel: Channel
    who: str
    result: str | None
    reason: str | None = None


def caller_lane(call: Call, entries: Iterable[Entry], now: dt.datetime) -> Lane:
    """The caller's part of a call."""
    mine = [entry for entry in entries if entry.call == call.id]
    moments: list[tuple[dt.datetime, str | None]] = [(call.started_at, MENU)]
    moments += [(one.at, CALLER[one.event]) for one in mine if one.event in CALLER]
    if call.parked_at is not None:
        moments.append((call.parked_at, WAITING))
    for one in mine:
        if one.event == "message_left":
            moments.append((one.at, WAITING if call.parked_at is not None else MENU))
        elif one.event == "accepted" and one.leg is None:
            moments.append((one.at, TALKING))  # the last resort, dialled from the call itself
    end = call.ended_at or now
    return Lane(call.engineer, spans([each for each in moments if each[0] <= end], end))


def leg_lanes(story: Story, now: dt.datetime) -> list[Lane]:
    """A lane for each engineer whose telephone was rung, in the order of ringing."""
    of_leg: dict[str, list[Entry]] = defaultdict(list)
    for entry in story.entries:
        if entry.leg is not None:
            of_leg[entry.leg].append(entry)
    found: dict[str, Lane] = {}
    for page in story.pages:
        if page.channel is Channel.CALL:
            before = found.get(page.engineer, Lane(page.engineer, ()))
            drawn, over = _leg(page, of_leg[page.id], now)
            results = [(over, page.result.value)] if page.result is not None else []
            found[page.engineer] = Lane(
                page.engineer, [*before.spans, *drawn], [*before.results, *results]
            )
    return list(found.values())


def _leg(page: Page, entries: Sequence[Entry], now: dt.datetime) -> tuple[list[Span], dt.datetime]:
    over = next((one.at for one in entries if one.event in ("leg_ended", "refused")), None)
    last = max([page.at, *(one.at for one in entries)])
    end = over or (now if page.live else last)
    moments: list[tuple[dt.datetime, str | None]] = [(page.at, RINGING)]
    moments += [(one.at, LEG[one.event]) for one in entries if one.event in LEG and one.at <= end]
    return spans(moments, end), end


def marks(story: Story) -> list[Mark]:
    """The texts and mails, in the order of sending."""
    sent = [
        Mark(one.at, one.channel, one.engineer, one.result, one.reason)
        for one in story.pages
        if one.channel is not Channel.CALL
    ]
    sent += [Mark(one.at, one.channel, one.reader, one.result, one.reason) for one in story.letters]
    return sorted(sent, key=lambda mark: mark.at)

"""One attempt to reach one person by one channel; by telephone it is called a leg."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from routing.line import LAST_RESORT, Channel

NOTHING = dt.timedelta(0)
A_MINUTE = dt.timedelta(minutes=1)
"""Clocks differ by less, and a ring has less of grace."""


def held_by(person: str, phone: str) -> str:
    """What a leg takes for itself while it lives: its engineer, or its number of the last resort,
    which is nobody in particular and may have several numbers."""
    return f"{LAST_RESORT} {phone}" if person == LAST_RESORT else person


class PageResult(StrEnum):
    """What became of one page."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    NO_KEY = "no_key"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CANCELED = "canceled"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class LegState(StrEnum):
    """Where a placed call is. ``placing`` is written before the carrier is asked."""

    PLACING = "placing"
    RINGING = "ringing"
    LISTENING = "listening"  # answered; hears who calls and which key takes it
    STOPPING = "stopping"  # asked the carrier to cancel; not yet known to be over
    CONNECTING = "connecting"  # took the call, on the way to the caller
    TALKING = "talking"
    OFFERED = "offered"  # took the call, but the caller has gone: one key calls back
    CALLING = "calling"  # calling the customer back
    DICTATING = "dictating"  # speaks a note, then back to the closing menu
    CLOSING = "closing"  # has talked; is asked what became of it
    ENDED = "ended"


class TalkOutcome(StrEnum):
    """What a talk came to, which is said before the closing menu."""

    TALKED = "talk_over"
    UNANSWERED = "customer_unanswered"


class WrapUpChoice(StrEnum):
    """What the engineer said at the closing menu, or by answering a drill."""

    RESPONDED = "responded"
    HANDED_OVER = "handed_over"
    PRACTISED = "practised"  # answered a drill


@dataclass(frozen=True)
class Page:
    """One attempt to reach one person by one channel; a call is also called a leg.

    ``at`` is when it is made; a notice that a contact rule puts off knows ``since`` when it waits.

    The digits that take and pass on are drawn for each leg anew, so that no recording can press
    them. A page of channel sms or email uses only the first fields.
    """

    id: str
    at: dt.datetime
    engineer: str
    channel: Channel
    to: str
    result: PageResult | None = None
    sid: str | None = None
    reason: str | None = None  # why it failed, if somebody said so
    state: LegState = LegState.PLACING
    take_key: str = ""
    pass_key: str = ""
    slips: int = 0
    rounds: int = 0
    turn: int = 0
    ring_for: dt.timedelta = dt.timedelta(seconds=30)
    rings_until: dt.datetime | None = None
    put_off: dt.datetime | None = None  # others are called first; seen waiting for its turn then
    language: str = ""
    became: TalkOutcome | None = (
        None  # set by the first talk; from then on the closing menu follows
    )
    said: WrapUpChoice | None = None
    since: dt.datetime | None = None
    retried: bool = False  # this person was rung for this incident before
    back: bool = False  # the customer called again while this person was on the line

    @property
    def live(self) -> bool:
        """True while a telephone may still be ringing or somebody may be on it."""
        return self.channel is Channel.CALL and self.state is not LegState.ENDED

    @property
    def holds(self) -> str:
        """What no other leg may have while this one lives."""
        return held_by(self.engineer, self.to)

    def ring_left(self, now: dt.datetime) -> dt.timedelta:
        """How long it is still to be rung; nothing when the end lies further ahead than the whole
        ring: a clock that was set back since has written that."""
        left = (self.rings_until or now) - now
        return left if NOTHING < left <= self.ring_for + A_MINUTE else NOTHING

    @property
    def closes(self) -> bool:
        """True while whoever has talked says what became of it."""
        return self.state in (LegState.CLOSING, LegState.DICTATING)

    @property
    def won(self) -> bool:
        """True once this leg's key took the incident."""
        return self.result is PageResult.ACCEPTED


class PageChanges(TypedDict, total=False):
    """The fields that ``with_page`` can change; a test compares them."""

    id: str
    at: dt.datetime
    engineer: str
    channel: Channel
    to: str
    result: PageResult | None
    sid: str | None
    reason: str | None
    state: LegState
    take_key: str
    pass_key: str
    slips: int
    rounds: int
    turn: int
    ring_for: dt.timedelta
    rings_until: dt.datetime | None
    put_off: dt.datetime | None
    language: str
    became: TalkOutcome | None
    said: WrapUpChoice | None
    since: dt.datetime | None
    retried: bool
    back: bool

"""A page: one attempt to reach one person by one channel. By telephone it is called a leg."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from routing.line import LAST_RESORT, Channel

NOTHING = dt.timedelta(0)
A_MINUTE = dt.timedelta(minutes=1)
"""Clocks of two hosts differ by less, and a ring's grace is shorter."""


def held_by(person: str, phone: str) -> str:
    """The holder of a live leg: its engineer, or its number of the last resort, because the last
    resort is no single person."""
    if person == LAST_RESORT:
        return f"{LAST_RESORT} {phone}"
    return person


class PageResult(StrEnum):
    """The result of a page."""

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
    """The state of a leg. ``placing`` is saved before the request to the carrier."""

    PLACING = "placing"
    RINGING = "ringing"
    LISTENING = "listening"  # answered; hears the whisper and the keys
    STOPPING = "stopping"  # the carrier was asked to cancel it; the answer is not known
    CONNECTING = "connecting"  # took the call, and is being connected
    TALKING = "talking"
    OFFERED = "offered"  # took the call, but the caller has gone: a key calls back
    CALLING = "calling"  # calling the customer back
    DICTATING = "dictating"  # speaks a note, then returns to the wrap-up menu
    CLOSING = "closing"  # has talked; is in the wrap-up menu
    ENDED = "ended"


class TalkOutcome(StrEnum):
    """The outcome of a talk, said before the wrap-up menu."""

    TALKED = "talk_over"
    UNANSWERED = "customer_unanswered"


class WrapUpChoice(StrEnum):
    """The engineer's choice in the wrap-up menu, or the answer to a drill."""

    RESPONDED = "responded"
    HANDED_OVER = "handed_over"
    PRACTISED = "practised"  # answered a drill


class Hears(StrEnum):
    """What a listening engineer hears before the keys."""

    WHISPER = "whisper"  # who calls, and why
    KEYS = "keys"  # no key came: nothing of the caller, because a mailbox may have answered
    RETRY = "retry"  # a wrong key
    HELP = "help"  # another wrong key: the whisper again
    RECORDING = "recording"  # the words of the caller


@dataclass(frozen=True)
class Page:
    """One attempt to reach one person by one channel.

    ``at`` is its time; a page that a contact rule delays has waited ``since`` an earlier time. The
    digits that take and pass on are random for each leg, so that no recorded voice can press them.
    A page by text or e-mail uses only the first fields.
    """

    id: str
    at: dt.datetime
    engineer: str
    channel: Channel
    to: str
    result: PageResult | None = None
    sid: str | None = None
    reason: str | None = None  # why it failed, if the carrier said so
    state: LegState = LegState.PLACING
    take_key: str = ""
    pass_key: str = ""
    slips: int = 0
    rounds: int = 0
    turn: int = 0
    ring_for: dt.timedelta = NOTHING  # of a leg: the ring time of its step
    rings_until: dt.datetime | None = None
    put_off: dt.datetime | None = None  # when it was last saved as waiting for its turn
    language: str = ""
    became: TalkOutcome | None = None  # set by the first talk: the wrap-up menu follows
    said: WrapUpChoice | None = None
    since: dt.datetime | None = None
    retried: bool = False  # this person was rung for this incident before
    back: bool = False  # the customer called again while this engineer was on the line
    hears: Hears = Hears.WHISPER
    repeats: int = 0  # how often the star or the hash key repeated a question

    @property
    def live(self) -> bool:
        """True while the telephone may ring, or somebody may be on it."""
        return self.channel is Channel.CALL and self.state is not LegState.ENDED

    @property
    def holds(self) -> str:
        """The holder that this leg occupies while it is live. No other leg may have it."""
        return held_by(self.engineer, self.to)

    def ring_left(self, now: dt.datetime) -> dt.timedelta:
        """The remaining ring time. Nothing when the end is later than any ring can end: the clock
        was set back since."""
        left = (self.rings_until or now) - now
        if left > self.ring_for + A_MINUTE:
            return NOTHING
        return max(left, NOTHING)

    @property
    def closes(self) -> bool:
        """True while the engineer is in the wrap-up menu."""
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
    hears: Hears
    repeats: int


@dataclass(frozen=True)
class CustomerLeg:
    """A call that the line places to a contact who asked for it in the portal.

    ``number`` counts these calls of one incident, and is in their addresses. ``turn`` goes on from
    one to the next, so that an answer to a question of an earlier one is recognised.
    """

    number: int
    at: dt.datetime
    by: str  # the name of the contact who asked
    to: str
    language: str
    state: LegState = LegState.PLACING
    turn: int = 0
    rounds: int = 0  # how often the question was met with silence
    slips: int = 0
    sid: str | None = None
    rings_until: dt.datetime | None = None
    result: PageResult | None = None
    reason: str | None = None  # why it failed, if the carrier said so
    answered_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None

    @property
    def live(self) -> bool:
        """True until its result is known."""
        return self.state is not LegState.ENDED

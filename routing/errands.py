"""What must be done after a decision; each errand is a row with a due time before anything acts.

An errand names things by id only, so that no telephone number stands in a queue: whoever runs it
reads the rest from the book.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Ring:
    """Place the call of this leg. Not idempotent at the carrier: look before placing again."""

    leg: str
    kind: Literal["ring"] = "ring"


@dataclass(frozen=True, slots=True)
class Silence:
    """Stop a leg that is still ringing; one that was answered in the meantime goes on."""

    leg: str
    kind: Literal["silence"] = "silence"


@dataclass(frozen=True, slots=True)
class Tell:
    """Have an answered leg ask for its document again, because what it must hear has changed."""

    leg: str
    kind: Literal["tell"] = "tell"


@dataclass(frozen=True, slots=True)
class Text:
    """Send the text of this page."""

    page: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Mail:
    """Send the e-mail of this page."""

    page: str
    kind: Literal["mail"] = "mail"


@dataclass(frozen=True, slots=True)
class Send:
    """Send this letter, by text or by mail."""

    letter: str
    kind: Literal["send"] = "send"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell the duty manager that this person gets no more texts today."""

    line: str
    engineer: str
    kind: Literal["alarm"] = "alarm"


@dataclass(frozen=True, slots=True)
class RingOver:
    """At its time: this leg has been rung for as long as its step says."""

    leg: str
    kind: Literal["ring_over"] = "ring_over"


@dataclass(frozen=True, slots=True)
class HuntOn:
    """At its time: the hunt goes on from the move it was at when this was written."""

    incident: str
    mark: int
    kind: Literal["hunt_on"] = "hunt_on"


@dataclass(frozen=True, slots=True)
class RingBack:
    """An engineer's own call is over: the phone is rung for the incident that was chosen in it."""

    call: str
    kind: Literal["ring_back"] = "ring_back"


@dataclass(frozen=True, slots=True)
class Freed:
    """Somebody's leg has ended: whoever waits for that person rings now."""

    line: str
    engineer: str
    kind: Literal["freed"] = "freed"


@dataclass(frozen=True, slots=True)
class SettleLeg:
    """At its time: ask the carrier whether this leg still lives, in case its end event was lost."""

    leg: str
    kind: Literal["settle_leg"] = "settle_leg"


@dataclass(frozen=True, slots=True)
class SettleCall:
    """At its time: ask the carrier whether this caller is still there."""

    call: str
    kind: Literal["settle_call"] = "settle_call"


SETTLE_CALL_AFTER = dt.timedelta(seconds=60)
"""How long a caller is believed to be there without a word of the carrier."""


@dataclass(frozen=True, slots=True)
class DropQueue:
    """Delete the queue of a call that has ended."""

    queue: str
    kind: Literal["drop_queue"] = "drop_queue"


Deed = (
    Ring
    | Silence
    | Tell
    | Text
    | Mail
    | Send
    | Alarm
    | RingOver
    | HuntOn
    | Freed
    | RingBack
    | SettleLeg
    | SettleCall
    | DropQueue
)


@dataclass(frozen=True, slots=True)
class Errand:
    """A deed and the moment from which it is due."""

    due_at: dt.datetime
    deed: Deed

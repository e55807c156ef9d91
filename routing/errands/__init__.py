"""What must be done after a decision; each errand is a row with a due time before anything acts.

An errand names things by id only, so that no telephone number stands in a queue: whoever runs it
reads the rest from the book.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import get_args, get_type_hints

from routing.errands.handover import HandoverDue, ReliefCheck
from routing.errands.lane import Lane, lane_named_in
from routing.errands.recordings import DropRecording, KeepRecording
from routing.errands.telephone import (
    SETTLE_CALL_AFTER,
    DropQueue,
    EndMessage,
    Ring,
    SettleCall,
    SettleLeg,
    Silence,
    Tell,
)
from routing.errands.timers import Freed, HuntOn, KeyOverdue, RingBack, RingOver, ServeDesk, Strike
from routing.errands.words import (
    Alarm,
    Mail,
    Send,
    SendMail,
    TellRelease,
    TellUnrung,
    Text,
    WrongPins,
)

__all__ = [
    "SETTLE_CALL_AFTER",
    "Alarm",
    "Deed",
    "DropQueue",
    "DropRecording",
    "EndMessage",
    "Errand",
    "Freed",
    "HandoverDue",
    "HuntOn",
    "KeepRecording",
    "KeyOverdue",
    "Lane",
    "Mail",
    "ReliefCheck",
    "Ring",
    "RingBack",
    "RingOver",
    "Send",
    "SendMail",
    "ServeDesk",
    "SettleCall",
    "SettleLeg",
    "Silence",
    "Strike",
    "Tell",
    "TellRelease",
    "TellUnrung",
    "Text",
    "WrongPins",
    "kinds_of",
    "lane_named_in",
]

Deed = (
    Ring
    | Silence
    | Tell
    | EndMessage
    | Text
    | Mail
    | Send
    | SendMail
    | Alarm
    | WrongPins
    | TellRelease
    | TellUnrung
    | RingOver
    | HuntOn
    | KeyOverdue
    | Freed
    | ServeDesk
    | RingBack
    | Strike
    | SettleLeg
    | SettleCall
    | DropQueue
    | KeepRecording
    | DropRecording
    | HandoverDue
    | ReliefCheck
)


@dataclass(frozen=True, slots=True)
class Errand:
    """A deed and the moment from which it is due; one that has a name is written only once."""

    due_at: dt.datetime
    deed: Deed
    name: str | None = None


@cache
def kinds_of(lane: Lane) -> frozenset[str]:
    """What the errands of a lane are called in the database."""
    deeds = [deed for deed in get_args(Deed) if deed.lane is lane]
    return frozenset(get_args(get_type_hints(deed)["kind"])[0] for deed in deeds)

"""The order of escalations of level 1, and of the desk queue.

The order is: the level, then the plan (MSA Plus before standard, and whoever is not identified
last), then since when they wait. Whoever asks to be called back keeps the place in the row; how
long it is likely to take from there is said here, too.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from routing.call import Call, CallOutcome, Entitlement
from routing.incident import EscalationPhase, Incident

MOST_TALKS = 20
ENOUGH_TALKS = 3
"""No estimate is made from fewer conversations than this."""

STEP = dt.timedelta(minutes=5)
"""An estimate is rounded up to so many minutes, because it is no better than that."""

_RANKS = {Entitlement.ENTITLED: 0, Entitlement.UNVERIFIED: 2}


@dataclass(frozen=True, slots=True)
class QueueEstimate:
    """``number`` counts from 1; ``wait`` is None where nothing honest can be said."""

    number: int
    wait: dt.timedelta | None = None


def queue_key(incident: Incident) -> str | None:
    """The sort key of the desk queue. None for an incident outside it."""
    since = incident.rowed_at
    if incident.hunt.doing is not EscalationPhase.ROW or since is None:
        return None
    return _sort_key(incident, since)


def escalation_key(incident: Incident) -> str | None:
    """The sort key by which free engineers are offered. None without an escalation."""
    return turn_key(incident) if incident.hunt.doing.seeking else None


def turn_key(incident: Incident) -> str:
    """The sort key of incidents in an escalation or in the desk queue."""
    return queue_key(incident) or _sort_key(incident, incident.opened_at)


def _sort_key(incident: Incident, since: dt.datetime) -> str:
    rank = _RANKS.get(incident.standing, 1)
    at = since.astimezone(dt.UTC).isoformat("T", "microseconds")
    return f"{incident.urgency}{rank} {at} {incident.key}"


def is_called_back_next(incident: Incident, call: Call | None) -> bool:
    """True for a customer of the desk's row who has hung up to be called back: that is next."""
    waits = call is not None and call.outcome is CallOutcome.CALLBACK
    return waits and incident.urgency > 1 and incident.caller is not None


def wants_callback(incident: Incident, call: Call | None) -> bool:
    """True for a customer at levels 2 to 4 who was promised a call back, and may be hearing so."""
    promised = call is not None and CallOutcome.CALLBACK in (call.outcome, call.fate)
    return promised and incident.urgency > 1 and incident.caller is not None


def measure_talk(call: Call) -> dt.timedelta | None:
    """How long the conversation of an ended call took. None without one."""
    if call.outcome is not CallOutcome.CONNECTED or not call.answered_at or not call.ended_at:
        return None
    return call.ended_at - call.answered_at


def estimate(number: int, talks: Sequence[dt.timedelta], people: int) -> QueueEstimate:
    """The estimated wait: the median length of a conversation, times the position, divided by the
    engineers at the desk."""
    if len(talks) < ENOUGH_TALKS or people < 1:
        return QueueEstimate(number)
    likely = median(talk.total_seconds() for talk in talks) * number / people
    return QueueEstimate(number, max(math.ceil(likely / STEP.total_seconds()), 1) * STEP)

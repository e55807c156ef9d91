"""The order of escalations and of the desk queue, and the estimated wait.

The order is: level, then the rank of the plan (callers who are not identified come last), then the
start of the wait. A caller who asks for a callback keeps their position.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from routing.call import Call, CallOutcome
from routing.incident import EscalationPhase, Incident, ReopenReason

MOST_TALKS = 20
ENOUGH_TALKS = 3
"""No estimate is made from fewer conversations than this."""

STEP = dt.timedelta(minutes=5)
"""Estimates are rounded up to a multiple of this, because they are no more precise."""


@dataclass(frozen=True, slots=True)
class QueueEstimate:
    """A position, from 1, and the estimated wait; None when too little is known."""

    number: int
    wait: dt.timedelta | None = None


def queue_key(incident: Incident) -> str | None:
    """The sort key of the desk queue. None for an incident outside it."""
    since = incident.queued_at
    if incident.escalation.phase is not EscalationPhase.ROW or since is None:
        return None
    return _sort_key(incident, since)


def escalation_key(incident: Incident) -> str | None:
    """The sort key by which free engineers are offered. None without an escalation."""
    if not incident.escalation.phase.seeking:
        return None
    return turn_key(incident)


def turn_key(incident: Incident) -> str:
    """The sort key of incidents in an escalation or in the desk queue."""
    return queue_key(incident) or _sort_key(incident, incident.opened_at)


def _sort_key(incident: Incident, since: dt.datetime) -> str:
    rank = f"{incident.rank:03}"
    at = since.astimezone(dt.UTC).isoformat("T", "microseconds")
    return f"{incident.urgency}{rank} {at} {incident.key}"


def is_called_back_next(incident: Incident, call: Call | None) -> bool:
    """True for a customer who called and has hung up: the key that takes the incident calls them,
    if the line dials their number. Who wrote since then, or is being called, is not."""
    if call is None or call.live or incident.dialled is None:
        return False
    leg = incident.customer_leg
    is_rung = leg is not None and leg.live
    return not is_rung and incident.reopen_reason is not ReopenReason.WROTE_AGAIN


def wants_callback(incident: Incident, call: Call | None) -> bool:
    """True for a customer of levels 2 to 4 who was promised a callback, or hears that now."""
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

"""The incidents that wait for an answer, and how much of the promised time is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from config.holidays import build_office_hours
from routing.incident import ClockState, Incident
from routing.incidents.response_clock import WHOLE
from routing.line import Line
from routing.oncall.hours import OfficeHours
from routing.oncall.policy import name_of

WARNING_SHARE = 80
"""From this share of the promised time on, in percent, it is pressing: whoever has it is told."""


@dataclass(frozen=True, slots=True)
class ResponseDeadline:
    """An incident and its response clock; ``left`` is None where nothing was promised."""

    incident: Incident
    has: str
    left: dt.timedelta | None
    tone: str

    @property
    def paused(self) -> bool:
        """True while something is waited for from the customer."""
        return self.incident.clock.doing is ClockState.PAUSED


def list_deadlines(
    line: Line, incidents: Sequence[Incident], now: dt.datetime
) -> list[ResponseDeadline]:
    """Level 1 first, and of each level the oldest first."""
    hours = build_office_hours(line)
    ordered = sorted(incidents, key=lambda one: (one.urgency, one.opened_at))
    return [find_deadline(line, hours, incident, now) for incident in ordered]


def find_deadline(
    line: Line, hours: OfficeHours, incident: Incident, now: dt.datetime
) -> ResponseDeadline:
    """How it stands with the response to one incident."""
    has = name_of(line, incident.acknowledged_by)
    return ResponseDeadline(incident, has, _time_left(incident, hours, now), _tone(incident, now))


def _time_left(incident: Incident, hours: OfficeHours, now: dt.datetime) -> dt.timedelta | None:
    """What is left as it was promised: of office hours, where those were promised."""
    clock = incident.clock
    if clock.promised is None or clock.doing in (ClockState.NONE, ClockState.STOPPED):
        return None
    if clock.doing is ClockState.PAUSED or clock.since is None:
        return clock.left
    passed = hours.passed(clock.since, now, office=clock.promised.office)
    return max(clock.left - passed, dt.timedelta(0))


def _tone(incident: Incident, now: dt.datetime) -> str:
    clock = incident.clock
    if clock.doing is ClockState.NONE:
        return "plain"
    if incident.breached_at is not None or clock.reached(now) >= WHOLE:
        return "bad"
    if clock.doing is not ClockState.RUNNING:
        return "plain"
    return "warn" if clock.reached(now) >= WARNING_SHARE else "good"

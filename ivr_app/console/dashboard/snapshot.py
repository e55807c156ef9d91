"""What there is to see now; made once for all who look at the same line with the same eyes.

Ten people who look every second must not take the processor from those who call: each process makes
a scene at most once in ``HOLDS``, however many ask for it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import current_app, render_template

from config.holidays import build_office_hours
from ivr_app.console import session
from ivr_app.console.incidents import list_deadlines
from ivr_app.context import current_call_service, current_services
from routing.call import Call
from routing.line import Line, Step
from routing.oncall.hours import OfficeHours
from routing.oncall.policy import name_of
from routing.oncall.rota import segments
from routing.page import LegState, Page
from service.health import Health, check_health
from store.log.live import LiveState, present

EXTENSION = "scenes"
SNAPSHOT_SECONDS = dt.timedelta(seconds=0.9)
"""A page looks every second, so that nothing that is seen is older than two."""

SnapshotKey = tuple[object, ...]
"""The lines wished for, the language and the clock: whoever has the same sees the same."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What there is to see of a line, a mark that changes with it, and when it was made."""

    line: str | None
    seen: str
    mark: str
    at: dt.datetime


def take_snapshot() -> Snapshot:
    """What there is to see at this moment."""
    looked_at, at = session.current_line(), current_call_service().clock()
    condition = current_health()
    if looked_at is None or not condition["ready"]:
        seen = render_template("dashboard/scene.html", condition=condition, callers=(), line=None)
    else:
        now = present(current_services().engine, looked_at.id)
        seen = render_template(
            "dashboard/scene.html",
            condition=condition,
            line=looked_at,
            callers=list_callers(looked_at, now, at),
            promises=list_deadlines(looked_at, now.incidents, at),
            steps=list_steps(looked_at, at),
        )
    mark = hashlib.sha256(seen.encode()).hexdigest()[:16]
    return Snapshot(looked_at.id if looked_at else None, seen, mark, at)


def share_snapshot() -> Snapshot:
    """The same for a page that looks again: as it was less than ``HOLDS`` ago. Whoever asks while
    it is made anew sees the one before."""
    kept: dict[SnapshotKey, Snapshot] = current_app.extensions.setdefault(EXTENSION, {})
    eyes, now = _snapshot_key(), current_call_service().clock()
    known = kept.get(eyes)
    if known is not None:
        if abs(now - known.at) < SNAPSHOT_SECONDS:
            return known
        kept[eyes] = replace(known, at=now)
    for old in [
        each for each, one in list(kept.items()) if abs(now - one.at) > 2 * SNAPSHOT_SECONDS
    ]:
        kept.pop(old, None)
    kept[eyes] = made = take_snapshot()
    return made


def _snapshot_key() -> SnapshotKey:
    return (*session.line_candidates(), session.language(), session.current_viewer().account.zone)


# Who would be rung for a level 1 that came in now, step by step, and until when that holds.


AHEAD = dt.timedelta(days=14)
"""So far ahead a change is looked for; a duty that lasts longer is told without an end."""


@dataclass(frozen=True, slots=True)
class StepDuty:
    """Who is rung under one name of a step: a schedule, or an engineer who is always rung."""

    name: str
    people: Sequence[str]
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step of the way: its number, or the desk where it has none."""

    number: int | None
    duties: Sequence[StepDuty]


def list_steps(line: Line, now: dt.datetime) -> list[EscalationStep]:
    """The steps of level 1 as the line's own escalation has them, then the desk of the others."""
    hours = build_office_hours(line)
    numbered = enumerate(line.escalation.steps, start=1)
    found = [
        EscalationStep(number, _list_duties(line, step, now, hours)) for number, step in numbered
    ]
    if line.desk is not None:
        found.append(EscalationStep(None, _list_duties(line, line.desk, now, hours)))
    return found


def _list_duties(line: Line, step: Step, now: dt.datetime, hours: OfficeHours) -> list[StepDuty]:
    return [_find_duty(line, name, now, hours) for name in step.ring]


def _find_duty(line: Line, name: str, now: dt.datetime, hours: OfficeHours) -> StepDuty:
    schedule = line.schedule(name)
    if schedule is None:
        return StepDuty(name, [name_of(line, name)], None)
    first = next(iter(segments(schedule, now, now + AHEAD, hours)))
    until = first.end if first.end < now + AHEAD else None
    return StepDuty(name, [name_of(line, one) for one in first.on_call], until)


# Whoever is on the line now, how long they have waited, and who is being tried for them.


@dataclass(frozen=True, slots=True)
class TriedPerson:
    """Somebody whose telephone the line has called; without a name it is the last resort."""

    name: str
    state: LegState
    since: dt.timedelta


@dataclass(frozen=True, slots=True)
class LiveCaller:
    """A call that lives. ``waited`` ends when somebody took the call."""

    call: Call
    engineer: str
    incident: int | None
    waited: dt.timedelta
    tried: Sequence[TriedPerson]


def list_callers(line: Line, present: LiveState, now: dt.datetime) -> list[LiveCaller]:
    """Everybody on the line, whoever called first at the top."""
    return [_describe_caller(line, present, call, now) for call in present.calls]


def list_tried_people(line: Line, legs: Sequence[Page], now: dt.datetime) -> list[TriedPerson]:
    """The people whose telephones ring or are talked on for an incident."""
    return [TriedPerson(name_of(line, leg.engineer), leg.state, now - leg.at) for leg in legs]


def _describe_caller(line: Line, present: LiveState, call: Call, now: dt.datetime) -> LiveCaller:
    incident = present.incident_of(call)
    number = incident.number if incident is not None else None
    legs = present.legs.get(call.incident or "", ())
    waited = (call.answered_at or now) - call.started_at
    return LiveCaller(
        call, name_of(line, call.engineer), number, waited, list_tried_people(line, legs, now)
    )


# The condition of the line for many who look at once: felt anew after a second.


HEALTH_EXTENSION = "pulse"
HEALTH_SECONDS = 1.0
"""Seconds for which a process believes what it saw; to see it writes a row and asks Redis."""


@dataclass(frozen=True, slots=True)
class _CachedHealth:
    condition: Health
    until: float


def current_health() -> Health:
    """The condition as it was at most a second ago."""
    known: _CachedHealth | None = current_app.extensions.get(HEALTH_EXTENSION)
    if known is None or time.monotonic() >= known.until:
        known = _CachedHealth(check_health(current_services()), time.monotonic() + HEALTH_SECONDS)
        current_app.extensions[HEALTH_EXTENSION] = known
    return known.condition

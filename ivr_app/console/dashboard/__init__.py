"""The first page: callers on the line, people rung for them, open incidents, and people on call.

The page refreshes every second. Each process renders it at most once in ``SNAPSHOT_AGE`` for all
viewers of the same line, language and time zone, so that viewers do not slow down callers.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from flask import Response, current_app, render_template, request

from config.holidays import build_office_hours
from ivr_app.console import (
    ConsolePage,
    current_line,
    current_viewer,
    incidents,
    list_line_candidates,
    needs,
)
from ivr_app.context import current_call_service, current_services
from ivr_app.web import language
from routing.call import Call
from routing.line import Line, Step
from routing.oncall import hours, policy, rota
from routing.page import LegState
from service import doctor as line_doctor
from service.doctor.verdict import CheckState
from service.health import Health, check_health
from store.log import reports
from store.people.accounts import Role

page = ConsolePage("dashboard", __name__, Role.VIEWER, place=10, path="/")

DOCTOR = Lock()
"""One run of the doctor at a time in each process: it asks the carrier, which can take long."""

WORST_FIRST = (CheckState.FAIL, CheckState.WARN, CheckState.OK)


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The line as it is now; the page refreshes itself."""
    return render_template("dashboard/show.html", scene=take_snapshot())


@page.get("/fresh")
@needs(Role.VIEWER)
def fresh() -> Response:
    """The content without its frame; 204 if it is still the one of ``mark``."""
    snapshot = share_snapshot()
    if snapshot.mark == request.args.get("mark"):
        return Response(status=204)
    return Response(render_template("dashboard/fresh.html", scene=snapshot))


@page.get("/doctor")
@needs(Role.ENGINEER)
def doctor() -> str:
    """The results of all checks, the worst first, or a text that a run is under way."""
    if not DOCTOR.acquire(blocking=False):
        return render_template("dashboard/doctor.html", verdicts=None)
    try:
        results = list(line_doctor.run_checks(current_services()))
    finally:
        DOCTOR.release()
    verdicts = sorted(results, key=lambda result: WORST_FIRST.index(result.state))
    return render_template("dashboard/doctor.html", verdicts=verdicts)


SNAPSHOTS = "dashboard snapshots"
SNAPSHOT_AGE = dt.timedelta(seconds=0.9)
"""The page asks every second, so nothing on it is older than two seconds."""

SnapshotKey = tuple[object, ...]
"""The candidates for the line, the language and the time zone: viewers with the same key see the
same."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rendered content of a line, a hash of it, and when it was rendered."""

    line: str | None
    html: str
    mark: str
    at: dt.datetime


def take_snapshot() -> Snapshot:
    """Render the content as it is now."""
    line, now = current_line(), current_call_service().clock()
    html = _render_content(line, now)
    mark = hashlib.sha256(html.encode()).hexdigest()[:16]
    if line is None:
        return Snapshot(None, html, mark, now)
    return Snapshot(line.id, html, mark, now)


def share_snapshot() -> Snapshot:
    """Return the snapshot of viewers with the same key, not older than ``SNAPSHOT_AGE``. While one
    request renders a new one, the others get the old one."""
    known: dict[SnapshotKey, Snapshot] = current_app.extensions.setdefault(SNAPSHOTS, {})
    key, now = _build_snapshot_key(), current_call_service().clock()
    latest = known.get(key)
    if latest is not None:
        if abs(now - latest.at) < SNAPSHOT_AGE:
            return latest
        known[key] = replace(latest, at=now)
    for other, snapshot in list(known.items()):
        if abs(now - snapshot.at) > 2 * SNAPSHOT_AGE:
            known.pop(other, None)
    known[key] = taken = take_snapshot()
    return taken


def _build_snapshot_key() -> SnapshotKey:
    return (*list_line_candidates(), language(), current_viewer().account.zone)


def _render_content(line: Line | None, now: dt.datetime) -> str:
    condition = current_health()
    if line is None or not condition["ready"]:
        return render_template("dashboard/scene.html", condition=condition, callers=(), line=None)
    state = reports.read_live_state(current_services().engine, line.id)
    return render_template(
        "dashboard/scene.html",
        condition=condition,
        line=line,
        callers=list_callers(line, state, now),
        deadlines=incidents.list_deadlines(line, state.incidents, now),
        steps=list_steps(line, now),
    )


AHEAD = dt.timedelta(days=14)
"""A shift that ends later is shown without its end."""


@dataclass(frozen=True, slots=True)
class StepDuty:
    """The people whom a step rings for one name: a schedule, or an engineer who is always rung."""

    name: str
    people: Sequence[str]
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step of the escalation; the desk has no number, and the people of a plan its name."""

    number: int | None
    duties: Sequence[StepDuty]
    plan: str = ""


def list_steps(line: Line, now: dt.datetime) -> list[EscalationStep]:
    """Return the steps that a level 1 incident would have now, the people whom a plan rings before
    them, and the desk of the other levels."""
    office = build_office_hours(line)
    plans = [
        EscalationStep(None, duties, plan.name(language()))
        for plan in line.plans
        if (duties := _find_duties(line, sorted(plan.called_out), now, office))
    ]
    steps: list[tuple[int | None, Step]] = [*enumerate(line.escalation.steps, start=1)]
    if line.desk is not None:
        steps.append((None, line.desk))
    return [
        *plans,
        *(
            EscalationStep(number, _find_duties(line, step.ring, now, office))
            for number, step in steps
        ),
    ]


def _find_duties(
    line: Line, names: Iterable[str], now: dt.datetime, office: hours.OfficeHours
) -> list[StepDuty]:
    return [_find_duty(line, name, now, office) for name in names]


def _find_duty(line: Line, name: str, now: dt.datetime, office: hours.OfficeHours) -> StepDuty:
    schedule = line.schedule(name)
    if schedule is None:
        return StepDuty(name, [policy.name_of(line, name)], None)
    first = next(iter(rota.segments(schedule, now, now + AHEAD, office)))
    until: dt.datetime | None = first.end
    if first.end >= now + AHEAD:
        until = None
    return StepDuty(name, [policy.name_of(line, person) for person in first.on_call], until)


@dataclass(frozen=True, slots=True)
class RungPerson:
    """A person whom the line has called; the last resort has no name."""

    name: str
    state: LegState
    since: dt.timedelta


@dataclass(frozen=True, slots=True)
class LiveCaller:
    """A caller on the line. ``waited`` ends when somebody takes the call."""

    call: Call
    engineer: str
    incident: int | None
    waited: dt.timedelta
    rung: Sequence[RungPerson]


def list_callers(line: Line, state: reports.LiveState, now: dt.datetime) -> list[LiveCaller]:
    """Return the callers on the line, the longest waiting first."""
    return [_describe_caller(line, state, call, now) for call in state.calls]


def _describe_caller(
    line: Line, state: reports.LiveState, call: Call, now: dt.datetime
) -> LiveCaller:
    number, incident = None, state.incident_of(call)
    if incident is not None:
        number = incident.number
    waited = (call.answered_at or now) - call.started_at
    rung = [
        RungPerson(policy.name_of(line, leg.engineer), leg.state, now - leg.at)
        for leg in state.legs.get(call.incident or "", ())
    ]
    return LiveCaller(call, policy.name_of(line, call.engineer), number, waited, rung)


HEALTH = "dashboard health"
HEALTH_SECONDS = 1.0
"""Seconds for which a process reuses a health check, which writes a row and asks Redis."""


@dataclass(frozen=True, slots=True)
class _CachedHealth:
    health: Health
    until: float


def current_health() -> Health:
    """Return the health of the line, at most a second old."""
    known: _CachedHealth | None = current_app.extensions.get(HEALTH)
    if known is None or time.monotonic() >= known.until:
        known = _CachedHealth(check_health(current_services()), time.monotonic() + HEALTH_SECONDS)
        current_app.extensions[HEALTH] = known
    return known.health

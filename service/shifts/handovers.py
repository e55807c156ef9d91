"""Lists handovers: those of which engineers were notified, and those that the schedules plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from config.holidays import build_office_hours
from routing.line import Handover, Line
from routing.oncall.handover import handovers as handovers_of
from routing.oncall.handover import rung_schedules, stays_until
from service.bootstrap import Services

TIMES = ("at", "until", "told_at", "confirm_by", "confirmed_at", "warned_at")
"""The moments of a handover."""


def list_handovers(
    services: Services, line: Line, span: tuple[dt.datetime, dt.datetime], now: dt.datetime
) -> list[dict[str, Any]]:
    """The handovers of a line between two moments, with times in its zone."""
    start, end = span
    kept = services.call_service.calls.handovers.find_between(line.id, start, end)
    known = {_key(one) for one in kept}
    coming = [one for one in _find_coming(line, max(start, now), end) if _key(one) not in known]
    planned = {True: "planned", False: "untold"}[line.handover.tell]
    found = [(one, one.state.value) for one in kept]
    found += [(one, planned) for one in coming]
    return [_build_row(*one, line) for one in found]


def _find_coming(line: Line, start: dt.datetime, end: dt.datetime) -> Iterator[Handover]:
    """The handovers that the schedules plan; no engineer has been notified yet."""
    hours = build_office_hours(line)
    found = [
        Handover("", line.id, schedule.id, one.at, engineer, one.off, until, code=0)
        for schedule in rung_schedules(line)
        for one in handovers_of(schedule, start, end, hours)
        for engineer in one.on
        for until in (stays_until(schedule, engineer, one.at, hours),)
    ]
    yield from sorted(found, key=lambda one: (one.at, one.schedule, one.engineer))


def _key(handover: Handover) -> tuple[str, dt.datetime, str]:
    return handover.schedule, handover.at, handover.engineer


def _build_row(handover: Handover, standing: str, line: Line) -> dict[str, Any]:
    here = ZoneInfo(line.timezone)
    moments = {name: getattr(handover, name) for name in TIMES}
    times = {name: at and at.astimezone(here).isoformat() for name, at in moments.items()}
    who = {
        "schedule": handover.schedule,
        "engineer": handover.engineer,
        "before": list(handover.before),
    }
    return {"line": line.id, **who, "standing": standing, **times}

"""One engineer's duty: now, next, the handovers to confirm, and how they are reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import abort, render_template

from config.holidays import build_office_hours
from ivr_app.console import Mistakes, current_line, zone
from ivr_app.console.oncall.changes import own_engineer
from ivr_app.console.oncall.month import TEMPLATE_HELPERS, list_weekdays
from ivr_app.context import current_services
from routing.line import EVERY_DAY, ContactRule, Engineer, Handover, Line
from routing.notify.paging import rules_of
from routing.oncall.handover import DutyChange, handovers, rung_schedules
from routing.oncall.hours import quiet_until
from routing.oncall.policy import name_of
from service.bootstrap import Services
from service.calendar_feed import find_oncall_spans
from service.engineer_phones import EngineerPhones
from service.signed_urls import build_feed_token, build_subject
from store.people.calendar_links import generations

AHEAD = dt.timedelta(days=70)
SOON = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OwnShift:
    """A time on call, from now on where it has begun; ``end`` is None where it lies further ahead
    than is looked."""

    schedule: str
    start: dt.datetime
    end: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OwnDuty:
    """What somebody's own page shows of it."""

    engineer: Engineer
    now: Sequence[OwnShift]
    next: Sequence[OwnShift]
    waiting: Sequence[Handover]
    coming: Sequence[DutyChange]
    rules: Sequence[ContactRule]
    quiet_until: dt.datetime | None


def find_duty(board: Services, line: Line, engineer: Engineer) -> OwnDuty:
    """The duty of an engineer as it stands now."""
    now = board.call_service.clock()
    shifts = sorted(_list_shifts(line, engineer.id, now), key=lambda one: (one.start, one.schedule))
    reliefs = board.call_service.calls.handovers.find_current(line.id, engineer.id, now)
    return OwnDuty(
        engineer,
        [one for one in shifts if one.start <= now],
        [one for one in shifts if one.start > now],
        [one for one in reliefs if one.waits],
        list(_list_changes(line, engineer.id, now)),
        rules_of(line, engineer),
        quiet_until(engineer, now, line.timezone),
    )


def _list_shifts(line: Line, person: str, now: dt.datetime) -> Iterator[OwnShift]:
    span = now, now + AHEAD
    for schedule in line.schedules:
        for start, end in find_oncall_spans(person, schedule, span, build_office_hours(line)):
            yield OwnShift(schedule.id, start, end if end < span[1] else None)


def _list_changes(line: Line, person: str, now: dt.datetime) -> Iterator[DutyChange]:
    """The handovers of the next day at which this person comes on, of those that are told."""
    found = (
        handover
        for schedule in rung_schedules(line)
        for handover in handovers(schedule, now, now + SOON, build_office_hours(line))
        if person in handover.on
    )
    return iter(sorted(found, key=lambda one: (one.at, one.schedule)))


# What an engineer's own page shows, and whose it is.


def is_on_rota() -> bool:
    """True when whoever is signed in is an engineer of the line."""
    looked_at = current_line()
    return looked_at is not None and own_engineer(looked_at) is not None


def require_engineer() -> tuple[Line, Engineer]:
    """The line, and who they are on it; refuses whoever is nobody there."""
    looked_at = current_line() or abort(404)
    return looked_at, looked_at.engineer(own_engineer(looked_at) or "") or abort(403)


def render_page(mistakes: Mistakes, given: dict[str, str]) -> str:
    """The page, with what is wrong with the form that was sent."""
    looked_at, engineer = require_engineer()
    known = generations(current_services().engine)
    subject = build_subject(looked_at, "engineer", engineer.id, known)
    link = build_feed_token(current_services().settings.secret_key, subject)
    numbers = EngineerPhones.of(current_services(), looked_at).entries()
    return render_template(
        "my_duty/show.html",
        duty=find_duty(current_services(), looked_at, engineer),
        numbers=[one for one in numbers if one.engineer == engineer.id],
        calendar=f"{current_services().settings.public_url}/calendar/{link}",
        mistakes=mistakes,
        given=given,
        day_of=lambda shift: shift.start.astimezone(zone()).date(),
        local=lambda at: f"{at.astimezone(zone()):%Y-%m-%dT%H:%M}",
        named=lambda people: ", ".join(name_of(looked_at, one) for one in people),
        days=lambda days: ", ".join(list_weekdays()[EVERY_DAY.index(day)] for day in days),
        **TEMPLATE_HELPERS,
    )

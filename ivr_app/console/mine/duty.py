"""One engineer's duty: now, next, the handovers to confirm, and how they are reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr_app.calendars.stretches import stretches
from plan.holidays import office
from routing.line import ContactRule, Engineer, Line
from routing.relief import Relief
from routing.schedule.handover import Handover, handovers, rung_schedules
from routing.schedule.quiet import quiet_until
from routing.written.ways import rules_of
from switchboard import Switchboard

AHEAD = dt.timedelta(days=70)
SOON = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """A time on call, from now on where it has begun; ``end`` is None where it lies further ahead
    than is looked."""

    schedule: str
    start: dt.datetime
    end: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Duty:
    """What somebody's own page shows of it."""

    engineer: Engineer
    now: Sequence[Shift]
    next: Sequence[Shift]
    waiting: Sequence[Relief]
    coming: Sequence[Handover]
    rules: Sequence[ContactRule]
    quiet_until: dt.datetime | None


def duty_of(board: Switchboard, line: Line, engineer: Engineer) -> Duty:
    """The duty of an engineer as it stands now."""
    now = board.desk.clock()
    shifts = sorted(_shifts(line, engineer.id, now), key=lambda one: (one.start, one.schedule))
    reliefs = board.desk.book.reliefs_of(line.id, engineer.id, now)
    return Duty(
        engineer,
        [one for one in shifts if one.start <= now],
        [one for one in shifts if one.start > now],
        [one for one in reliefs if one.waits],
        list(_coming(line, engineer.id, now)),
        rules_of(line, engineer),
        quiet_until(engineer, now, line.timezone),
    )


def _shifts(line: Line, person: str, now: dt.datetime) -> Iterator[Shift]:
    span = now, now + AHEAD
    for schedule in line.schedules:
        for start, end in stretches(person, schedule, span, office(line)):
            yield Shift(schedule.id, start, end if end < span[1] else None)


def _coming(line: Line, person: str, now: dt.datetime) -> Iterator[Handover]:
    """The handovers of the next day at which this person comes on, of those that are told."""
    found = (
        handover
        for schedule in rung_schedules(line)
        for handover in handovers(schedule, now, now + SOON, office(line))
        if person in handover.on
    )
    return iter(sorted(found, key=lambda one: (one.at, one.schedule)))

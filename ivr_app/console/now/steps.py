"""Who would be rung for a level 1 that came in now, step by step, and until when that holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from plan.holidays import office
from routing.line import Line, Step
from routing.schedule.escalation import name_of
from routing.schedule.hours import Office
from routing.schedule.rota import segments

AHEAD = dt.timedelta(days=14)
"""So far ahead a change is looked for; a duty that lasts longer is told without an end."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is rung under one name of a step: a schedule, or an engineer who is always rung."""

    name: str
    people: Sequence[str]
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Stair:
    """One step of the way: its number, or the desk where it has none."""

    number: int | None
    duties: Sequence[Duty]


def steps(line: Line, now: dt.datetime) -> list[Stair]:
    """The steps of level 1 as the line's own escalation has them, then the desk of the others."""
    hours = office(line)
    numbered = enumerate(line.escalation.steps, start=1)
    found = [Stair(number, _duties(line, step, now, hours)) for number, step in numbered]
    if line.desk is not None:
        found.append(Stair(None, _duties(line, line.desk, now, hours)))
    return found


def _duties(line: Line, step: Step, now: dt.datetime, hours: Office) -> list[Duty]:
    return [_duty(line, name, now, hours) for name in step.ring]


def _duty(line: Line, name: str, now: dt.datetime, hours: Office) -> Duty:
    schedule = line.schedule(name)
    if schedule is None:
        return Duty(name, [name_of(line, name)], None)
    first = next(iter(segments(schedule, now, now + AHEAD, hours)))
    until = first.end if first.end < now + AHEAD else None
    return Duty(name, [name_of(line, one) for one in first.on_call], until)

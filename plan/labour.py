"""Dutch working-time rules for people on call (`labour_rules: NL`).

Arbeidstijdenwet art. 5:9 (consignatie): in each 28 times 24 hours at least 14 uninterrupted times
24 hours without standby; at most 13 hours of work in each 24, what is done on call included; a
call-out counts as half an hour of work at least. Standby is being on call outside working hours,
for which the line's office hours are taken: nobody else's are known here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from plan.gaps import AHEAD, Stretch
from plan.rounds import Remark, escalation_steps
from plan.standby import NOTHING, even, joined
from routing.line import Line
from routing.schedule.hours import Office
from routing.schedule.rota import segments
from routing.schedule.wallclock import local

DAY = dt.timedelta(days=1)
WINDOW = 28 * DAY
FREE_DAYS = 14
MOST_WORK = dt.timedelta(hours=13)
LEAST_CALL_OUT = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Burden:
    """An engineer, by place and id, with so many free days in the 28 from a local time."""

    place: int
    engineer: str
    free: int
    start: dt.datetime


def overburdened(line: Line, office: Office, now: dt.datetime) -> Iterator[Remark]:
    """What to say of whoever has too few free days."""
    for one in burdens(line, office, now):
        yield f"engineers[{one.place}]", _too_often(one)


def burdens(line: Line, office: Office, now: dt.datetime) -> Iterator[Burden]:
    """Who has fewer than 14 days free of standby in 28, in the next 90 days; the first such time.

    Days are counted by the clock on the wall: a free week stays one when clocks are changed.
    """
    if line.labour_rules is None:
        return
    span = now.astimezone(dt.UTC), now.astimezone(dt.UTC) + AHEAD
    duty = _standby(line, span, office)
    until = local(span[1], line.timezone)
    for index, engineer in enumerate(line.engineers):
        held = [
            (local(start, line.timezone), local(end, line.timezone))
            for start, end in duty.get(engineer.id, ())
        ]
        for start in (start for start, _ in held if start + WINDOW <= until):
            free = free_days(held, start)
            if free < FREE_DAYS:
                yield Burden(index, engineer.id, free, start)
                break


def free_days(held: Iterable[Stretch], start: dt.datetime) -> int:
    """How many uninterrupted 24 hours without standby the 28 days from a local time have."""
    end = start + WINDOW
    inside = [(since, until) for since, until in held if since < end and until > start]
    edges = [(start, start), *inside, (end, end)]
    return sum(
        (after - before) // DAY for (_, before), (after, _) in pairwise(edges) if after > before
    )


def too_long(
    work: list[Stretch], call_outs: list[Stretch]
) -> tuple[dt.datetime, dt.timedelta] | None:
    """The worst 24 hours with a call-out and more than 13 hours of work, and how many; or None."""
    done = joined([*work, *call_outs])
    # The most work lies in a day that begins where work begins, or ends where work ends.
    begins = [*(start for start, _ in done), *(end - DAY for _, end in done)]
    called = [start for start in begins if any(_shared(one, start) for one in call_outs)]
    totals = [(start, sum((_shared(one, start) for one in done), NOTHING)) for start in called]
    worst = max(totals, key=lambda total: total[1], default=None)
    return worst if worst and worst[1] > MOST_WORK else None


def _shared(stretch: Stretch, start: dt.datetime) -> dt.timedelta:
    return max(min(stretch[1], start + DAY) - max(stretch[0], start), NOTHING)


def _too_often(one: Burden) -> str:
    end = one.start + WINDOW
    window = f"the 28 days from {one.start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    rule = f"at least {FREE_DAYS} (labour_rules: NL, Arbeidstijdenwet art. 5:9)"
    return (
        f"{one.engineer} has {one.free} days free of standby in {window}; the law asks for {rule}"
    )


def _standby(line: Line, span: Stretch, office: Office) -> dict[str, list[Stretch]]:
    """When each person is on call at any hour while the office is closed, without overlaps."""
    rung = {one for _, step in escalation_steps(line) for one in step.ring}
    always = [(person.id, span) for person in line.engineers if person.id in rung]
    duty = always + [
        (person, (segment.start, segment.end))
        for schedule in line.schedules
        if schedule.id in rung
        for segment in segments(schedule, *span, office)
        for person in segment.on_call
    ]
    found: dict[str, list[Stretch]] = {}
    for person, stretch in duty:
        closed = (part for part in even(*stretch, office) if not office.is_open(part[0]))
        found.setdefault(person, []).extend(closed)
    return {person: joined(stretches) for person, stretches in found.items()}

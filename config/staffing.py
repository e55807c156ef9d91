"""Dutch working-time rules for people on call (`labour_rules: NL`).

Arbeidstijdenwet art. 5:9 (consignatie): in each 28 times 24 hours at least 14 uninterrupted times
24 hours without standby; at most 13 hours of work in each 24, work on call included; a call-out
counts as at least half an hour of work. Standby is being on call outside working hours. The line's
office hours are taken as the working hours of everybody, because no others are known here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from zoneinfo import ZoneInfo

from routing.contracts.plans import CoveredHours
from routing.line import EVERY_DAY, Line, Schedule, Step
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import instant, local, wall
from routing.oncall.rota import segments

# The steps of a line, each with its field in the file.


Remark = tuple[str, str]
"""A field of a file, and a warning about it."""


def escalation_steps(line: Line) -> Iterator[tuple[str, Step]]:
    """The steps that are rung at any hour: the line's own, those of its routes, and those of plans
    that cover a level always."""
    routes = ((f"routes[{i}].escalation", r.escalation) for i, r in enumerate(line.routes))
    for field, escalation in [("escalation", line.escalation), *routes]:
        if escalation is None:
            continue
        for number, step in enumerate(escalation.steps):
            yield f"{field}.steps[{number}]", step
    yield from _plan_steps(line, CoveredHours.ALWAYS)


def desk_steps(line: Line) -> Iterator[tuple[str, Step]]:
    """The steps that are rung in office hours only."""
    routes = ((f"routes[{i}].desk", r.desk) for i, r in enumerate(line.routes))
    own = [("desk", line.desk), ("signature_desk", line.signature_desk)]
    for field, step in [*own, *routes]:
        if step:
            yield field, step
    yield from _plan_steps(line, CoveredHours.OFFICE)


def _plan_steps(line: Line, hours: CoveredHours) -> Iterator[tuple[str, Step]]:
    """The people of the plans, at the levels that are covered in these hours."""
    for number, plan in enumerate(line.plans):
        for level, included in plan.levels:
            if included.ring and included.hours is hours:
                yield f"plans[{number}].levels.{level}.ring", Step(included.ring)


def list_people(schedule: Schedule) -> set[str]:
    """Everybody who is ever on call in a schedule."""
    return {
        *(person for shift in schedule.shifts for person in shift.people),
        *(
            person
            for shift in schedule.shifts
            if shift.rotation is not None
            for turn in shift.rotation.people
            for person in turn
        ),
        *(override.add for override in schedule.overrides if override.add),
        *(person for instead in schedule.instead for person in instead.people),
    }


def list_rung_people(step: Step, line: Line) -> set[str]:
    """Everybody whom a step may ring."""
    direct = {one for one in step.ring if line.engineer(one)}
    return direct.union(*(list_people(s) for s in line.schedules if s.id in step.ring))


# Hours in which a step rings nobody.


LOOK_AHEAD = dt.timedelta(days=90)

TimeSpan = tuple[dt.datetime, dt.datetime]
"""Two instants in UTC, the second one later."""


def find_unattended_steps(line: Line, office: OfficeHours, now: dt.datetime) -> Iterator[Remark]:
    """The steps that ring nobody at some time in the next 90 days; desks in office hours only."""
    start, end = now.astimezone(dt.UTC), now.astimezone(dt.UTC) + LOOK_AHEAD
    opened = _opening_hours(office, start, end)
    steps = [(field, step, [(start, end)]) for field, step in escalation_steps(line)]
    steps += [(field, step, opened) for field, step in desk_steps(line)]
    for field, step, within in steps:
        empty = _find_empty(step, line, within, office)
        if empty:
            yield field, _describe_empty(empty, ZoneInfo(line.timezone))


def _find_empty(
    step: Step, line: Line, within: list[TimeSpan], office: OfficeHours
) -> list[TimeSpan]:
    if not within or any(line.engineer(one) for one in step.ring):
        return []
    start, end = within[0][0], within[-1][1]
    gaps = (
        [(s.start, s.end) for s in segments(schedule, start, end, office) if not s.on_call]
        for schedule in line.schedules
        if schedule.id in step.ring
    )
    return reduce(_intersect, gaps, within)


def _opening_hours(office: OfficeHours, start: dt.datetime, end: dt.datetime) -> list[TimeSpan]:
    edges = [start, *office.changes(start, end), end]
    return [(since, until) for since, until in pairwise(edges) if office.is_open(since)]


def _intersect(these: list[TimeSpan], those: list[TimeSpan]) -> list[TimeSpan]:
    return [
        (max(start, since), min(end, until))
        for start, end in these
        for since, until in those
        if max(start, since) < min(end, until)
    ]


def _describe_empty(empty: list[TimeSpan], zone: ZoneInfo) -> str:
    start, end = (at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for at in empty[0])
    gap = f"nobody is on call from {start} to {end}"
    if len(empty) == 1:
        return gap
    return f"{gap}, and {len(empty) - 1} more times in the next 90 days"


DAY = dt.timedelta(days=1)
REST_WINDOW = 28 * DAY
FREE_DAYS = 14
MAX_WORK = dt.timedelta(hours=13)
MIN_CALL_OUT = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class RestDays:
    """An engineer, by position and id, with the free days in the 28 days from a local time."""

    place: int
    engineer: str
    free: int
    start: dt.datetime


def check_rest_days(line: Line, office: OfficeHours, now: dt.datetime) -> Iterator[Remark]:
    """Warnings about engineers with too few free days."""
    for one in find_short_rest(line, office, now):
        yield f"engineers[{one.place}]", _describe_short_rest(one)


def find_short_rest(line: Line, office: OfficeHours, now: dt.datetime) -> Iterator[RestDays]:
    """The engineers with fewer than 14 days free of standby in 28, each with the first such time in
    the next 90 days. Days are counted in local time, so that changing clocks shortens none.
    """
    if line.labour_rules is None:
        return
    span = now.astimezone(dt.UTC), now.astimezone(dt.UTC) + LOOK_AHEAD
    duty = _find_standby(line, span, office)
    until = local(span[1], line.timezone)
    for index, engineer in enumerate(line.engineers):
        held = [
            (local(start, line.timezone), local(end, line.timezone))
            for start, end in duty.get(engineer.id, ())
        ]
        for start in (start for start, _ in held if start + REST_WINDOW <= until):
            free = count_free_days(held, start)
            if free < FREE_DAYS:
                yield RestDays(index, engineer.id, free, start)
                break


def count_free_days(held: Iterable[TimeSpan], start: dt.datetime) -> int:
    """The number of uninterrupted 24 hours without standby in the 28 days from a local time."""
    end = start + REST_WINDOW
    inside = [(since, until) for since, until in held if since < end and until > start]
    edges = [(start, start), *inside, (end, end)]
    return sum(
        (after - before) // DAY for (_, before), (after, _) in pairwise(edges) if after > before
    )


def find_longest_work(
    work: list[TimeSpan], call_outs: list[TimeSpan]
) -> tuple[dt.datetime, dt.timedelta] | None:
    """The start of the 24 hours with the most work, and how much; None unless they have a call-out
    and more than 13 hours of work."""
    done = join_spans([*work, *call_outs])
    # The 24 hours with the most work begin where work begins, or end where work ends.
    begins = [*(start for start, _ in done), *(end - DAY for _, end in done)]
    called = [start for start in begins if any(_overlap_with_day(one, start) for one in call_outs)]
    totals = [
        (start, sum((_overlap_with_day(one, start) for one in done), ZERO)) for start in called
    ]
    worst = max(totals, key=lambda total: total[1], default=None)
    if worst is None or worst[1] <= MAX_WORK:
        return None
    return worst


def _overlap_with_day(stretch: TimeSpan, start: dt.datetime) -> dt.timedelta:
    return max(min(stretch[1], start + DAY) - max(stretch[0], start), ZERO)


def _describe_short_rest(one: RestDays) -> str:
    end = one.start + REST_WINDOW
    window = f"the 28 days from {one.start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    rule = f"at least {FREE_DAYS} (labour_rules: NL, Arbeidstijdenwet art. 5:9)"
    return (
        f"{one.engineer} has {one.free} days free of standby in {window}; the law requires {rule}"
    )


def _find_standby(line: Line, span: TimeSpan, office: OfficeHours) -> dict[str, list[TimeSpan]]:
    """When each person is on call while the office is closed, without overlaps."""
    rung = {one for _, step in escalation_steps(line) for one in step.ring}
    always = [(person.id, span) for person in line.engineers if person.id in rung]
    duty = always + [
        (person, (segment.start, segment.end))
        for schedule in line.schedules
        if schedule.id in rung
        for segment in segments(schedule, *span, office)
        for person in segment.on_call
    ]
    found: dict[str, list[TimeSpan]] = {}
    for person, stretch in duty:
        closed = (
            part for part in split_at_changes(*stretch, office) if not office.is_open(part[0])
        )
        found.setdefault(person, []).extend(closed)
    return {person: join_spans(stretches) for person, stretches in found.items()}


# Hours on call, as they count for pay and for the law.


ZERO = dt.timedelta(0)
_WEEKEND = EVERY_DAY[5:]


@dataclass(frozen=True, slots=True)
class StandbyHours:
    """How long a person was on call: in total, and at hours that are paid separately."""

    total: dt.timedelta = ZERO
    outside_office: dt.timedelta = ZERO
    weekend: dt.timedelta = ZERO
    holiday: dt.timedelta = ZERO


def month_span(first: dt.date, zone: str) -> TimeSpan:
    """The month of this first day, from midnight in a zone to the next month's first midnight."""
    after = (first + dt.timedelta(days=31)).replace(day=1)
    start, end = (instant(dt.datetime.combine(day, dt.time()), zone) for day in (first, after))
    return start, end


def sum_standby(schedule: Schedule, span: TimeSpan, office: OfficeHours) -> dict[str, StandbyHours]:
    """How long each person was on call in a schedule, in real hours, also when clocks change.

    Weekends and holidays are whole days, from midnight to midnight in the office's zone.
    """
    found: dict[str, StandbyHours] = {}
    for segment in segments(schedule, *span, office):
        for start, end in split_at_changes(segment.start, segment.end, office):
            for person in segment.on_call:
                sofar = found.get(person, StandbyHours())
                found[person] = _add_standby(sofar, start, end - start, office)
    return found


def split_at_changes(
    start: dt.datetime, end: dt.datetime, office: OfficeHours
) -> Iterator[TimeSpan]:
    """A span split where a day begins and where the office opens or closes."""
    if start < end:
        yield from pairwise(sorted({start, end, *office.changes(start, end)}))


def join_spans(stretches: list[TimeSpan]) -> list[TimeSpan]:
    """The same time in as few spans as possible, in order."""
    found: list[TimeSpan] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _add_standby(
    sofar: StandbyHours, start: dt.datetime, length: dt.timedelta, office: OfficeHours
) -> StandbyHours:
    day = wall(start, office.timezone).date()
    in_weekend = EVERY_DAY[day.weekday()] in _WEEKEND
    return StandbyHours(
        sofar.total + length,
        sofar.outside_office + length * (not office.is_open(start)),
        sofar.weekend + length * in_weekend,
        sofar.holiday + length * office.is_holiday(day),
    )

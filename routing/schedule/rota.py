"""Who is on call: at a moment, and from one moment to another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

from routing.line import Override, Schedule, Shift
from routing.schedule.hours import Office, turns_of_day
from routing.schedule.rotation import handovers, whose_turn
from routing.schedule.wallclock import Now, instant, wall
from routing.schedule.week import covering
from routing.schedule.windows import in_force

OnCall = tuple[str, ...]
"""Ids of engineers, sorted; empty when nobody is on call."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time, in UTC, during which the same people are on call."""

    start: dt.datetime
    end: dt.datetime
    on_call: OnCall


def on_call(schedule: Schedule, moment: dt.datetime, office: Office) -> OnCall:
    """Who is on call in a schedule at an aware moment."""
    now = Now.at(moment, schedule.timezone)
    instead = in_force(schedule.instead, now)
    if instead:
        return tuple(sorted({person for i in instead for person in i.people}))
    people = {
        person
        for shift in covering(schedule.shifts, now.wall)
        if _wanted(shift, now, office)
        for person in _people(shift, now, schedule.timezone)
    }
    return tuple(sorted(overridden(people, in_force(schedule.overrides, now))))


def overridden(people: set[str], overrides: Iterable[Override]) -> set[str]:
    """The people of the shifts after the overrides of the moment.

    An override acts on the shifts, never on another override; of two that remove the same person
    the first counts, and what a removal would have added comes only with it.
    """
    removed: set[str] = set()
    added: set[str] = set()
    for override in overrides:
        if override.remove is not None:
            if override.remove not in people or override.remove in removed:
                continue
            removed.add(override.remove)
        if override.add is not None:
            added.add(override.add)
    return (people - removed) | added


def segments(
    schedule: Schedule, start: dt.datetime, end: dt.datetime, office: Office
) -> Iterator[Segment]:
    """Who is on call from one aware moment to another, without a hole.

    Neighbours differ: equal ones are joined, and a gap has nobody in ``on_call``.
    """
    start, end = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    inner = {at for at in _changes(schedule, start, end, office) if start < at < end}
    held: Segment | None = None
    for since, until in pairwise(sorted({start, end} | inner) if start < end else ()):
        people = on_call(schedule, since, office)
        if held is not None and held.on_call != people:
            yield held
            held = None
        held = Segment(held.start if held else since, until, people)
    if held is not None:
        yield held


def _wanted(shift: Shift, now: Now, office: Office) -> bool:
    return shift.when is None or office.is_open(now.instant) == (shift.when == "office")


def _people(shift: Shift, now: Now, zone: str) -> OnCall:
    return whose_turn(shift.rotation, now.wall, zone) if shift.rotation else shift.people


def _changes(
    schedule: Schedule, start: dt.datetime, end: dt.datetime, office: Office
) -> Iterator[dt.datetime]:
    """Every instant at which the people may change, in no order; some change nothing."""
    zone = schedule.timezone
    yield from turns_of_day((shift.hours for shift in schedule.shifts), zone, start, end)
    if any(shift.when for shift in schedule.shifts):
        yield from office.changes(start, end)
    first, last = wall(start, zone), wall(end, zone)
    for rotation in (shift.rotation for shift in schedule.shifts if shift.rotation):
        yield from (instant(at, zone) for at in handovers(rotation, first, last, zone))
    overrides = ((override.start, override.end) for override in schedule.overrides)
    instead = ((instead.start, instead.end) for instead in schedule.instead)
    yield from (instant(at, zone) for at in chain(*overrides, *instead))

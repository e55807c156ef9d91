"""Hours and schedules, as ``line.yaml`` writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from plan import times, words
from plan.forms import distinct, fields, many, needed_by, one_or_many, record, some
from plan.reading import Reader, Reading, Wrong
from plan.sheet import Entry, Fields
from routing.line import (
    EVERY_DAY,
    Hours,
    Instead,
    Override,
    Rotation,
    Schedule,
    Shift,
)
from routing.line import Weekday as Day
from routing.schedule.wallclock import instant, local

T = TypeVar("T")

_LAST_DAY_OF_EVERY_MONTH = 28
_ALL_DAY = (dt.time(0), dt.time(0))


def _hours(days: tuple[Day, ...] = EVERY_DAY, hours: tuple[dt.time, dt.time] = _ALL_DAY) -> Hours:
    return Hours(days, *hours)


def _rotation(entry: Entry, reading: Reading) -> Rotation:
    found = _turns(entry, reading)
    count, unit = found["every"]
    start = local(found["from_"], reading.terms.timezone)
    if unit == "month" and start.day > _LAST_DAY_OF_EVERY_MONTH:
        raise Wrong("by the month it must start on day 1 to 28, which every month has")
    return Rotation(count, unit, start, found["people"])


def _shift(
    people: tuple[str, ...] = (),
    rotation: Rotation | None = None,
    when: Literal["office", "outside_office"] | None = None,
    days: tuple[Day, ...] = EVERY_DAY,
    hours: tuple[dt.time, dt.time] = _ALL_DAY,
) -> Shift:
    if bool(people) == bool(rotation):
        raise Wrong("must have either people or a rotation")
    return Shift(people, rotation, _hours(days, hours), when)


def _override(
    from_: dt.datetime, to: dt.datetime, remove: str | None = None, add: str | None = None
) -> Override:
    if remove == add:
        raise Wrong("must remove or add somebody, and not the same person")
    return Override(from_, to, remove, add)


def _instead(from_: dt.datetime, to: dt.datetime, people: tuple[str, ...]) -> Instead:
    return Instead(from_, to, people)


def _window(make: Callable[..., T], **readers: Reader[Any]) -> Reader[T]:
    """Something that holds from one moment to a later one."""
    plain = fields(needed_by(make), from_=times.moment, to=times.moment, **readers)

    def read(entry: Entry, reading: Reading) -> T:
        found = plain(entry, reading)
        zone = reading.terms.timezone
        if instant(found["from_"], zone) >= instant(found["to"], zone):
            raise Wrong("must end after it begins")
        return make(**found)

    return read


def schedule(entry: Entry, reading: Reading) -> Schedule:
    """One schedule; its times are local to its own zone, or else to the line's."""
    zone = entry.tidied("timezone") if isinstance(entry, Fields) else None
    here = words.known_zone(zone) or reading.terms.timezone
    return Schedule(**{"timezone": here} | _schedule(entry, reading.inside(timezone=here)))


def _schedule_id(entry: Entry, reading: Reading) -> str:
    text = words.identifier(entry, reading)
    if text in reading.terms.engineers:
        raise Wrong("is also an engineer's id; take another")
    return text


_days = some(many(times.weekday))
_turns = fields(
    frozenset({"every", "from_", "people"}),
    every=times.every,
    from_=times.moment,
    people=some(many(some(one_or_many(words.engineer)))),
)
_schedule = fields(
    frozenset({"id"}),
    id=_schedule_id,
    timezone=words.zone,
    shifts=many(
        record(
            _shift,
            people=some(many(words.engineer)),
            rotation=_rotation,
            when=words.among("office", "outside_office"),
            days=_days,
            hours=times.hours,
        )
    ),
    overrides=many(_window(_override, remove=words.engineer, add=words.engineer)),
    instead=many(_window(_instead, people=many(words.engineer))),
)


weekly = record(_hours, days=_days, hours=times.hours)
office_hours = some(one_or_many(weekly))
schedules = distinct("id", schedule)

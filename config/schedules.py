"""Hours and schedules, as ``line.yaml`` writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from config import fields
from config.fields import sent_to, yes_or_no
from config.reader import (
    Entry,
    FieldReader,
    Fields,
    FileReading,
    WrongField,
    distinct,
    many,
    mapping,
    needed_by,
    one_or_many,
    record,
    some,
    then,
)
from routing.contract import Plan
from routing.line import (
    EVERY_DAY,
    PROMISED,
    Channel,
    Condition,
    DrillTimes,
    Escalation,
    HandoverRules,
    Hours,
    OfficeTime,
    Override,
    Paging,
    Replacement,
    Rotation,
    Route,
    Schedule,
    Shift,
    SignatureDesk,
    Step,
)
from routing.line import Weekday as Day
from routing.oncall.local_time import instant, local

T = TypeVar("T")

_LAST_DAY_OF_EVERY_MONTH = 28
_ALL_DAY = (dt.time(0), dt.time(0))


def _hours(days: tuple[Day, ...] = EVERY_DAY, hours: tuple[dt.time, dt.time] = _ALL_DAY) -> Hours:
    return Hours(days, *hours)


def _rotation(entry: Entry, reading: FileReading) -> Rotation:
    found = _turns(entry, reading)
    count, unit = found["every"]
    start = local(found["from_"], reading.terms.timezone)
    if unit == "month" and start.day > _LAST_DAY_OF_EVERY_MONTH:
        raise WrongField("by the month it must start on day 1 to 28, which every month has")
    return Rotation(count, unit, start, found["people"])


def _shift(
    people: tuple[str, ...] = (),
    rotation: Rotation | None = None,
    when: Literal["office", "outside_office"] | None = None,
    days: tuple[Day, ...] = EVERY_DAY,
    hours: tuple[dt.time, dt.time] = _ALL_DAY,
) -> Shift:
    if bool(people) == bool(rotation):
        raise WrongField("must have either people or a rotation")
    return Shift(people, rotation, _hours(days, hours), when)


def _override(
    from_: dt.datetime, to: dt.datetime, remove: str | None = None, add: str | None = None
) -> Override:
    if remove == add:
        raise WrongField("must remove or add somebody, and not the same person")
    return Override(from_, to, remove, add)


def _instead(from_: dt.datetime, to: dt.datetime, people: tuple[str, ...]) -> Replacement:
    return Replacement(from_, to, people)


def _window(make: Callable[..., T], **readers: FieldReader[Any]) -> FieldReader[T]:
    """Something that holds from one moment to a later one."""
    plain = mapping(needed_by(make), from_=fields.moment, to=fields.moment, **readers)

    def read(entry: Entry, reading: FileReading) -> T:
        found = plain(entry, reading)
        zone = reading.terms.timezone
        if instant(found["from_"], zone) >= instant(found["to"], zone):
            raise WrongField("must end after it begins")
        return make(**found)

    return read


def schedule(entry: Entry, reading: FileReading) -> Schedule:
    """One schedule; its times are local to its own zone, or else to the line's."""
    zone = entry.tidied("timezone") if isinstance(entry, Fields) else None
    here = fields.known_zone(zone) or reading.terms.timezone
    return Schedule(**{"timezone": here} | _schedule(entry, reading.inside(timezone=here)))


def _schedule_id(entry: Entry, reading: FileReading) -> str:
    text = fields.identifier(entry, reading)
    if text in reading.terms.engineers:
        raise WrongField("is also an engineer's id; take another")
    return text


_days = some(many(fields.weekday))
_turns = mapping(
    frozenset({"every", "from_", "people"}),
    every=fields.every,
    from_=fields.moment,
    people=some(many(some(one_or_many(fields.engineer)))),
)
_schedule = mapping(
    frozenset({"id"}),
    id=_schedule_id,
    timezone=fields.zone,
    shifts=many(
        record(
            _shift,
            people=some(many(fields.engineer)),
            rotation=_rotation,
            when=fields.among("office", "outside_office"),
            days=_days,
            hours=fields.hours,
        )
    ),
    overrides=many(_window(_override, remove=fields.engineer, add=fields.engineer)),
    instead=many(_window(_instead, people=many(fields.engineer))),
)


weekly = record(_hours, days=_days, hours=fields.hours)
office_hours = some(one_or_many(weekly))
schedules = distinct("id", schedule)


# Whom a call rings and in which order: escalation, desk, routes and notices.


_HALF_A_MINUTE = dt.timedelta(seconds=30)
_KINDS = ("incident", "signature_request")


def _step(ring: tuple[str, ...], for_: dt.timedelta = _HALF_A_MINUTE) -> Step:
    return Step(ring, for_)


def _specialists(
    ring: tuple[str, ...], for_: dt.timedelta = _HALF_A_MINUTE, samples_to: str | None = None
) -> SignatureDesk:
    return SignatureDesk(ring, for_, samples_to)


def _condition(found: dict[str, tuple[Any, ...]]) -> Condition:
    return Condition(
        languages=found.get("language", ()),
        plans=found.get("plan", ()),
        contracts=found.get("contracts", ()),
        urgencies=found.get("urgency", ()),
        kinds=found.get("kind", ()),
    )


def _route(
    when: Condition, escalation: Escalation | None = None, desk: Step | None = None
) -> Route:
    if escalation is None and desk is None:
        raise WrongField("must have an escalation or a desk, which it puts in place of the line's")
    return Route(when, escalation, desk)


def _promises(found: dict[str, dict[str, OfficeTime]]) -> tuple[tuple[int, OfficeTime], ...]:
    given = {int(level): each["respond_within"] for level, each in found.items() if each}
    return tuple(sorted((dict(PROMISED) | given).items()))


step = record(_step, ring=some(many(fields.ringable)), for_=fields.length)
signature_desk = record(
    _specialists,
    ring=some(many(fields.ringable)),
    for_=fields.length,
    samples_to=sent_to,
)
escalation = record(Escalation, steps=some(many(step)), repeat=fields.whole(1, 100))
paging = record(
    Paging,
    channels=many(fields.choice(Channel)),
    again_after=fields.length,
    reach_within=fields.length,
    daily_cap=fields.whole(1, 1000),
)
handover = record(
    HandoverRules,
    tell=yes_or_no,
    confirm_within=fields.length,
)
drill = record(DrillTimes, at=fields.time, days=some(many(fields.weekday)))
routes = many(
    record(
        _route,
        when=then(
            mapping(
                frozenset(),
                language=some(one_or_many(fields.language)),
                plan=some(one_or_many(fields.among(*Plan))),
                contracts=some(one_or_many(fields.keyed)),
                urgency=some(one_or_many(fields.whole(1, 4))),
                kind=some(one_or_many(fields.among(*_KINDS))),
            ),
            _condition,
        ),
        escalation=escalation,
        desk=step,
    )
)
_promise = mapping(frozenset(), respond_within=fields.office_time)
promises = then(
    mapping(frozenset(), **{str(urgency): _promise for urgency in range(1, 5)}),
    _promises,
)

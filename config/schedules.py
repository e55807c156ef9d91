"""Readers of schedules, escalation, desks, routes and response times of ``line.yaml``."""

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
    accepts,
    distinct,
    list_of,
    mapping,
    non_empty,
    one_or_list,
    record,
    required_arguments,
    shape_of,
    shaped,
    transformed,
)
from routing.contracts.plans import OfficeTime
from routing.line import (
    EVERY_DAY,
    PROMISED,
    Channel,
    Condition,
    DrillTimes,
    Escalation,
    HandoverRules,
    Hours,
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
AStep = TypeVar("AStep", bound=Step)

_LAST_DAY_OF_EVERY_MONTH = 28
_ALL_DAY = (dt.time(0), dt.time(0))


def _build_hours(
    days: tuple[Day, ...] = EVERY_DAY, hours: tuple[dt.time, dt.time] = _ALL_DAY
) -> Hours:
    return Hours(days, *hours)


def _build_rotation(entry: Entry, reading: FileReading) -> Rotation:
    found = _rotation_fields(entry, reading)
    count, unit = found["every"]
    start = local(found["from_"], reading.context.timezone)
    if unit == "month" and start.day > _LAST_DAY_OF_EVERY_MONTH:
        raise WrongField("must start on day 1 to 28 if it rotates by month")
    return Rotation(count, unit, start, found["people"])


def _build_shift(
    people: tuple[str, ...] = (),
    rotation: Rotation | None = None,
    when: Literal["office", "outside_office"] | None = None,
    days: tuple[Day, ...] = EVERY_DAY,
    hours: tuple[dt.time, dt.time] = _ALL_DAY,
) -> Shift:
    if bool(people) == bool(rotation):
        raise WrongField("must have either people or a rotation")
    return Shift(people, rotation, _build_hours(days, hours), when)


def _build_override(
    from_: dt.datetime, to: dt.datetime, remove: str | None = None, add: str | None = None
) -> Override:
    if remove == add:
        raise WrongField("must remove or add somebody, and not the same person")
    return Override(from_, to, remove, add)


def _build_replacement(from_: dt.datetime, to: dt.datetime, people: tuple[str, ...]) -> Replacement:
    return Replacement(from_, to, people)


def _read_time_span(make: Callable[..., T], **readers: FieldReader[Any]) -> FieldReader[T]:
    """Fields with ``from`` and a later ``to``."""
    plain = mapping(required_arguments(make), from_=fields.moment, to=fields.moment, **readers)

    def read(entry: Entry, reading: FileReading) -> T:
        found = plain(entry, reading)
        zone = reading.context.timezone
        if instant(found["from_"], zone) >= instant(found["to"], zone):
            raise WrongField("must end after it begins")
        return make(**found)

    return shaped(read, lambda: shape_of(plain))


def _read_schedule(entry: Entry, reading: FileReading) -> Schedule:
    """One schedule; its times are local to its own zone, or else to the zone of the line."""
    here = reading.context.timezone
    if isinstance(entry, Fields):
        here = fields.find_zone(entry.tidy_text("timezone")) or here
    return Schedule(**{"timezone": here} | _schedule_fields(entry, reading.inside(timezone=here)))


@accepts("letters, digits, dots and dashes, at most 64")
def _read_schedule_id(entry: Entry, reading: FileReading) -> str:
    text = fields.identifier(entry, reading)
    if text in reading.context.engineers:
        raise WrongField("is also the id of an engineer; choose another")
    return text


_days = non_empty(list_of(fields.weekday))
_rotation_fields = mapping(
    frozenset({"every", "from_", "people"}),
    every=fields.every,
    from_=fields.moment,
    people=non_empty(list_of(non_empty(one_or_list(fields.engineer)))),
)
_read_rotation = shaped(_build_rotation, lambda: shape_of(_rotation_fields))
_schedule_fields = mapping(
    frozenset({"id"}),
    id=_read_schedule_id,
    timezone=fields.zone,
    shifts=list_of(
        record(
            _build_shift,
            people=non_empty(list_of(fields.engineer)),
            rotation=_read_rotation,
            when=fields.one_of("office", "outside_office"),
            days=_days,
            hours=fields.hours,
        )
    ),
    overrides=list_of(
        _read_time_span(_build_override, remove=fields.engineer, add=fields.engineer)
    ),
    instead=list_of(_read_time_span(_build_replacement, people=list_of(fields.engineer))),
)


schedule = shaped(_read_schedule, lambda: shape_of(_schedule_fields))
weekly = record(_build_hours, days=_days, hours=fields.hours)
office_hours = non_empty(one_or_list(weekly))
schedules = distinct("id", schedule)


# Escalation, desks, routes and paging.


_KINDS = ("incident", "signature_request")


_STEP_NAMES = {"for_": "ring_for"}
"""Fields of a step by their names in the file."""


def _read_step(make: type[AStep], **others: FieldReader[Any]) -> FieldReader[AStep]:
    """A reader of a step, or of a desk; absent fields have the defaults of the dataclass."""
    named = mapping(
        required_arguments(make),
        ring=non_empty(list_of(fields.ringable)),
        for_=fields.length,
        **others,
    )

    def build(found: dict[str, Any]) -> AStep:
        return make(**{_STEP_NAMES.get(name, name): value for name, value in found.items()})

    return transformed(named, build)


def _build_condition(found: dict[str, tuple[Any, ...]]) -> Condition:
    return Condition(
        languages=found.get("language", ()),
        plans=found.get("plan", ()),
        contracts=found.get("contracts", ()),
        urgencies=found.get("urgency", ()),
        kinds=found.get("kind", ()),
    )


def _build_route(
    when: Condition, escalation: Escalation | None = None, desk: Step | None = None
) -> Route:
    if escalation is None and desk is None:
        raise WrongField("must have an escalation or a desk, which replaces the line's")
    return Route(when, escalation, desk)


def _build_promises(found: dict[str, dict[str, OfficeTime]]) -> tuple[tuple[int, OfficeTime], ...]:
    given = {int(level): each["respond_within"] for level, each in found.items() if each}
    return tuple(sorted((dict(PROMISED) | given).items()))


step = _read_step(Step)
signature_desk = _read_step(SignatureDesk, samples_to=sent_to)
escalation = record(Escalation, steps=non_empty(list_of(step)), repeat=fields.whole_number(1, 100))
paging = record(
    Paging,
    channels=list_of(fields.member_of(Channel)),
    again_after=fields.length,
    reach_within=fields.length,
    daily_cap=fields.whole_number(1, 1000),
)
handover = record(
    HandoverRules,
    tell=yes_or_no,
    confirm_within=fields.length,
)
drill = record(DrillTimes, at=fields.time, days=non_empty(list_of(fields.weekday)))
routes = list_of(
    record(
        _build_route,
        when=transformed(
            mapping(
                frozenset(),
                language=non_empty(one_or_list(fields.language)),
                plan=non_empty(one_or_list(fields.plan)),
                contracts=non_empty(one_or_list(fields.keyed)),
                urgency=non_empty(one_or_list(fields.whole_number(1, 4))),
                kind=non_empty(one_or_list(fields.one_of(*_KINDS))),
            ),
            _build_condition,
        ),
        escalation=escalation,
        desk=step,
    )
)
_promise = mapping(frozenset(), respond_within=fields.office_time)
promises = transformed(
    mapping(frozenset(), **{str(urgency): _promise for urgency in range(1, 5)}),
    _build_promises,
)

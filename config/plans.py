"""Readers of the plans of ``line.yaml``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from config import fields
from config.reader import (
    Entry,
    FileReading,
    WrongField,
    distinct,
    either,
    list_of,
    mapping,
    non_empty,
    one_or_list,
    transformed,
    word,
)
from routing.contracts import MOST_PREMIUM_INCIDENTS
from routing.contracts.plans import (
    REQUESTS,
    CoveredHours,
    Door,
    Plan,
    PlanLevel,
    list_default_plans,
)

LOWEST_RANK = 998
"""A rank has three digits in the sort key of a queue; 999 is for callers without a plan."""

UNLIMITED = "unlimited"


def _read_number_or_word(entry: Entry, reading: FileReading) -> int | None:
    """A number, or the word for no limit."""
    if word(entry, reading) == UNLIMITED:
        return None
    try:
        return _number_of_incidents(entry, reading)
    except WrongField as wrong:
        raise WrongField(f"{wrong}, or {UNLIMITED}") from None


_number_of_incidents = fields.whole_number(0, MOST_PREMIUM_INCIDENTS)
_read_premium_incidents = either(
    _read_number_or_word, _number_of_incidents, fields.one_of(UNLIMITED)
)


def _build_level(level: int, found: dict[str, Any]) -> PlanLevel:
    """A level; level 1 is covered at all hours, and the others in office hours, unless it says
    otherwise."""
    hours = CoveredHours.OFFICE
    if level == 1:
        hours = CoveredHours.ALWAYS
    return PlanLevel(**{"hours": hours} | found)


def _build_levels(found: dict[str, dict[str, Any]]) -> tuple[tuple[int, PlanLevel], ...]:
    given = {int(level): values for level, values in found.items()}
    return tuple((level, _build_level(level, given[level])) for level in sorted(given))


def _check_distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise WrongField("names one of them twice")
    return values


def _check_requests(requests: tuple[str, ...]) -> tuple[str, ...]:
    if "incident" not in requests:
        raise WrongField("must include incident: every customer can report one")
    return _check_distinct(requests)


_level = mapping(
    frozenset(),
    hours=fields.member_of(CoveredHours),
    respond_within=fields.office_time,
    ring=non_empty(list_of(fields.ringable)),
)
_plan = mapping(
    frozenset({"id", "name"}),
    id=fields.identifier,
    name=fields.names,
    rank=fields.whole_number(1, LOWEST_RANK),
    premium_incidents=_read_premium_incidents,
    named_contacts=fields.whole_number(1, 1000),
    levels=transformed(
        mapping(frozenset(), **{str(level): _level for level in range(1, 5)}), _build_levels
    ),
    doors=transformed(non_empty(one_or_list(fields.member_of(Door))), _check_distinct),
    requests=transformed(non_empty(one_or_list(fields.one_of(*REQUESTS))), _check_requests),
)


def _build_plans(found: tuple[dict[str, Any], ...]) -> tuple[Plan, ...]:
    """The plans; one without a rank has its place in the list."""
    return tuple(_build_plan(place, values) for place, values in enumerate(found, start=1))


def _build_plan(place: int, found: dict[str, Any]) -> Plan:
    return Plan(names=found.pop("name"), **{"rank": place} | found)


plans = transformed(non_empty(distinct("id", _plan)), _build_plans)


def complete_plans(given: tuple[Plan, ...] | None, named_contacts: int | None) -> tuple[Plan, ...]:
    """The plans of a line. ``named_contacts`` of the line is the limit of MSA Plus, or of each plan
    of the file that has none of its own."""
    if given is None and named_contacts is None:
        return list_default_plans()
    if given is None:
        return list_default_plans(named_contacts or 0)
    return tuple(
        replace(plan, named_contacts=plan.named_contacts or named_contacts) for plan in given
    )

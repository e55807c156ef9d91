"""Writes a line and its contracts back as ``line.yaml`` and ``contracts.csv``.

A field that has its default is left out, so that a new field of ``routing.line`` needs no entry
here, unless the file writes it in another way than the others of its type.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from config.contracts import quote_cell
from config.reader import SPOKEN
from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    Contact,
    Contract,
    ContractField,
    ValueKind,
    list_defaults,
)
from routing.contracts.plans import OfficeTime, Plan, PlanLevel, list_default_plans
from routing.line import (
    EVERY_DAY,
    Condition,
    Engineer,
    Holidays,
    Hours,
    Line,
    RateLimit,
    Rotation,
    Schedule,
    Shift,
)

Document = dict[str, Any]
"""A file as JSON has it: fields, lists, texts and numbers."""

HEADING = (
    *("id", "name", "number", "texts_from", "country", "dial_countries", "timezone", "languages"),
    *("office_hours", "holidays", "labour_rules", "named_contacts", "last_resort"),
)
"""The fields of a line that are in the section ``line``; the others are sections themselves."""


def write_line_file(
    line: Line,
    contracts: Iterable[Contract] = (),
    *,
    spoken: tuple[str, ...] = SPOKEN,
    with_pins: bool = True,
) -> Document:
    """The document that is read as this line and these contracts. ``spoken`` are the languages that
    have prompts. Without PINs it has no hashes, and the reader must keep those that are stored."""
    found, plans = _write_fields(line), _write_plans(line.plans, spoken)
    if "plans" not in plans:
        found.pop("plans", None)
    found |= plans
    found["name"] = _write_names(line.names, spoken)
    if line.texts_from == line.number:
        found.pop("texts_from", None)
    if "silence" in found:
        found["message"] = {"silence": found.pop("silence")}
    if "urgency" in found:
        promised = found["urgency"]
        found["urgency"] = {level: {"respond_within": text} for level, text in promised.items()}
    heading = {name: found.pop(name) for name in HEADING if name in found}
    listed = [write_contract(contract, with_pins=with_pins) for contract in contracts]
    sections = {"line": heading, **found}
    if listed:
        sections["contracts"] = listed
    return sections


def dump_yaml(document: Document) -> str:
    """The document as YAML, with lists of plain values on one line."""
    yaml, written = YAML(), io.StringIO()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(_lay_out(document), written)
    return written.getvalue()


def _lay_out(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lay_out(each) for name, each in value.items()}
    if not isinstance(value, list):
        return value
    laid_out = CommentedSeq(map(_lay_out, value))
    if not any(isinstance(each, dict) for each in value):
        laid_out.fa.set_flow_style()
    return laid_out


def write_schedule(schedule: Schedule) -> Document:
    """A schedule as ``line.yaml`` has it."""
    return _write_fields(schedule)


def write_engineer(engineer: Engineer) -> Document:
    """An engineer as ``line.yaml`` has them."""
    return _write_fields(engineer)


def write_contract(contract: Contract, *, with_pins: bool) -> Document:
    """A contract as ``line.yaml`` has it."""
    found = _write_listed(CONTRACT_FIELDS, contract)
    valid = {"from": found.pop("valid_from", None), "until": found.pop("valid_until", None)}
    if any(valid.values()):
        found["valid"] = {name: day for name, day in valid.items() if day is not None}
    if contract.contacts:
        found["contacts"] = [
            _write_contact(each, with_pins=with_pins) for each in contract.contacts
        ]
    return found


def write_contracts_csv(contracts: Iterable[Contract]) -> Iterator[str]:
    """The lines of ``contracts.csv``, with a row for each contact. A contract without contacts has
    none there."""
    known = (*CONTRACT_FIELDS, *CONTACT_FIELDS)
    columns = [each.columns[-1] for each in known]
    yield _write_row(columns)
    for contract in contracts:
        own = _write_cells(CONTRACT_FIELDS, contract)
        for contact in contract.contacts:
            yield _write_row([*own, *_write_cells(CONTACT_FIELDS, contact)])


def _write_row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _write_cells(known: Iterable[ContractField], of: Contract | Contact) -> list[str]:
    written = []
    for each in known:
        cell = _write_cell(_write_value(getattr(of, each.name)))
        if each.kind is not ValueKind.PHONES:  # a number is no formula
            cell = quote_cell(cell)
        written.append(cell)
    return written


def _write_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ";".join(value)
    return str(value)


def _write_contact(contact: Contact, *, with_pins: bool) -> Document:
    found = _write_listed((each for each in CONTACT_FIELDS if each.in_line_file), contact)
    if with_pins:
        found["pin_hash"] = contact.pin_hash
    return found


def _write_listed(known: Iterable[ContractField], of: Contract | Contact) -> Document:
    defaults, found = list_defaults(type(of)), Document()
    for each in known:
        value = getattr(of, each.name)
        if not each.secret and value != defaults.get(each.name, MISSING):
            found[each.key] = _write_value(value)
    return found


# Values by their type, and those that the file writes in another way.


def _write_fields(value: Any) -> Document:
    """A dataclass as fields, without those that have their default."""
    written: Document = {}
    for each in fields(value):
        found = getattr(value, each.name)
        if found != _find_default(each):
            name, write = _OTHERWISE.get(
                (type(value).__name__, each.name), (each.name, _write_value)
            )
            written[_NAMES.get(name, name)] = write(found)
    return written


def _find_default(of: Field[Any]) -> object:
    if of.default_factory is not MISSING:
        return of.default_factory()
    return of.default


def _write_value(value: Any) -> Any:
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    if is_dataclass(value):
        return _write_fields(value)
    return value


def _write_list(values: tuple[Any, ...]) -> list[Any]:
    return [_write_value(each) for each in values]


def _write_length(length: dt.timedelta) -> str:
    """A duration in the longest unit that divides it."""
    for unit, size in _UNITS.items():
        if length and not length % size:
            return f"{length // size}{unit}"
    return "0s"


_UNITS = {
    "d": dt.timedelta(days=1),
    "h": dt.timedelta(hours=1),
    "m": dt.timedelta(minutes=1),
    "s": dt.timedelta(seconds=1),
}


def _write_office_time(promise: OfficeTime) -> str:
    if promise.office:
        return f"{promise.length // _UNITS['h']} office hours"
    return _write_length(promise.length)


def _write_rate(rate: RateLimit) -> str:
    return f"{rate.count}/{_write_length(rate.per)}"


def _write_hours(hours: Hours) -> Document:
    written: Document = {"hours": f"{hours.start:%H:%M}-{hours.end:%H:%M}"}
    if hours.days != EVERY_DAY:
        written = {"days": list(hours.days)} | written
    return written


def _write_shift(shift: Shift) -> Document:
    written = _write_fields(shift)
    hours: Document = written.pop("hours", {})
    return written | hours


def _write_rotation(rotation: Rotation) -> Document:
    turns = [_write_turn(people) for people in rotation.people]
    every = f"{rotation.count} {rotation.unit}"
    return {"every": every, "from": rotation.start.isoformat(), "people": turns}


def _write_turn(people: tuple[str, ...]) -> str | list[str]:
    if len(people) == 1:
        return people[0]
    return list(people)


def _write_holidays(holidays: Holidays) -> Any:
    written = _write_fields(holidays)
    if set(written) == {"country"}:
        return written["country"]
    return written


def _write_percent(share: int) -> str:
    return f"{share}%"


def _write_pairs(pairs: tuple[tuple[Any, Any], ...]) -> Document:
    return {str(name): _write_value(value) for name, value in pairs}


def _write_names(names: tuple[tuple[str, str], ...], spoken: tuple[str, ...]) -> Any:
    """One name, if it is that of every language."""
    if len({name for _, name in names}) == 1 and tuple(dict(names)) == spoken:
        return names[0][1]
    return dict(names)


def _write_plans(plans: tuple[Plan, ...], spoken: tuple[str, ...]) -> Document:
    """The plans, or the named contacts of those of a line that defines none."""
    limit = plans[0].named_contacts
    if plans == list_default_plans():
        return {}
    if limit is not None and plans == list_default_plans(limit):
        return {"named_contacts": limit}
    return {"plans": [_write_plan(plan, spoken) for plan in plans]}


def _write_plan(plan: Plan, spoken: tuple[str, ...]) -> Document:
    written = _write_fields(plan)
    written["name"] = _write_names(plan.names, spoken)
    if plan.premium_incidents is None:
        written["premium_incidents"] = "unlimited"
    return written


def _write_level(level: PlanLevel) -> Document:
    """The default hours of a level depend on the level."""
    return {"hours": str(level.hours)} | _write_fields(level)


_WRITERS: Mapping[type, Callable[[Any], Any]] = {
    StrEnum: str,
    tuple: _write_list,
    dt.timedelta: _write_length,
    dt.datetime: dt.datetime.isoformat,
    dt.date: dt.date.isoformat,
    dt.time: "{:%H:%M}".format,
    OfficeTime: _write_office_time,
    RateLimit: _write_rate,
    Hours: _write_hours,
    Shift: _write_shift,
    Rotation: _write_rotation,
    Holidays: _write_holidays,
    PlanLevel: _write_level,
}
_NAMES = {"start": "from", "end": "to", "ring_for": "for"}
_OTHERWISE: Mapping[tuple[str, str], tuple[str, Callable[[Any], Any]]] = {
    ("Line", "names"): ("name", dict),
    ("Line", "respond_within"): ("urgency", _write_pairs),
    ("Line", "plans"): ("plans", _write_list),
    ("Line", "voices"): ("voices", _write_pairs),
    ("Plan", "names"): ("name", dict),
    ("Plan", "levels"): ("levels", _write_pairs),
    ("Voice", "rate"): ("rate", _write_percent),
    ("FigureRules", "goal"): ("goal", _write_percent),
    **{
        (Condition.__name__, many): (one, _write_value)
        for many, one in {
            "languages": "language",
            "plans": "plan",
            "urgencies": "urgency",
            "kinds": "kind",
        }.items()
    },
}

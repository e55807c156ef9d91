"""Changes of shifts: the form, who may make them, current overrides, and the latest changes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from flask import abort
from pydantic import AfterValidator
from sqlalchemy import Engine

from ivr_app.console import find_own_engineer, may
from ivr_app.context import current_call_service, current_services
from ivr_app.web import Form, Mistakes, language, read_form, t
from routing.line import Engineer, Line, Schedule
from routing.oncall.local_time import instant
from routing.oncall.policy import name_of
from service.calendar_feed import Span
from service.refusals import ShiftRefusedError
from service.shifts.change import ShiftRequest
from service.shifts.exchange import ShiftExchange
from store.people.accounts import Role
from store.people.audit import AuditEntry, AuditLog
from store.people.overrides import StoredOverride, find_overrides

YEARS = range(1971, 2999)
FIELDS = ("schedule", "start", "end", "give", "take", "back_start", "back_end")
MISTAKE_FIELDS = {"order": "end", "over": "end", "long": "end", "already": "take", "same": "take"}
"""The field of each refusal; the other refusals are about ``give``."""


def _check_year(at: dt.datetime) -> dt.datetime:
    if at.year not in YEARS:
        raise ValueError("oncall.no_such_time")
    return at


Moment = Annotated[dt.datetime, AfterValidator(_check_year)]


class ShiftForm(Form):
    """The form of a change; times without an offset are in the viewer's time zone."""

    schedule: str
    start: Moment
    end: Moment
    give: str = ""
    take: str = ""
    back_start: Moment | None = None
    back_end: Moment | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class WantedChange:
    """A change of one schedule; ``seen`` is a hash of the schedule that the viewer saw."""

    schedule: Schedule
    request: ShiftRequest
    seen: str | None


def list_form_values(sent: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of the form as they were sent, to show them again."""
    return {name: sent.get(name, "") for name in FIELDS}


def read_request(line: Line, zone: ZoneInfo) -> tuple[WantedChange | None, Mistakes]:
    """Return the change that the form asks for, or the mistakes in it."""
    form, mistakes = read_form(ShiftForm)
    if form is None:
        return None, mistakes
    schedule = line.schedule(form.schedule)
    people = {"give": line.engineer(form.give), "take": line.engineer(form.take)}
    wrong = {
        name: t("oncall.no_such_engineer")
        for name, found in people.items()
        if found is None and getattr(form, name)
    }
    if schedule is None:
        return None, wrong | {"schedule": t("oncall.no_such_schedule")}
    if wrong:
        return None, wrong
    wanted = _build_request(form, people["give"], people["take"], zone)
    if not may_change(line, wanted):
        return None, {"give": t("oncall.only_own")}
    return WantedChange(schedule, wanted, form.seen), {}


def explain_refusal(error: ShiftRefusedError, zone: ZoneInfo) -> Mistakes:
    """Return the reason of a refusal, by the field that it is about."""
    field = MISTAKE_FIELDS.get(error.reason.key, "give")
    return {field: error.reason.render(language(), zone.key)}


def _build_request(
    form: ShiftForm, give: Engineer | None, take: Engineer | None, zone: ZoneInfo
) -> ShiftRequest:
    back: Span | None = None
    if form.back_start is not None and form.back_end is not None:
        back = instant(form.back_start, zone.key), instant(form.back_end, zone.key)
    span = instant(form.start, zone.key), instant(form.end, zone.key)
    return ShiftRequest(give, take, span, back)


def may_change(line: Line, wanted: ShiftRequest) -> bool:
    """Return True if the viewer may make this change: a manager any, an engineer only a transfer
    of their own shift to somebody else."""
    if may(Role.MANAGER):
        return True
    if wanted.give is None or wanted.take is None:
        return False
    return may(Role.ENGINEER) and wanted.give.id == find_own_engineer(line)


def may_undo(line: Line, kept: Sequence[StoredOverride]) -> bool:
    """Return True if the viewer may undo this change: a manager any, an engineer one of their own
    shifts."""
    if may(Role.MANAGER):
        return True
    own = find_own_engineer(line)
    if own is None or not may(Role.ENGINEER):
        return False
    return any(own in (one.override.add, one.override.remove) for one in kept)


def open_exchange(line: Line, schedule: Schedule) -> ShiftExchange:
    """Return the exchange that changes shifts of this schedule now."""
    return ShiftExchange(current_services(), line, schedule, current_call_service().clock())


def find_exchange(line: Line, uid: str) -> ShiftExchange:
    """Return the exchange of an earlier change; 404 if there is none, 403 if it is not the
    viewer's."""
    stored = find_overrides(current_services().engine, line.id).items()
    found = [(name, one) for name, kept in stored for one in kept if one.uid == uid and one.by_hand]
    if not found:
        abort(404)
    schedule = line.schedule(found[0][0]) or abort(404)
    if not may_undo(line, [one for _, one in found]):
        abort(403)
    return open_exchange(line, schedule)


PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """An override that is not in the file; ``uid`` is None unless the viewer may undo it."""

    schedule: str
    start: dt.datetime
    end: dt.datetime
    give: str
    take: str
    origin: str
    uid: str | None


@dataclass(frozen=True, slots=True)
class ShiftChangeRow:
    """A change of shifts in the audit log."""

    entry: AuditEntry
    schedule: str
    give: str
    take: str
    start: dt.datetime | None
    end: dt.datetime | None


def list_overrides(engine: Engine, line: Line, now: dt.datetime) -> list[OverrideRow]:
    """Return the overrides that are not over, ordered by start."""
    found: list[OverrideRow] = []
    for schedule, kept in find_overrides(engine, line.id).items():
        by_uid: dict[str, list[StoredOverride]] = defaultdict(list)
        for one in kept:
            by_uid[one.uid].append(one)
        found += [
            _describe_override(line, schedule, one, by_uid[one.uid])
            for one in kept
            if one.override.end > now
        ]
    return sorted(found, key=lambda row: (row.start, row.schedule))


def list_changes(engine: Engine, line: Line) -> list[ShiftChangeRow]:
    """Return the latest changes, newest first."""
    entries = AuditLog(engine).page(thing=("rota", line.id), size=PAGE_SIZE)
    return [_describe_change(line, row.entry) for row in entries]


def _describe_override(
    line: Line, schedule: str, one: StoredOverride, whole: Sequence[StoredOverride]
) -> OverrideRow:
    override, uid = one.override, None
    give, take = (name_person(line, person) for person in (override.remove, override.add))
    if one.by_hand and may_undo(line, whole):
        uid = one.uid
    return OverrideRow(schedule, override.start, override.end, give, take, one.origin, uid)


def _describe_change(line: Line, entry: AuditEntry) -> ShiftChangeRow:
    values: Mapping[str, Any] = entry.after or entry.before or {}
    give, take = (name_person(line, values.get(role)) for role in ("give", "take"))
    start, end = (_parse_moment(values.get(edge)) for edge in ("start", "end"))
    return ShiftChangeRow(entry, values.get("schedule", ""), give, take, start, end)


def name_person(line: Line, person: str | None) -> str:
    """Return the name of a person, the id of somebody who has left, or nothing for nobody."""
    return name_of(line, person) or person or ""


def name_engineer(engineer: Engineer | None) -> str:
    """Return the name of an engineer, or nothing for nobody."""
    if engineer is None:
        return ""
    return engineer.name


def _parse_moment(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    return dt.datetime.fromisoformat(text)

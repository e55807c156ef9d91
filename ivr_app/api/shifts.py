"""Engineers, schedules and handovers: read. Swaps and overrides: listed, made and undone."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any, Literal

from pydantic import Field

from config.export import write_engineer, write_schedule
from ivr_app.api import (
    ApiSection,
    Id,
    LineQuery,
    OperationAnswer,
    RequestMoment,
    ResponseBody,
    conflict,
    current_token,
    find_line,
    make_id,
    not_found,
)
from ivr_app.context import current_call_service, current_services
from routing.line import Engineer, Line, Schedule
from service.engineer_phones import EngineerPhones, PhoneEntry
from service.shifts.change import ShiftRequest
from service.shifts.exchange import ShiftExchange
from service.shifts.handovers import list_handovers
from store.log.rows import format_moment
from store.people.audit import AuditEntry
from store.people.lines import find_stored_line
from store.people.overrides import OVERRIDE, SWAP, StoredOverride, find_overrides

section = ApiSection("shifts")

LONGEST_PERIOD = dt.timedelta(days=92)
"""The longest period of handovers in one response."""

WEEK = dt.timedelta(weeks=1)


class PhoneBody(ResponseBody):
    """A phone number of an engineer."""

    number: str
    source: Literal["file", "added"] = Field(description="line.yaml, or the engineer.")
    rung: bool = Field(description="False: its code has not been given back.")
    verified_at: dt.datetime | None
    last_tried: dt.datetime | None = Field(description="When it last reached the engineer.")


class EngineerBody(ResponseBody):
    """An engineer. Only `PUT /lines/ID` changes what line.yaml has."""

    line: str
    id: str
    name: str
    email: str | None
    languages: list[str] = Field(description="Empty: all languages of the line.")
    contact: list[dict[str, Any]] = Field(
        description="Rules for pages, as in line.yaml; empty: `paging.channels` of the line."
    )
    quiet: list[dict[str, Any]] = Field(description="Quiet hours, as in line.yaml.")
    phones: list[PhoneBody] = Field(description="In the order in which they are rung.")


class EngineerList(ResponseBody):
    """The engineers of a line."""

    items: list[EngineerBody]


class OverrideBody(ResponseBody):
    """A swap, an override, or an absence of a calendar."""

    uid: str
    schedule: str
    origin: Literal["swap", "override", "calendar"]
    start: dt.datetime
    end: dt.datetime
    give: str | None = Field(description="The engineer who is off call.")
    take: str | None = Field(description="The engineer who is on call.")
    created_at: dt.datetime


class OverrideList(ResponseBody):
    """What changes the shifts of line.yaml from now on."""

    items: list[OverrideBody]


class ScheduleBody(ResponseBody):
    """A schedule: its shifts, overrides and replacements as in line.yaml, and what was changed
    since. Only `PUT /lines/ID` changes what line.yaml has."""

    line: str
    id: str
    timezone: str
    shifts: list[dict[str, Any]]
    overrides: list[dict[str, Any]]
    instead: list[dict[str, Any]]
    changes: list[OverrideBody]


class ScheduleList(ResponseBody):
    """The schedules of a line."""

    items: list[ScheduleBody]


class ChangedShifts(ResponseBody):
    """What a swap or an override changed."""

    uid: str | None = Field(
        description="For DELETE; null if only an earlier change was given back or cut."
    )
    schedule: str
    give: str | None
    take: str | None
    spans: list[tuple[dt.datetime, dt.datetime]] = Field(description="From and to.")
    warnings: list[str]


class UndoneShiftsBody(ResponseBody):
    """What an undo gave back."""

    uid: str
    schedule: str
    back: list[OverrideBody]
    warnings: list[str]


class HandoverBody(ResponseBody):
    """An engineer who comes on call for level 1."""

    line: str
    schedule: str
    engineer: str
    before: list[str] = Field(description="Who went off call then.")
    standing: str = Field(
        description="planned, untold (handover.tell is false), or what became of it."
    )
    at: dt.datetime
    until: dt.datetime | None
    told_at: dt.datetime | None
    confirm_by: dt.datetime | None
    confirmed_at: dt.datetime | None
    warned_at: dt.datetime | None


class HandoverList(ResponseBody):
    """Handovers by time."""

    items: list[HandoverBody]


class ScheduleQuery(LineQuery):
    """One schedule or all."""

    schedule: Id | None = Field(None, description="Default: every schedule.")


class HandoverQuery(ScheduleQuery):
    """A period, and one schedule or all."""

    from_: RequestMoment | None = Field(None, alias="from", description="Default: a week ago.")
    to: RequestMoment | None = Field(
        None, description="Default: in a week; at most a quarter of a year later."
    )


class SpanBody(LineQuery):
    """A schedule and a time."""

    schedule: Id
    from_: RequestMoment = Field(alias="from")
    to: RequestMoment


class SwapBody(SpanBody):
    """A shift that goes from one engineer to another."""

    give: Id = Field(description="The engineer who gives it.")
    take: Id = Field(description="The engineer who takes it.")


class NewOverride(SpanBody):
    """An engineer who is on call too, or off call."""

    add: Id | None = None
    remove: Id | None = None


@section.get("/engineers", EngineerList, LineQuery)
def engineers(query: LineQuery) -> OperationAnswer:
    """List the engineers of a line, with their channels and phones."""
    line = find_line(query.line)
    return OperationAnswer({"items": [_build_engineer(line, each) for each in line.engineers]})


@section.get("/engineers/<engineer_id>", EngineerBody, LineQuery)
def engineer(query: LineQuery, engineer_id: str) -> OperationAnswer:
    """Show one engineer."""
    line = find_line(query.line)
    found = line.engineer(engineer_id)
    if found is None:
        raise not_found(f"There is no engineer with this id on line {line.id}.")
    return OperationAnswer(_build_engineer(line, found))


@section.get("/schedules", ScheduleList, LineQuery)
def schedules(query: LineQuery) -> OperationAnswer:
    """List the schedules of a line."""
    line = find_line(query.line)
    return OperationAnswer({"items": [_build_schedule(line, each) for each in line.schedules]})


@section.get("/schedules/<schedule_id>", ScheduleBody, LineQuery)
def schedule(query: LineQuery, schedule_id: str) -> OperationAnswer:
    """Show one schedule."""
    line = find_line(query.line)
    return OperationAnswer(_build_schedule(line, _find_schedule(line, schedule_id)))


@section.get("/swaps", OverrideList, ScheduleQuery)
def swaps(query: ScheduleQuery) -> OperationAnswer:
    """List the swaps that are not over."""
    found = _list_overrides(find_line(query.line), query.schedule)
    return OperationAnswer({"items": [each for each in found if each["origin"] == SWAP]})


@section.get("/overrides", OverrideList, ScheduleQuery)
def overrides(query: ScheduleQuery) -> OperationAnswer:
    """List the overrides that are not over, and absences of calendars; those of line.yaml are in
    its schedules."""
    found = _list_overrides(find_line(query.line), query.schedule)
    return OperationAnswer({"items": [each for each in found if each["origin"] != SWAP]})


@section.post("/swaps", ChangedShifts, SwapBody, HTTPStatus.CREATED)
def swap(body: SwapBody) -> OperationAnswer:
    """Give a shift to another engineer. Both are notified."""
    return _change_shift(body, body.give, body.take)


@section.post("/overrides", ChangedShifts, NewOverride, HTTPStatus.CREATED)
def override(body: NewOverride) -> OperationAnswer:
    """Put an engineer on call in addition, or take one off call. They are notified."""
    if body.add is not None and body.remove is not None:
        raise conflict("To give a shift to somebody else use POST /swaps.", "is_swap")
    return _change_shift(body, body.remove, body.add)


@section.delete("/swaps/<uid>", UndoneShiftsBody, LineQuery)
def undo_swap(query: LineQuery, uid: str) -> OperationAnswer:
    """Undo a swap from now on. The engineers are notified."""
    return _undo(find_line(query.line), uid, SWAP)


@section.delete("/overrides/<uid>", UndoneShiftsBody, LineQuery)
def undo_override(query: LineQuery, uid: str) -> OperationAnswer:
    """Undo an override from now on. The engineers are notified."""
    return _undo(find_line(query.line), uid, OVERRIDE)


@section.get("/handovers", HandoverList, HandoverQuery)
def handovers(query: HandoverQuery) -> OperationAnswer:
    """List handovers: who comes on call when, who was notified, and who confirmed."""
    line, now = find_line(query.line), current_call_service().clock()
    if query.schedule is not None:
        _find_schedule(line, query.schedule)
    start = query.from_ or now - WEEK
    end = min(query.to or now + WEEK, start + LONGEST_PERIOD)
    rows = list_handovers(current_services(), line, (start, end), now)
    return OperationAnswer(
        {"items": [each for each in rows if query.schedule in (None, each["schedule"])]}
    )


def _build_engineer(line: Line, engineer: Engineer) -> dict[str, Any]:
    entries = EngineerPhones.of(current_services(), line).entries()
    written = write_engineer(engineer)
    return {
        "line": line.id,
        "id": engineer.id,
        "name": engineer.name,
        "email": engineer.email,
        "languages": list(engineer.languages),
        "contact": written.get("contact", []),
        "quiet": written.get("quiet", []),
        "phones": [_build_phone(each) for each in entries if each.engineer == engineer.id],
    }


def _build_phone(entry: PhoneEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "source": {True: "added", False: "file"}[entry.added],
        "rung": entry.rung,
        "verified_at": format_moment(entry.verified_at),
        "last_tried": format_moment(entry.last_tried),
    }


def _build_schedule(line: Line, schedule: Schedule) -> dict[str, Any]:
    stored = find_stored_line(current_services().engine, line.id)
    if stored is not None:
        schedule = stored.line.schedule(schedule.id) or schedule
    written = {"line": line.id, "shifts": [], "overrides": [], "instead": []}
    return written | write_schedule(schedule) | {"changes": _list_overrides(line, schedule.id)}


def _find_schedule(line: Line, wanted: str) -> Schedule:
    found = line.schedule(wanted)
    if found is None:
        raise not_found(f"There is no schedule with this id on line {line.id}.")
    return found


def _list_overrides(line: Line, wanted: str | None) -> list[dict[str, Any]]:
    """What is not over, by time."""
    if wanted is not None:
        _find_schedule(line, wanted)
    now, kept = current_call_service().clock(), find_overrides(current_services().engine, line.id)
    found = [
        _build_override(name, each)
        for name, all_of_it in kept.items()
        for each in all_of_it
        if wanted in (None, name) and each.override.end > now
    ]
    return sorted(found, key=lambda one: (one["start"], one["uid"]))


def _build_override(schedule: str, kept: StoredOverride) -> dict[str, Any]:
    return {
        "uid": kept.uid,
        "schedule": schedule,
        "origin": kept.origin,
        "start": kept.override.start.isoformat(),
        "end": kept.override.end.isoformat(),
        "give": kept.override.remove,
        "take": kept.override.add,
        "created_at": kept.created_at.isoformat(),
    }


def _build_entry(action: str, now: dt.datetime) -> AuditEntry:
    return AuditEntry(now, current_token().name, "api", action)


def _change_shift(body: SpanBody, give: str | None, take: str | None) -> OperationAnswer:
    line, now = find_line(body.line), current_call_service().clock()
    schedule = _find_schedule(line, body.schedule)
    wanted = ShiftRequest(
        _find_engineer(line, give), _find_engineer(line, take), (body.from_, body.to)
    )
    changes = wanted.changes(now, make_id("shift")[:16])
    exchange = ShiftExchange(current_services(), line, schedule, now)
    done = exchange.apply(changes, _build_entry(f"oncall.{changes[0].origin}", now))
    remarks = (*done.remarks, *exchange.notices.delivery_warnings())
    spans = [[start.isoformat(), end.isoformat()] for start, end in done.given]
    answer = {
        "uid": done.uid,
        "schedule": schedule.id,
        "give": give,
        "take": take,
        "spans": spans,
        "warnings": [each.render("en", schedule.timezone) for each in remarks],
    }
    return OperationAnswer(answer, f"/{changes[0].origin}s?schedule={schedule.id}")


def _find_engineer(line: Line, wanted: str | None) -> Engineer | None:
    if wanted is None:
        return None
    found = line.engineer(wanted)
    if found is None:
        raise conflict(f"Nobody on line {line.id} has one of these ids.", "nobody")
    return found


def _undo(line: Line, uid: str, origin: str) -> OperationAnswer:
    services, now = current_services(), current_call_service().clock()
    names = [
        name
        for name, kept in find_overrides(services.engine, line.id).items()
        if any((each.uid, each.origin) == (uid, origin) for each in kept)
    ]
    if not names:
        raise not_found("There is no change with this uid.")
    schedule = _find_schedule(line, names[0])
    exchange = ShiftExchange(services, line, schedule, now)
    done = exchange.undo(uid, _build_entry("oncall.undo", now))
    back = [StoredOverride(each, origin, uid, now) for each in done.back]
    remarks = (*done.remarks, *exchange.notices.delivery_warnings())
    answer = {
        "uid": uid,
        "schedule": schedule.id,
        "back": [_build_override(schedule.id, each) for each in back],
        "warnings": [each.render("en", schedule.timezone) for each in remarks],
    }
    return OperationAnswer(answer)

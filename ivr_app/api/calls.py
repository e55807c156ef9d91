"""Calls: the log, one call, and its timeline."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from ivr_app.api import (
    ApiSection,
    CallList,
    CallRow,
    DigitString,
    EmptyBody,
    Id,
    Level,
    Limit,
    OperationAnswer,
    Order,
    RequestBody,
    RequestMoment,
    TimelineBody,
    find_line,
    not_found,
)
from ivr_app.context import current_call_service, current_services
from routing.call import CallOutcome
from store.log.reports import CallLogFilter, Place, Reports, list_calls
from store.log.rows import build_call_row

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)

Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}-[0-9a-zA-Z_-]{1,64}$")]

section = ApiSection("calls")


class CallQuery(RequestBody):
    """Filters and the place of a page."""

    line: Id | None = None
    contract: DigitString | None = None
    since: RequestMoment | None = Field(None, description="Started at this time or later.")
    until: RequestMoment | None = Field(None, description="Started before this time.")
    outcome: CallOutcome | None = Field(
        None, description="With this or the next two: ended calls of one line, by default main."
    )
    level: Level | None = None
    engineer: Id | None = Field(None, description="Who took the call: an id, or last_resort.")
    order: Order = Field("newest", description="Which calls come first.")
    after: Cursor | None = Field(None, description="The `next` of the previous page.")
    limit: Limit = 50


@section.get("/calls", CallList, CallQuery)
def calls(query: CallQuery) -> OperationAnswer:
    """List calls: all, or those of a line, a contract, a time, an outcome, a level or an
    engineer."""
    line = query.line
    if (query.outcome, query.level, query.engineer) != (None, None, None):
        line = find_line(query.line).id
    wanted = CallLogFilter(
        line=line,
        contract=query.contract,
        since=query.since,
        until=query.until,
        after=_parse_cursor(query.after),
        oldest_first=query.order == "oldest",
        limit=query.limit,
        outcome=query.outcome,
        level=query.level,
        engineer=query.engineer,
    )
    rows, following = list_calls(current_services().engine, wanted)
    return OperationAnswer({"items": rows, "next": _format_cursor(following)})


@section.get("/calls/<sid>", CallRow)
def call(_: EmptyBody, sid: str) -> OperationAnswer:
    """Show one call, by the id of the carrier."""
    case = current_call_service().calls.find_by_sid(sid)
    if case is None or case.call is None:
        raise not_found("There is no such call.")
    number = None
    if case.incident is not None:
        number = case.incident.number
    return OperationAnswer(build_call_row(case.call, number))


@section.get("/calls/<sid>/timeline", TimelineBody)
def timeline(_: EmptyBody, sid: str) -> OperationAnswer:
    """Show what happened in a call, with the reason for each decision."""
    steps = None
    if not sid.isdigit():
        steps = Reports(current_services().engine).show(sid)
    if steps is None:
        raise not_found("There is no such call.")
    return OperationAnswer({"items": steps})


def _format_cursor(place: Place | None) -> str | None:
    if place is None:
        return None
    return f"{(place[0] - EPOCH) // MICROSECOND}-{place[1]}"


def _parse_cursor(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    micros, _, call_id = cursor.partition("-")
    return EPOCH + int(micros) * MICROSECOND, call_id

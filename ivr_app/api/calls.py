"""Calls: the log, one of them, and what happened in it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ivr_app.api.openapi import ApiSection, EmptyBody, OperationAnswer, RequestBody
from ivr_app.api.problems import not_found
from ivr_app.api.schemas import (
    CallList,
    CallRow,
    DigitString,
    Id,
    Limit,
    RequestMoment,
    TimelineBody,
)
from ivr_app.context import current_call_service, current_services
from store.log.pages import CallLogFilter, Place, Reports, list_calls
from store.log.rows import call_row

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)

Order = Literal["newest", "oldest"]
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}-[0-9a-zA-Z_-]{1,64}$")]

section = ApiSection("calls")


class CallQuery(RequestBody):
    """Which calls, in which order, and after which place."""

    line: Id | None = None
    contract: DigitString | None = None
    since: RequestMoment | None = Field(None, description="Began then or later.")
    until: RequestMoment | None = Field(None, description="Began before that.")
    order: Order = Field("newest", description="What comes first.")
    after: Cursor | None = Field(None, description="The `next` of the answer before.")
    limit: Limit = 50


@section.get("/calls", CallList, CallQuery)
def calls(asked: CallQuery) -> OperationAnswer:
    """Calls of a line, a contract, or all."""
    wanted = CallLogFilter(
        line=asked.line,
        contract=asked.contract,
        since=asked.since,
        until=asked.until,
        after=_parse_cursor(asked.after) if asked.after else None,
        oldest_first=asked.order == "oldest",
        limit=asked.limit,
    )
    rows, following = list_calls(current_services().engine, wanted)
    return OperationAnswer(
        {"items": rows, "next": _format_cursor(following) if following else None}
    )


@section.get("/calls/<sid>", CallRow)
def call(_: EmptyBody, sid: str) -> OperationAnswer:
    """One call, by the carrier's id."""
    matter = current_call_service().calls.find_by_sid(sid)
    if matter is None or matter.call is None:
        raise not_found("There is no such call.")
    return OperationAnswer(
        call_row(matter.call, matter.incident.number if matter.incident else None)
    )


@section.get("/calls/<sid>/timeline", TimelineBody)
def timeline(_: EmptyBody, sid: str) -> OperationAnswer:
    """What happened in a call, and why the line did what it did."""
    found = Reports(current_services().engine).show(sid) if not sid.isdigit() else None
    if found is None:
        raise not_found("There is no such call.")
    return OperationAnswer({"items": found})


def _format_cursor(place: Place) -> str:
    return f"{(place[0] - EPOCH) // MICROSECOND}-{place[1]}"


def _parse_cursor(cursor: str) -> Place:
    micros, _, call_id = cursor.partition("-")
    return EPOCH + int(micros) * MICROSECOND, call_id

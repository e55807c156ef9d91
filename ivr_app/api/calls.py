"""Calls: the log, one of them, and what happened in it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ivr_app.api.openapi import ApiSection, EmptyBody, OperationAnswer, RequestBody
from ivr_app.api.problems import missing
from ivr_app.api.schemas import AskingMoment, CallList, CallRow, Id, Keyed, Limit, TimelineBody
from ivr_app.context import board, desk
from store.log.pages import CallLogFilter, Place, Reports, list_calls
from store.log.rows import call_row

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)

Order = Literal["newest", "oldest"]
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}-[0-9a-zA-Z_-]{1,64}$")]

room = ApiSection("calls")


class CallQuery(RequestBody):
    """Which calls, in which order, and after which place."""

    line: Id | None = None
    contract: Keyed | None = None
    since: AskingMoment | None = Field(None, description="Began then or later.")
    until: AskingMoment | None = Field(None, description="Began before that.")
    order: Order = Field("newest", description="What comes first.")
    after: Cursor | None = Field(None, description="The `next` of the answer before.")
    limit: Limit = 50


@room.get("/calls", CallList, CallQuery)
def calls(asked: CallQuery) -> OperationAnswer:
    """Calls of a line, a contract, or all."""
    wanted = CallLogFilter(
        line=asked.line,
        contract=asked.contract,
        since=asked.since,
        until=asked.until,
        after=_place(asked.after) if asked.after else None,
        oldest_first=asked.order == "oldest",
        limit=asked.limit,
    )
    rows, following = list_calls(board().engine, wanted)
    return OperationAnswer({"items": rows, "next": _cursor(following) if following else None})


@room.get("/calls/<sid>", CallRow)
def call(_: EmptyBody, sid: str) -> OperationAnswer:
    """One call, by the carrier's id."""
    matter = desk().book.matter_of_sid(sid)
    if matter is None or matter.call is None:
        raise missing("There is no such call.")
    return OperationAnswer(
        call_row(matter.call, matter.incident.number if matter.incident else None)
    )


@room.get("/calls/<sid>/timeline", TimelineBody)
def timeline(_: EmptyBody, sid: str) -> OperationAnswer:
    """What happened in a call, and why the line did what it did."""
    found = Reports(board().engine).show(sid) if not sid.isdigit() else None
    if found is None:
        raise missing("There is no such call.")
    return OperationAnswer({"items": found})


def _cursor(place: Place) -> str:
    return f"{(place[0] - EPOCH) // MICROSECOND}-{place[1]}"


def _place(cursor: str) -> Place:
    micros, _, call_id = cursor.partition("-")
    return EPOCH + int(micros) * MICROSECOND, call_id

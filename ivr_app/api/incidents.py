"""Incidents: the log, one of them, and what happened to it."""

from __future__ import annotations

from pydantic import Field

from ivr_app.api.asking import Id, Keyed, Limit
from ivr_app.api.calls import Order
from ivr_app.api.log_shapes import IncidentRow, Incidents, Timeline
from ivr_app.api.operation import Answer, Asked, Nothing, Room
from ivr_app.api.problems import missing
from ivr_app.switch import board
from routing.incident import State
from store.listing import WantedIncidents, list_incidents
from store.matter import LARGEST
from store.reports import Reports
from store.rows import Row

room = Room("incidents")


class Which(Asked):
    """Which incidents, in which order, and after which number."""

    line: Id | None = None
    contract: Keyed | None = None
    state: State | None = None
    order: Order = Field("newest", description="What comes first.")
    after: int | None = Field(None, ge=0, le=LARGEST, description="The `next` of the one before.")
    limit: Limit = 50


@room.get("/incidents", Incidents, Which)
def incidents(asked: Which) -> Answer:
    """Incidents of a line, of a contract, in a state, or all."""
    wanted = WantedIncidents(
        line=asked.line,
        contract=asked.contract,
        state=asked.state,
        after=asked.after,
        oldest_first=asked.order == "oldest",
        limit=asked.limit,
    )
    rows, following = list_incidents(board().engine, wanted)
    return Answer({"items": rows, "next": following})


@room.get("/incidents/<int:number>", IncidentRow)
def incident(_: Nothing, number: int) -> Answer:
    """One incident, by the number that people say."""
    return Answer(row_of(number))


@room.get("/incidents/<int:number>/timeline", Timeline)
def timeline(_: Nothing, number: int) -> Answer:
    """What happened to an incident, notes included, and why the line did what it did."""
    row_of(number)
    return Answer({"items": Reports(board().engine).show(str(number)) or []})


def row_of(number: int) -> Row:
    """The incident of this number as it stands; raises Refused."""
    found = Reports(board().engine).incident(number) if number <= LARGEST else []
    if not found:
        raise missing("There is no incident of this number.")
    return found[0]

"""What is answered of calls and incidents, named as the command line's ``--json`` names it."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from routing.clock import Ticking
from routing.incident import Kind, Result, Source, State
from routing.line import Channel
from routing.memo import How
from routing.request import Databases, Progress, Verdict

Moment = dt.datetime
"""Always with an offset."""


class Answered(BaseModel):
    """Something that is answered: every field is always there."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class CallRow(Answered):
    """One call."""

    sid: str
    line: str
    from_: str | None = Field(alias="from", description="E.164, or what the carrier showed.")
    contract: str | None
    contact: str | None
    verified: bool = Field(description="True once the PIN was right.")
    language: str
    urgency: int | None = Field(ge=1, le=4)
    outcome: str | None = Field(description="None while the call lives.")
    answered_by: str | None = Field(description="An engineer's id, or last_resort.")
    incident: int | None
    started_at: Moment
    answered_at: Moment | None
    ended_at: Moment | None
    waited_s: float | None


class Calls(Answered):
    """Some calls, and where the next ones begin."""

    items: list[CallRow]
    next: str | None = Field(description="Give it as `after` for what follows; none at the end.")


class Attempt(Answered):
    """One attempt to reach one person."""

    at: Moment
    engineer: str
    channel: Channel
    to: str
    result: Result | None


class RequestRow(Answered):
    """What a signature request says, and how far it has come."""

    verdict: Verdict
    databases: Databases
    progress: Progress
    confirmed_at: Moment | None
    confirmed_by: str | None
    released_at: Moment | None
    released_by: str | None


class IncidentRow(Answered):
    """One incident."""

    id: int
    line: str
    source: Source
    contract: str | None
    contact: str | None
    kind: Kind
    urgency: int = Field(ge=1, le=4)
    premium: bool
    over_quota: bool
    verified: bool
    state: State
    acknowledged_by: str | None
    opened_at: Moment
    acknowledged_at: Moment | None
    respond_by: Moment | None
    clock: Ticking
    respond_by_unpaused: Moment | None
    left_s: float | None
    breached_at: Moment | None
    waiting_since: Moment | None
    waiting_for: str | None
    waiting_by: str | None
    responded_at: Moment | None
    responded_by: str | None
    closed_at: Moment | None
    closed_by: str | None
    request: RequestRow | None
    calls: list[str] = Field(description="The sids of its calls.")
    pages: list[Attempt]


class Incidents(Answered):
    """Some incidents, and where the next ones begin."""

    items: list[IncidentRow]
    next: int | None = Field(description="Give it as `after` for what follows; none at the end.")


class Step(Answered):
    """One line of a timeline: what happened, and why the line did what it did."""

    at: Moment
    event: str
    reason: str | None
    engineer: str | None
    channel: Channel | How | None
    to: str | None
    result: str | None


class Timeline(Answered):
    """Everything that happened, oldest first."""

    items: list[Step]

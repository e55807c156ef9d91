"""What is answered of calls and incidents, named as the command line's ``--json`` names it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    create_model,
)

from ivr_app.api.openapi import RequestBody
from ivr_app.api.problems import not_found
from ivr_app.context import current_services
from routing.call import DatabaseAge, RecognitionFault, RequestProgress
from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    Contact,
    Contract,
    ContractField,
    Plan,
    ValueKind,
    list_defaults,
)
from routing.incident import ClockState, IncidentKind, IncidentSource, IncidentState
from routing.line import Channel, Line
from routing.message import Via
from routing.page import PageResult

Moment = dt.datetime
"""Always with an offset."""


class ResponseBody(BaseModel):
    """Something that is answered: every field is always there."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class CallRow(ResponseBody):
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


class CallList(ResponseBody):
    """Some calls, and where the next ones begin."""

    items: list[CallRow]
    next: str | None = Field(description="Give it as `after` for what follows; none at the end.")


class Attempt(ResponseBody):
    """One attempt to reach one person."""

    at: Moment
    engineer: str
    channel: Channel
    to: str
    result: PageResult | None


class RequestRow(ResponseBody):
    """What a signature request says, and how far it has come."""

    verdict: RecognitionFault
    databases: DatabaseAge
    progress: RequestProgress
    confirmed_at: Moment | None
    confirmed_by: str | None
    released_at: Moment | None
    released_by: str | None


class IncidentRow(ResponseBody):
    """One incident."""

    id: int
    line: str
    source: IncidentSource
    contract: str | None
    contact: str | None
    kind: IncidentKind
    urgency: int = Field(ge=1, le=4)
    premium: bool
    over_quota: bool
    verified: bool
    state: IncidentState
    acknowledged_by: str | None
    opened_at: Moment
    acknowledged_at: Moment | None
    respond_by: Moment | None
    clock: ClockState
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


class IncidentList(ResponseBody):
    """Some incidents, and where the next ones begin."""

    items: list[IncidentRow]
    next: int | None = Field(description="Give it as `after` for what follows; none at the end.")


class TimelineStepBody(ResponseBody):
    """One line of a timeline: what happened, and why the line did what it did."""

    at: Moment
    event: str
    reason: str | None
    engineer: str | None
    channel: Channel | Via | None
    to: str | None
    result: str | None


class TimelineBody(ResponseBody):
    """Everything that happened, oldest first."""

    items: list[TimelineStepBody]


# What is answered of lines, of who is on call, and of contracts.


class OnCallRow(ResponseBody):
    """Who is on call on one schedule at one moment; ids sorted."""

    schedule: str
    at: Moment
    on_call: list[str]


class OnCall(ResponseBody):
    """Who is on call at one moment."""

    items: list[OnCallRow]


class SegmentBody(ResponseBody):
    """A stretch of time in which the same people are on call; a gap has none."""

    schedule: str
    start: Moment
    end: Moment
    on_call: list[str]


class SegmentList(ResponseBody):
    """Who is on call from one moment to another."""

    items: list[SegmentBody]
    next: Moment | None = Field(description="Give it as `from` for what follows; none at the end.")


class OpenCounts(ResponseBody):
    """How much is open."""

    open: int = Field(description="Incidents that nobody has.")
    acknowledged: int
    level_1: int = Field(description="Of both.")
    breached: int = Field(description="Of both: the promised time is over.")


class LineState(ResponseBody):
    """One line at this moment."""

    id: str
    name: str
    number: str
    timezone: str
    office_open: bool
    on_call: list[OnCallRow]
    incidents: OpenCounts
    callers: int = Field(description="Who are on the telephone now.")


class LineStates(ResponseBody):
    """Every line at this moment."""

    items: list[LineState]


# Contracts: the fields of ``routing.contract``, as they are answered.


_ANSWERED: dict[ValueKind, Any] = {
    ValueKind.DIGITS: str,
    ValueKind.NAME: str,
    ValueKind.PLAN: Plan,
    ValueKind.DATE: dt.date,
    ValueKind.COUNT: int,
    ValueKind.PHONES: list[str],
    ValueKind.LANGUAGE: str,
    ValueKind.EMAIL: str,
    ValueKind.YES_NO: bool,
}


def build_answer(
    name: str, fields: Iterable[ContractField], of: type[Contract | Contact]
) -> type[BaseModel]:
    """A model with these fields, those that are secret left out."""
    defaults = list_defaults(of)
    answered: dict[str, Any] = {}
    for each in fields:
        if each.secret:
            continue
        kind = _ANSWERED[each.kind]
        if defaults.get(each.name, "") is None:
            kind = kind | None
        answered[each.key] = (kind, Field(description=each.about))
    return create_model(name, __base__=ResponseBody, **answered)


class ContactBody(build_answer("ContactFields", CONTACT_FIELDS, Contact)):  # type: ignore[misc]
    """A person who may call on a contract; never the PIN."""


class ContractBody(build_answer("ContractFields", CONTRACT_FIELDS, Contract)):  # type: ignore[misc]
    """One contract."""

    line: str
    contacts: list[ContactBody]


class ContractList(ResponseBody):
    """Some contracts by number, and where the next ones begin."""

    items: list[ContractBody]
    next: str | None = Field(description="Give it as `after` for what follows; none at the end.")


# What several operations are asked: a line, a moment, how many at once, and written words.


EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2900, 1, 1, tzinfo=dt.UTC)


def _check_moment(at: dt.datetime) -> dt.datetime:
    """Beyond what any zone can count with there is nothing: the edge says the same."""
    bare = at.replace(tzinfo=dt.UTC)
    if not EARLIEST.year < bare.year < LATEST.year:
        return EARLIEST if bare < LATEST else LATEST
    return at.astimezone(dt.UTC)


def reject_boolean(level: object) -> object:
    """JSON knows no whole numbers: 4.0 is one."""
    return int(level) if isinstance(level, float) and level.is_integer() else level


RequestMoment = Annotated[AwareDatetime, AfterValidator(_check_moment)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
DigitString = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[0-9]{4,15}$")]
Words = Annotated[str, StringConstraints(pattern=r"^[^\u0000]+$", max_length=2000)]
Reason = Annotated[str, StringConstraints(pattern=r"^[^\u0000]*$", max_length=500)]
Level = Annotated[int, Field(ge=1, le=4), BeforeValidator(reject_boolean)]
Limit = Annotated[int, Field(ge=1, le=200)]


class LineQuery(RequestBody):
    """About one line."""

    line: Id | None = Field(None, description="Default: the only line, or main.")


def find_line(wanted: str | None) -> Line:
    """The line that was asked for; raises Refused."""
    lines = {line.id: line for line in current_services().lines.all_lines()}
    name = wanted or (next(iter(lines)) if len(lines) == 1 else "main")
    if name not in lines:
        raise not_found(f"There is no line {name}; there are: {', '.join(lines) or 'none'}.")
    return lines[name]

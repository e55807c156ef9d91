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
from routing.incidents import columns
from routing.incidents.columns import LogColumn
from routing.line import Line

Moment = dt.datetime
"""Always with an offset."""


class ResponseBody(BaseModel):
    """Something that is answered: every field is always there."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


_SHAPES: dict[str, Any] = {}
"""The models of columns that have fields of their own."""


def build_row_model(name: str, listed: Iterable[LogColumn]) -> type[BaseModel]:
    """A model with these columns of the log."""
    answered: dict[str, Any] = {
        each.name: (_SHAPES.get(each.name, each.kind), Field(description=each.about))
        for each in columns.list_json(listed)
    }
    return create_model(name, __base__=ResponseBody, **answered)


class CallRow(build_row_model("CallColumns", columns.CALL_COLUMNS)):  # type: ignore[misc]
    """One call."""


class CallList(ResponseBody):
    """Some calls, and where the next ones begin."""

    items: list[CallRow]
    next: str | None = Field(description="Give it as `after` for what follows; none at the end.")


class Attempt(build_row_model("PageColumns", columns.PAGE_COLUMNS)):  # type: ignore[misc]
    """One attempt to reach one person."""


class RequestRow(build_row_model("RequestColumns", columns.REQUEST_COLUMNS)):  # type: ignore[misc]
    """What a signature request reports, and how far it is."""


_SHAPES |= {"request": RequestRow | None, "pages": list[Attempt]}


class IncidentRow(build_row_model("IncidentColumns", columns.INCIDENT_COLUMNS)):  # type: ignore[misc]
    """One incident."""


class IncidentList(ResponseBody):
    """Some incidents, and where the next ones begin."""

    items: list[IncidentRow]
    next: int | None = Field(description="Give it as `after` for what follows; none at the end.")


class TimelineStepBody(build_row_model("StepColumns", columns.STEP_COLUMNS)):  # type: ignore[misc]
    """One step of a timeline: what happened, and why the line did what it did."""


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

"""The fields that requests share, and the models of the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any, Literal

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
from routing.incidents import columns
from routing.incidents.columns import LogColumn
from routing.line import Line

EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2900, 1, 1, tzinfo=dt.UTC)


def _limit_moment(at: dt.datetime) -> dt.datetime:
    """The nearest moment that every time zone can calculate with."""
    bare = at.replace(tzinfo=dt.UTC)
    if bare.year <= EARLIEST.year:
        return EARLIEST
    if bare.year >= LATEST.year:
        return LATEST
    return at.astimezone(dt.UTC)


def read_whole_number(value: object) -> object:
    """JSON has no whole numbers: 4.0 is accepted as 4."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


RequestMoment = Annotated[AwareDatetime, AfterValidator(_limit_moment)]
Order = Literal["newest", "oldest"]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
DigitString = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[0-9]{4,15}$")]
Words = Annotated[str, StringConstraints(pattern=r"^[^\u0000]+$", max_length=2000)]
Reason = Annotated[str, StringConstraints(pattern=r"^[^\u0000]*$", max_length=500)]
ShortText = Annotated[str, StringConstraints(pattern=r"^[^\u0000-\u001f]*$", max_length=200)]
FileId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
FileIds = Annotated[tuple[FileId, ...], Field(max_length=20)]
Level = Annotated[int, Field(ge=1, le=4), BeforeValidator(read_whole_number)]
Limit = Annotated[int, Field(ge=1, le=200)]


class LineQuery(RequestBody):
    """A request about one line."""

    line: Id | None = Field(None, description="Default: the only line, or main.")


def find_line(wanted: str | None) -> Line:
    """The line with this id, or the default. Raises ProblemError."""
    lines = {line.id: line for line in current_services().lines.list_lines()}
    name = wanted or "main"
    if wanted is None and len(lines) == 1:
        (name,) = lines
    if name not in lines:
        raise not_found(f"There is no line {name}. Known lines: {', '.join(lines) or 'none'}.")
    return lines[name]


class ResponseBody(BaseModel):
    """The model of a response: every field is always present."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


# The log: its models have the columns that ``--json`` and the console have.


_MODELS: dict[str, Any] = {}
"""The models of columns that have fields of their own."""


def build_row_model(name: str, listed: Iterable[LogColumn]) -> type[BaseModel]:
    """A model with these columns."""
    fields: dict[str, Any] = {
        each.name: (_MODELS.get(each.name, each.kind), Field(description=each.about))
        for each in columns.list_json(listed)
    }
    return create_model(name, __base__=ResponseBody, **fields)


class CallRow(build_row_model("CallColumns", columns.CALL_COLUMNS)):  # type: ignore[misc]
    """One call."""


class CallList(ResponseBody):
    """A page of calls."""

    items: list[CallRow]
    next: str | None = Field(description="Pass it as `after` for the next page; null at the end.")


class Attempt(build_row_model("PageColumns", columns.PAGE_COLUMNS)):  # type: ignore[misc]
    """One attempt to reach one person."""


class RequestRow(build_row_model("RequestColumns", columns.REQUEST_COLUMNS)):  # type: ignore[misc]
    """The report of a signature request, and its progress."""


_MODELS |= {"request": RequestRow | None, "pages": list[Attempt]}


class IncidentRow(build_row_model("IncidentColumns", columns.INCIDENT_COLUMNS)):  # type: ignore[misc]
    """One incident."""


class IncidentList(ResponseBody):
    """A page of incidents."""

    items: list[IncidentRow]
    next: int | None = Field(description="Pass it as `after` for the next page; null at the end.")


class WebhookIncident(
    build_row_model("WebhookColumns", [c for c in columns.INCIDENT_COLUMNS if c.webhook])  # type: ignore[misc]
):
    """The incident at that moment, without contact, phone numbers and free text."""


class WebhookMessage(
    build_row_model("WebhookMessageColumns", [c for c in columns.MESSAGE_COLUMNS if c.webhook])  # type: ignore[misc]
):
    """The message; its words and its writer only with `content: true`."""

    model_config = ConfigDict(extra="allow")


class WebhookBody(ResponseBody):
    """An event of an incident."""

    type: str = Field(description="`incident.` and the event.")
    timestamp: dt.datetime
    data: WebhookIncident


class WebhookMessageBody(WebhookBody):
    """A message about an incident."""

    message: WebhookMessage


class TimelineStepBody(build_row_model("StepColumns", columns.STEP_COLUMNS)):  # type: ignore[misc]
    """One step of a timeline: what happened, and why the line did what it did."""


class TimelineBody(ResponseBody):
    """A timeline, oldest step first."""

    items: list[TimelineStepBody]

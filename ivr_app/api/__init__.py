"""The API for programs, at ``/api/v1``: what its operations use."""

from __future__ import annotations

from ivr_app.api.auth import current_token, make_id
from ivr_app.api.openapi import (
    ApiSection,
    EmptyBody,
    OperationAnswer,
    RequestBody,
    require_match,
)
from ivr_app.api.problems import ProblemError, conflict, not_found
from ivr_app.api.schemas import (
    CallList,
    CallRow,
    DigitString,
    FileIds,
    Id,
    IncidentList,
    IncidentRow,
    Level,
    Limit,
    LineQuery,
    Order,
    Phone,
    Reason,
    RequestMoment,
    ResponseBody,
    ShortText,
    TimelineBody,
    Words,
    find_line,
    read_whole_number,
)

__all__ = [
    "ApiSection",
    "CallList",
    "CallRow",
    "DigitString",
    "EmptyBody",
    "FileIds",
    "Id",
    "IncidentList",
    "IncidentRow",
    "Level",
    "Limit",
    "LineQuery",
    "OperationAnswer",
    "Order",
    "Phone",
    "ProblemError",
    "Reason",
    "RequestBody",
    "RequestMoment",
    "ResponseBody",
    "ShortText",
    "TimelineBody",
    "Words",
    "conflict",
    "current_token",
    "find_line",
    "make_id",
    "not_found",
    "read_whole_number",
    "require_match",
]

"""Answers every error with a problem document (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import structlog
from flask import Flask, Response, request
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from service.refusals import (
    LANGUAGES,
    ActionRefusedError,
    ChangeRefusedError,
    IncidentNotFoundError,
    LodgingRefusedError,
    ShiftRefusedError,
    UnknownPersonError,
)
from service.telemetry import report_error

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger("api")


ANCHORS = {
    HTTPStatus.BAD_REQUEST: "bad-request",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "media-type",
    HTTPStatus.UNPROCESSABLE_ENTITY: "invalid",
    HTTPStatus.TOO_MANY_REQUESTS: "too-many-requests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal-error",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}
"""The explanation of a problem without a code; the phrases of Python differ between versions."""


class FieldProblem(BaseModel):
    """The mistake in one field."""

    where: str = Field(description="The field, such as `words` or `since`.")
    why: str
    line: int | None = Field(default=None, description="The line of a file, from 1.")


DOCUMENTATION = "https://priority-line.example.org/docs/"
"""The address of the documentation: `site_url` of mkdocs.yml."""


EXPLAINED = f"{DOCUMENTATION}integrate/problems/#"


class Problem(BaseModel):
    """The reason why a request was refused, or failed."""

    type: str = Field(description="The address of its explanation.")
    title: str
    status: int
    detail: str
    code: str | None = Field(None, description="The reason as a word for programs.")
    errors: list[FieldProblem] = Field(default_factory=list, description="The mistakes by field.")


class ProblemError(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        code: str | None = None,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.headers = status, dict(headers or {})
        anchor = code or ANCHORS.get(status, "other")
        self.problem = Problem(
            type=f"{EXPLAINED}{anchor}",
            title=status.phrase,
            status=status,
            detail=detail,
            code=code,
            errors=list(errors),
        )


def not_found(detail: str) -> ProblemError:
    """A 404."""
    return ProblemError(HTTPStatus.NOT_FOUND, detail)


def conflict(detail: str, code: str) -> ProblemError:
    """A 409: the request is valid, but not in the current state."""
    return ProblemError(HTTPStatus.CONFLICT, detail, code)


def invalid_request(error: ValidationError, status: HTTPStatus) -> ProblemError:
    """The mistakes of a request by field, without the values that were sent."""
    found = [
        FieldProblem(where=".".join(map(str, one["loc"])), why=one["msg"])
        for one in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return ProblemError(status, "The request is invalid; see `errors`.", errors=found)


def register(app: Flask) -> None:
    """Register the handlers that turn each error into a problem document."""
    app.register_error_handler(ProblemError, render_problem)
    app.register_error_handler(HTTPException, _render_http_error)
    app.register_error_handler(IncidentNotFoundError, _render_no_incident)
    app.register_error_handler(UnknownPersonError, _render_unknown_person)
    app.register_error_handler(ActionRefusedError, _render_refusal)
    app.register_error_handler(LodgingRefusedError, _render_change_refusal)
    app.register_error_handler(ShiftRefusedError, _render_change_refusal)
    app.register_error_handler(Exception, _render_unexpected)


def render_problem(error: ProblemError) -> Response:
    """Return the problem as a response."""
    body = json.dumps(error.problem.model_dump(exclude_none=True))
    answer = Response(body, error.status, error.headers, mimetype=MEDIA_TYPE)
    answer.headers["Content-Language"] = request_language()
    return answer


def _render_http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return render_problem(
        ProblemError(status, error.description or status.description, headers=kept)
    )


def _render_no_incident(error: IncidentNotFoundError) -> Response:
    return render_problem(not_found("There is no incident with this number."))


def _render_unknown_person(error: UnknownPersonError) -> Response:
    known = ", ".join(error.known)
    why = f"Nobody on line {error.line.id} has this id. Known ids: {known}."
    return render_problem(conflict(why, "nobody"))


def _render_refusal(error: ActionRefusedError) -> Response:
    return _render_family("action-refused", error.render(request_language()), error.key)


def _render_change_refusal(error: ChangeRefusedError) -> Response:
    family = "report-refused"
    if isinstance(error, ShiftRefusedError):
        family = "shift-refused"
    return _render_family(family, error.reason.render(request_language(), "UTC"), error.reason.key)


def _render_family(anchor: str, detail: str, code: str) -> Response:
    """A refusal with one of the many codes that share an explanation."""
    refused = conflict(detail, code)
    refused.problem.type = f"{EXPLAINED}{anchor}"
    return render_problem(refused)


def _render_unexpected(error: Exception) -> Response:
    """Log an unexpected error by its type only, since its text may contain personal data."""
    _log.error("request failed", endpoint=request.endpoint, error=type(error).__name__)
    report_error(error, str(request.endpoint))
    if isinstance(error, SQLAlchemyError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return render_problem(
            ProblemError(status, "The database is unavailable.", headers={"Retry-After": "5"})
        )
    why = "Internal server error. The log of the line has the cause."
    return render_problem(ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, why))


DEFAULT_LANGUAGE = "en"


def request_language() -> str:
    """The language of ``Accept-Language`` that the line has sentences in; else English."""
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE

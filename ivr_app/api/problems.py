"""Every error is a problem document (RFC 9457), in words that say what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import structlog
from flask import Flask, Response, request
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from carrier.prompts import SPOKEN
from service.refusals import ActionRefusedError, IncidentNotFoundError, UnknownPersonError

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger("api")


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    where: str = Field(description="Such as `words` or `since`.")
    why: str


class Problem(BaseModel):
    """Why a request was not done."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str | None = Field(None, description="A word for programs, where there are several.")
    errors: list[FieldProblem] = Field(
        default_factory=list, description="What is wrong, field by field."
    )


class ProblemError(Exception):  # an answer, not a fault
    """Ends a request with a problem."""

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
        self.problem = Problem(
            title=status.phrase,
            status=status,
            detail=detail,
            code=code,
            errors=list(errors),
        )


def not_found(detail: str) -> ProblemError:
    """Not found."""
    return ProblemError(HTTPStatus.NOT_FOUND, detail)


def invalid_request(error: ValidationError, status: HTTPStatus) -> ProblemError:
    """What was asked does not fit; what was sent is not repeated."""
    found = [
        FieldProblem(where=".".join(map(str, one["loc"])), why=one["msg"])
        for one in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return ProblemError(status, "What was sent does not fit: see errors.", errors=found)


def register(app: Flask) -> None:
    """Register the handlers that turn each error into a problem document."""
    app.register_error_handler(ProblemError, render_problem)
    app.register_error_handler(HTTPException, _render_http_error)
    app.register_error_handler(IncidentNotFoundError, _render_no_incident)
    app.register_error_handler(UnknownPersonError, _render_nobody)
    app.register_error_handler(ActionRefusedError, _render_not_now)
    app.register_error_handler(Exception, _render_unexpected)


def render_problem(refused: ProblemError) -> Response:
    """Return the problem as a response."""
    body = json.dumps(refused.problem.model_dump(exclude_none=True))
    answer = Response(body, refused.status, refused.headers, mimetype=MEDIA_TYPE)
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


def _render_nobody(error: UnknownPersonError) -> Response:
    known = ", ".join(error.known)
    why = f"Nobody of line {error.line.id} has this id; there are: {known}."
    return render_problem(ProblemError(HTTPStatus.CONFLICT, why, "nobody"))


def _render_not_now(error: ActionRefusedError) -> Response:
    why = error.sentence(request_language())
    return render_problem(ProblemError(HTTPStatus.CONFLICT, why, error.words))


def _render_unexpected(error: Exception) -> Response:
    """Log an unexpected error by its type only, since its text may contain personal data."""
    _log.error("request failed", endpoint=request.endpoint, error=type(error).__name__)
    if isinstance(error, SQLAlchemyError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return render_problem(
            ProblemError(status, "The database is unavailable.", headers={"Retry-After": "5"})
        )
    why = "Internal server error. The log of the line has the cause."
    return render_problem(ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, why))


# The language in which a program hears why something was not done.


DEFAULT_LANGUAGE = "en"


def request_language() -> str:
    """As the request wishes, where the line has sentences in it."""
    return request.accept_languages.best_match(SPOKEN) or DEFAULT_LANGUAGE

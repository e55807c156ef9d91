"""Declares the operations of the API: address, models, right. ``document`` describes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, g, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.http import generate_etag

from ivr_app.api.auth import authorize, run_once
from ivr_app.api.problems import Problem, ProblemError, invalid_request
from ivr_app.mounted import API_ADDRESS
from store.people.api_tokens import TokenRight

# An operation of the API is declared once: its address, the model of a request and the model of
# the response. Requests are validated with the same models that the document describes.


FILE_NAME = "Content-Disposition"
"""The header with the name of an upload: names of people have no place in an address."""

JSON, ANY_FILE = "application/json", "application/octet-stream"
MERGE_PATCH = "application/merge-patch+json"
BODY_TYPES = {"PATCH": (MERGE_PATCH, JSON)}
"""The media types of a body of fields; that of the other methods is JSON."""

Handler = TypeVar("Handler", bound="Callable[..., OperationAnswer | Response]")


class RequestBody(BaseModel):
    """The model of a request: these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EmptyBody(RequestBody):
    """A request without fields."""


@dataclass(frozen=True, slots=True)
class OperationAnswer:
    """The response of an operation: its fields, and the address in the API of what it created.

    ``secret`` names lists of fields that are in the first response only: they are not stored, and a
    repetition by its idempotency key has them empty.
    """

    fields: Mapping[str, Any]
    location: str | None = None
    secret: tuple[str, ...] = ()


class Transfer(StrEnum):
    """What an operation moves besides JSON."""

    NOTHING = "nothing"
    FILE_IN = "file_in"  # the body is a file, and the fields are parameters
    FILE_OUT = "file_out"  # the response is a file
    LINE = "line"  # both are a document of a line, as YAML or JSON


@dataclass(frozen=True, slots=True)
class OperationModels:
    """The models of an operation. Without a ``body`` its fields are parameters; an operation may
    have both."""

    response: type[BaseModel]
    query: type[RequestBody] = EmptyBody
    body: type[RequestBody] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``handler`` gets its body or else its parameters, the parameters by the name
    ``query`` if it has both, and the parts of the address by name. It streams a file itself:
    ``request.stream`` has the body of an upload. With ``guarded`` a request may say with If-Match
    which version it changes."""

    method: str
    path: str
    handler: Callable[..., Any]
    models: OperationModels
    status: HTTPStatus = HTTPStatus.OK
    transfer: Transfer = Transfer.NOTHING
    guarded: bool = False

    @property
    def reads(self) -> bool:
        """True for an operation that changes nothing."""
        return self.method == "GET"

    @property
    def right(self) -> TokenRight:
        """The right that a token needs."""
        if self.reads:
            return TokenRight.READ
        if self.transfer is Transfer.LINE:
            return TokenRight.CONFIGURE
        return TokenRight.CHANGE

    @property
    def body_types(self) -> tuple[str, ...]:
        """The media types of a body of fields."""
        return BODY_TYPES.get(self.method, (JSON,))

    def view(self, **parts: Any) -> Response:
        """Answer a request."""
        authorize(self.right)
        if self.transfer in (Transfer.FILE_OUT, Transfer.LINE):
            sent: Response = self.handler(_read_query(self.models.query), **parts)
            return sent
        if self.reads:
            return self._answer_read(parts)
        given, sent_bytes = self._read_request(parts)
        return run_once(
            lambda: write_response(self.handler(given, **parts), self.status), sent_bytes
        )

    def _answer_read(self, parts: Mapping[str, Any]) -> Response:
        query = _read_query(self.models.query)
        response = write_response(self.handler(query, **parts), self.status)
        response.headers["Cache-Control"] = "private, no-cache"
        response.add_etag()
        return response.make_conditional(request)  # type: ignore[return-value]

    def _read_request(self, parts: dict[str, Any]) -> tuple[RequestBody, bytes]:
        """What the handler gets, and what identifies the request. Adds the parameters of a request
        with a body to the parts of its address."""
        if self.transfer is Transfer.FILE_IN:
            return _read_query(self.models.query), _name_upload()
        if self.models.body is None:
            return _read_query(self.models.query), request.query_string
        body = _read_body(self.models.body, self.body_types)
        if self.models.query is EmptyBody:
            return body, request.get_data()
        parts["query"] = _read_query(self.models.query)
        return body, b"\n".join((request.query_string, request.get_data()))


@dataclass(frozen=True, slots=True)
class ApiSection:
    """Operations on one subject. ``name`` is their tag in the document."""

    name: str
    operations: list[Operation] = field(default_factory=list)

    def get(
        self,
        path: str,
        response_model: type[BaseModel],
        query_model: type[RequestBody] = EmptyBody,
    ) -> Callable[[Handler], Handler]:
        """Declare a GET; ``query_model`` has its parameters."""
        return self._declare("GET", path, OperationModels(response_model, query_model))

    def post(
        self,
        path: str,
        response_model: type[BaseModel],
        body_model: type[RequestBody],
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Callable[[Handler], Handler]:
        """Declare a POST with a body of this model."""
        models = OperationModels(response_model, body=body_model)
        return self._declare("POST", path, models, status=status)

    def patch(
        self,
        path: str,
        response_model: type[BaseModel],
        body_model: type[RequestBody],
        query_model: type[RequestBody],
    ) -> Callable[[Handler], Handler]:
        """Declare a PATCH: a JSON merge patch (RFC 7396) of what GET returns."""
        models = OperationModels(response_model, query_model, body_model)
        return self._declare("PATCH", path, models, guarded=True)

    def delete(
        self, path: str, response_model: type[BaseModel], query_model: type[RequestBody]
    ) -> Callable[[Handler], Handler]:
        """Declare a DELETE; the response says what changed."""
        return self._declare("DELETE", path, OperationModels(response_model, query_model))

    def upload(
        self, path: str, response_model: type[BaseModel], query_model: type[RequestBody]
    ) -> Callable[[Handler], Handler]:
        """Declare a POST whose body is a file, and whose fields are parameters."""
        models, status = OperationModels(response_model, query_model), HTTPStatus.CREATED
        return self._declare("POST", path, models, status=status, transfer=Transfer.FILE_IN)

    def download(self, path: str) -> Callable[[Handler], Handler]:
        """Declare a GET that answers with a file. The handler returns the response."""
        return self._declare("GET", path, OperationModels(Problem), transfer=Transfer.FILE_OUT)

    def line(
        self,
        method: str,
        path: str,
        response_model: type[BaseModel],
        query_model: type[RequestBody] = EmptyBody,
    ) -> Callable[[Handler], Handler]:
        """Declare a GET or PUT of a line as a document. The handler returns the response."""
        models, writes = OperationModels(response_model, query_model), method == "PUT"
        return self._declare(method, path, models, transfer=Transfer.LINE, guarded=writes)

    def _declare(
        self, method: str, path: str, models: OperationModels, **more: Any
    ) -> Callable[[Handler], Handler]:
        """Add the function below it, which stays as it is."""

        def add(handler: Handler) -> Handler:
            self.operations.append(Operation(method, path, handler, models, **more))
            return handler

        return add


def write_response(answer: OperationAnswer, status: HTTPStatus) -> Response:
    """Write the answer as JSON."""
    response = Response(_dump(answer.fields), status, mimetype=JSON)
    if answer.secret:
        g.stored = _dump({**answer.fields, **{name: [] for name in answer.secret}})
    if answer.location is not None:
        response.headers["Location"] = f"{API_ADDRESS}{answer.location}"
    return response


def require_match(current: Mapping[str, Any]) -> None:
    """Check that what the request changes is still as its If-Match says. Raises ProblemError."""
    require_version(generate_etag(_dump(current).encode()))


def require_version(*etags: str) -> None:
    """Check that an If-Match of the request names one of these versions. Raises ProblemError."""
    if "If-Match" in request.headers and not any(map(request.if_match.contains, etags)):
        why = "It has changed since you read it. Read it again, and repeat your change."
        raise ProblemError(HTTPStatus.PRECONDITION_FAILED, why, "changed")


def _dump(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, separators=(",", ":"))


def _name_upload() -> bytes:
    """What identifies an upload before its content is here: its parameters, type and length."""
    told = (request.query_string.decode(), request.headers.get(FILE_NAME, ""), request.mimetype)
    return "\n".join((*told, str(request.content_length))).encode()


def _read_query(model: type[RequestBody]) -> RequestBody:
    given: dict[str, Any] = request.args.to_dict()
    repeated = {name: values for name, values in request.args.lists() if len(values) > 1}
    try:
        return model.model_validate(given | repeated)
    except ValidationError as error:
        raise invalid_request(error, HTTPStatus.BAD_REQUEST) from None


def _read_body(model: type[RequestBody], types: tuple[str, ...]) -> RequestBody:
    if request.mimetype not in types:
        raise UnsupportedMediaType(f"The body must be {types[0]}.")
    try:
        return model.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_input=False)):
            raise BadRequest("The body is not valid JSON.") from None
        raise invalid_request(error, HTTPStatus.UNPROCESSABLE_ENTITY) from None

"""Declares the operations of the API, and writes the OpenAPI 3.1 document from the declarations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.json_schema import models_json_schema
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from ivr_app.api.auth import HEADER, KEY_PATTERN, REPLAYED_HEADER, authorize, run_once
from ivr_app.api.problems import MEDIA_TYPE, Problem, invalid_request
from ivr_app.mounted import API_ADDRESS
from store.log.cases import LARGEST_NUMBER
from store.people.api_tokens import TokenRight

# An operation of the API is declared once: its address, the model of a request and the model of
# the response. Requests are validated with the same models that the document describes.


FILE_NAME = "Content-Disposition"
"""The header with the name of an upload: names of people have no place in an address."""

JSON, ANY_FILE = "application/json", "application/octet-stream"
Handler = TypeVar("Handler", bound="Callable[..., OperationAnswer | Response]")


class RequestBody(BaseModel):
    """The model of a request: these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EmptyBody(RequestBody):
    """A request without fields."""


@dataclass(frozen=True, slots=True)
class OperationAnswer:
    """The response of an operation: its fields, and the address in the API of what it created."""

    fields: Mapping[str, Any]
    location: str | None = None


class Transfer(StrEnum):
    """What an operation moves besides JSON."""

    NOTHING = "nothing"
    FILE_IN = "file_in"  # the body is a file, and the fields are parameters
    FILE_OUT = "file_out"  # the response is a file


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``handler`` gets the request, and the parts of the address by name. It streams
    a file itself: ``request.stream`` has the body of an upload."""

    method: str
    path: str
    handler: Callable[..., Any]
    request_model: type[RequestBody]
    response_model: type[BaseModel]
    status: HTTPStatus = HTTPStatus.OK
    transfer: Transfer = Transfer.NOTHING

    @property
    def reads(self) -> bool:
        """True for an operation that changes nothing."""
        return self.method == "GET"

    @property
    def right(self) -> TokenRight:
        """The right that a token needs."""
        if self.reads:
            return TokenRight.READ
        return TokenRight.CHANGE

    def view(self, **parts: Any) -> Response:
        """Answer a request."""
        authorize(self.right)
        if self.transfer is Transfer.FILE_OUT:
            sent: Response = self.handler(_read_query(self.request_model), **parts)
            return sent
        if self.transfer is Transfer.FILE_IN:
            fields = _read_query(self.request_model)
            return run_once(
                lambda: write_response(self.handler(fields, **parts), self.status), _name_upload()
            )
        if self.reads:
            query = _read_query(self.request_model)
            response = write_response(self.handler(query, **parts), self.status)
            response.headers["Cache-Control"] = "private, no-cache"
            response.add_etag()
            return response.make_conditional(request)  # type: ignore[return-value]
        body = _read_body(self.request_model)
        return run_once(
            lambda: write_response(self.handler(body, **parts), self.status), request.get_data()
        )


@dataclass(frozen=True, slots=True)
class OperationDecorator:
    """Adds the function below it to a section."""

    section: ApiSection
    method: str
    path: str
    request_model: type[RequestBody]
    response_model: type[BaseModel]
    status: HTTPStatus = HTTPStatus.OK
    transfer: Transfer = Transfer.NOTHING

    def __call__(self, handler: Handler) -> Handler:
        """Add the operation, and return the function as it is."""
        operation = Operation(
            self.method,
            self.path,
            handler,
            self.request_model,
            self.response_model,
            self.status,
            self.transfer,
        )
        self.section.operations.append(operation)
        return handler


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
    ) -> OperationDecorator:
        """Declare a GET; ``query_model`` has its parameters."""
        return OperationDecorator(self, "GET", path, query_model, response_model)

    def post(
        self,
        path: str,
        response_model: type[BaseModel],
        body_model: type[RequestBody],
        status: HTTPStatus = HTTPStatus.OK,
    ) -> OperationDecorator:
        """Declare a POST with a body of this model."""
        return OperationDecorator(self, "POST", path, body_model, response_model, status)

    def upload(
        self, path: str, response_model: type[BaseModel], query_model: type[RequestBody]
    ) -> OperationDecorator:
        """Declare a POST whose body is a file, and whose fields are parameters."""
        given = (query_model, response_model, HTTPStatus.CREATED, Transfer.FILE_IN)
        return OperationDecorator(self, "POST", path, *given)

    def download(self, path: str) -> OperationDecorator:
        """Declare a GET that answers with a file. The handler returns the response."""
        given = (EmptyBody, Problem, HTTPStatus.OK, Transfer.FILE_OUT)
        return OperationDecorator(self, "GET", path, *given)


def write_response(answer: OperationAnswer, status: HTTPStatus) -> Response:
    """Write the answer as JSON."""
    text = json.dumps(answer.fields, separators=(",", ":"))
    response = Response(text, status, mimetype=JSON)
    if answer.location is not None:
        response.headers["Location"] = f"{API_ADDRESS}{answer.location}"
    return response


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


def _read_body(model: type[RequestBody]) -> RequestBody:
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"The body must be {JSON}.")
    try:
        return model.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_input=False)):
            raise BadRequest("The body is not valid JSON.") from None
        raise invalid_request(error, HTTPStatus.UNPROCESSABLE_ENTITY) from None


# The OpenAPI document.


Spec = dict[str, Any]

ALWAYS_RESPONSES = {401: "The token is missing or invalid.", 403: "The token lacks the right."}
READ_RESPONSES = {400: "A parameter is invalid.", 404: "Not found."}
WRITE_RESPONSES = READ_RESPONSES | {
    409: "The current state does not allow it; `detail` says why.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The body is invalid, or the idempotency key was used with another body.",
}
ERROR_RESPONSES = {
    429: "Too many invalid tokens.",
    500: "Internal server error.",
    503: "The database is unavailable.",
}
_PART = re.compile(r"<(?:(int):)?(\w+)>")
_NUMBER = {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 64}
BINARY = {"type": "string", "format": "binary"}
REFERENCE = "#/components/schemas/{model}"


def build_document(sections: Sequence[ApiSection]) -> Spec:
    """Describe all operations of these sections."""
    operations = [(section.name, one) for section in sections for one in section.operations]
    paths: Spec = {}
    for name, operation in operations:
        path = _PART.sub(r"{\2}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _describe_operation(name, operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Priority line",
            "version": "1",
            "description": "Incidents, calls, schedules and contracts of the lines.",
        },
        "servers": [{"url": API_ADDRESS}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _collect_schemas([operation for _, operation in operations]),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe_operation(section: str, operation: Operation) -> Spec:
    parameters = _describe_path(operation.path)
    spec: Spec = {
        "operationId": f"{section}.{operation.handler.__name__}".replace(" ", "_"),
        "summary": (operation.handler.__doc__ or "").strip(),
        "description": f"Requires a token with the right to {operation.right}.",
        "tags": [section],
        "parameters": parameters,
        "responses": _describe_responses(operation),
    }
    if operation.reads or operation.transfer is Transfer.FILE_IN:
        parameters += _describe_query(operation.request_model)
    if operation.reads:
        return spec
    parameters.append(_describe_idempotency_key())
    if operation.transfer is Transfer.FILE_IN:
        parameters.append(_describe_file_name())
    body: Spec = {JSON: {"schema": _refer_to(operation.request_model)}}
    if operation.transfer is Transfer.FILE_IN:
        body = {ANY_FILE: {"schema": BINARY}}
    return spec | {"requestBody": {"required": True, "content": body}}


def _describe_responses(operation: Operation) -> Spec:
    done: Spec = {
        "description": "Done.",
        "content": {JSON: {"schema": _refer_to(operation.response_model)}},
    }
    if operation.transfer is Transfer.FILE_OUT:
        done["content"] = {ANY_FILE: {"schema": BINARY}}
    responses: Spec = {str(operation.status.value): done}
    refusals = WRITE_RESPONSES
    if operation.reads:
        refusals = READ_RESPONSES
        responses["304"] = {"description": "Unchanged since the version in If-None-Match."}
    else:
        done["headers"] = {
            REPLAYED_HEADER: {
                "description": "Present when an earlier response is repeated.",
                "schema": {"type": "string"},
            }
        }
    problem = {MEDIA_TYPE: {"schema": _refer_to(Problem)}}
    for status, why in (refusals | ALWAYS_RESPONSES | ERROR_RESPONSES).items():
        responses[str(status)] = {"description": why, "content": problem}
    return responses


def _describe_path(path: str) -> list[Spec]:
    schemas = {"int": _NUMBER, "": _TEXT}
    return [
        {"name": name, "in": "path", "required": True, "schema": schemas[kind]}
        for kind, name in _PART.findall(path)
    ]


def _describe_query(model: type[RequestBody]) -> list[Spec]:
    schema = model.model_json_schema(ref_template=REFERENCE)
    required = schema.get("required", ())
    parameters = []
    for name, inner in schema.get("properties", {}).items():
        spec = {"name": name, "in": "query", "required": name in required}
        spec["schema"] = _drop_null(inner)
        if "description" in inner:
            spec["description"] = inner["description"]
        parameters.append(spec)
    return parameters


def _drop_null(inner: Spec) -> Spec:
    """The schema of a parameter that is present: an absent one is left out instead."""
    choices = [one for one in inner.get("anyOf", ()) if one.get("type") != "null"]
    if choices:
        present: Spec = choices[0]
        return present
    return {name: value for name, value in inner.items() if name not in ("title", "description")}


def _describe_idempotency_key() -> Spec:
    why = (
        "A request with the same key is done once within a day; a repetition gets the same answer."
    )
    schema = {"type": "string", "pattern": KEY_PATTERN}
    return {"name": HEADER, "in": "header", "required": False, "schema": schema, "description": why}


def _describe_file_name() -> Spec:
    why = "The name of the file, as in `attachment; filename=till.log`."
    schema = {"type": "string", "maxLength": 1000}
    return {
        "name": FILE_NAME,
        "in": "header",
        "required": False,
        "schema": schema,
        "description": why,
    }


def _refer_to(model: type[BaseModel]) -> Spec:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _collect_schemas(operations: Sequence[Operation]) -> Spec:
    responses = dict.fromkeys(one.response_model for one in operations)
    requests = dict.fromkeys(one.request_model for one in operations)
    requests.pop(EmptyBody, None)
    modes: list[Any] = [(model, "serialization") for model in (*responses, Problem)]
    modes += [(model, "validation") for model in requests]
    _, found = models_json_schema(modes, by_alias=True, ref_template=REFERENCE)
    schemas: Spec = found["$defs"]
    return schemas

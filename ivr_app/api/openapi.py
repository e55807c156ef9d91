"""The OpenAPI 3.1 document, made of the declarations that requests are checked with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.json_schema import models_json_schema
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from ivr_app.api import ADDRESS
from ivr_app.api.auth import HEADER, KEY_PATTERN, REPLAYED_HEADER, authorize, run_once
from ivr_app.api.problems import MEDIA_TYPE, Problem, invalid_request
from store.log.cases import LARGEST_NUMBER
from store.people.api_tokens import TokenRight

# One operation of the API, declared once: the address, what may be asked, and what is answered.
# What checks a request and what the OpenAPI document says are made of the same declaration.


JSON = "application/json"
Does = TypeVar("Does", bound="Callable[..., OperationAnswer]")


class RequestBody(BaseModel):
    """What may be asked of an operation: these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EmptyBody(RequestBody):
    """There is nothing to be said."""


@dataclass(frozen=True, slots=True)
class OperationAnswer:
    """What an operation answers: fields, and where what it made can be found."""

    fields: Mapping[str, Any]
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """``does`` is given what was asked, and the parts of the address by name."""

    method: str
    path: str
    does: Callable[..., OperationAnswer]
    asks: type[RequestBody]
    answers: type[BaseModel]
    status: HTTPStatus = HTTPStatus.OK

    @property
    def may(self) -> TokenRight:
        """What a token must allow for it."""
        return TokenRight.READ if self.method == "GET" else TokenRight.CHANGE

    def view(self, **given: Any) -> Response:
        """Answer a request."""
        authorize(self.may)
        if self.method == "GET":
            answer = send_answer(self.does(_read_query(self.asks), **given), self.status)
            answer.headers["Cache-Control"] = "private, no-cache"
            answer.add_etag()
            return answer.make_conditional(request)  # type: ignore[return-value]
        asked = _read_body(self.asks)
        return run_once(lambda: send_answer(self.does(asked, **given), self.status))


@dataclass(frozen=True, slots=True)
class Declare:
    """Declares the function below it as an operation of a room."""

    room: ApiSection
    method: str
    path: str
    asks: type[RequestBody]
    answers: type[BaseModel]
    status: HTTPStatus = HTTPStatus.OK

    def __call__(self, does: Does) -> Does:
        """Keep it in the room, and leave it as it is."""
        made = Operation(self.method, self.path, does, self.asks, self.answers, self.status)
        self.room.operations.append(made)
        return does


@dataclass(frozen=True, slots=True)
class ApiSection:
    """Operations that belong together; ``name`` is how the document groups them."""

    name: str
    operations: list[Operation] = field(default_factory=list)

    def get(
        self, path: str, answers: type[BaseModel], asks: type[RequestBody] = EmptyBody
    ) -> Declare:
        """Something to be read; ``asks`` are its parameters."""
        return Declare(self, "GET", path, asks, answers)

    def post(
        self,
        path: str,
        answers: type[BaseModel],
        asks: type[RequestBody],
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Declare:
        """Something to be said; ``asks`` is its body."""
        return Declare(self, "POST", path, asks, answers, status)


def send_answer(answer: OperationAnswer, status: HTTPStatus) -> Response:
    """The answer as JSON."""
    text = json.dumps(answer.fields, separators=(",", ":"))
    made = Response(text, status, mimetype=JSON)
    if answer.location is not None:
        made.headers["Location"] = answer.location
    return made


def _read_query(asks: type[RequestBody]) -> RequestBody:
    given = {name: many if len(many) > 1 else many[0] for name, many in request.args.lists()}
    try:
        return asks.model_validate(given)
    except ValidationError as error:
        raise invalid_request(error, HTTPStatus.BAD_REQUEST) from None


def _read_body(asks: type[RequestBody]) -> RequestBody:
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"What is said must be {JSON}.")
    try:
        return asks.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_input=False)):
            raise BadRequest("This is no JSON.") from None
        raise invalid_request(error, HTTPStatus.UNPROCESSABLE_ENTITY) from None


Spec = dict[str, Any]

ALWAYS_RESPONSES = {401: "The token is missing or invalid.", 403: "The token lacks the right."}
READ_RESPONSES = {400: "A parameter is invalid.", 404: "Not found."}
WRITE_RESPONSES = READ_RESPONSES | {
    409: "Cannot be done as it stands; says why.",
    413: "Too long.",
    415: "Not JSON.",
    422: "The body does not fit, or the key came with another one.",
}
ERROR_RESPONSES = {
    429: "Too many invalid tokens.",
    500: "Internal server error.",
    503: "The database is unavailable.",
}
_PART = re.compile(r"<(?:(int):)?(\w+)>")


def build_document(rooms: Sequence[ApiSection]) -> Spec:
    """All operations of these rooms."""
    operations = [(room.name, operation) for room in rooms for operation in room.operations]
    paths: Spec = {}
    for name, operation in operations:
        path = _PART.sub(r"{\2}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _describe_operation(name, operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Priority line",
            "version": "1",
            "description": "What the line knows, and what may be said to it.",
        },
        "servers": [{"url": ADDRESS}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _collect_schemas([operation for _, operation in operations]),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe_operation(room: str, operation: Operation) -> Spec:
    said = (operation.does.__doc__ or "").strip()
    spec: Spec = {
        "operationId": f"{room}.{operation.does.__name__}".replace(" ", "_"),
        "summary": said,
        "description": f"Needs a token that may {operation.may}.",
        "tags": [room],
        "parameters": [*_path_parameters(operation.path)],
        "responses": _describe_responses(operation),
    }
    if operation.method == "GET":
        spec["parameters"] += _query_parameters(operation.asks)
        return spec
    spec["parameters"].append(_idempotency_parameter())
    body = {JSON: {"schema": _schema_reference(operation.asks)}}
    return spec | {"requestBody": {"required": True, "content": body}}


def _describe_responses(operation: Operation) -> Spec:
    refused = (
        (READ_RESPONSES if operation.method == "GET" else WRITE_RESPONSES)
        | ALWAYS_RESPONSES
        | ERROR_RESPONSES
    )
    good: Spec = {
        "description": "Done.",
        "content": {JSON: {"schema": _schema_reference(operation.answers)}},
    }
    if operation.method != "GET":
        again = {
            "description": "There when it is an answer of before.",
            "schema": {"type": "string"},
        }
        good["headers"] = {REPLAYED_HEADER: again}
    problem = {MEDIA_TYPE: {"schema": _schema_reference(Problem)}}
    answers = {str(operation.status.value): good}
    if operation.method == "GET":
        answers["304"] = {"description": "As you have it."}
    return answers | {
        str(status): {"description": why, "content": problem} for status, why in refused.items()
    }


def _path_parameters(path: str) -> list[Spec]:
    number = {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER}
    text = {"type": "string", "minLength": 1, "maxLength": 64}
    return [
        {"name": name, "in": "path", "required": True, "schema": number if kind else text}
        for kind, name in _PART.findall(path)
    ]


def _query_parameters(asks: type[RequestBody]) -> list[Spec]:
    schema = asks.model_json_schema(ref_template=REFERENCE)
    needed = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _drop_null(inner)}
        | ({"description": inner["description"]} if "description" in inner else {})
        for name, inner in schema.get("properties", {}).items()
    ]


def _drop_null(inner: Spec) -> Spec:
    """What a parameter is when it is there: none is said by leaving it out."""
    choices = [one for one in inner.get("anyOf", ()) if one.get("type") != "null"]
    if not choices:
        return {
            name: value for name, value in inner.items() if name not in ("title", "description")
        }
    present: Spec = choices[0]
    return present


def _idempotency_parameter() -> Spec:
    why = "The same request by the same key is done once; a day later the key is free again."
    schema = {"type": "string", "pattern": KEY_PATTERN}
    return {"name": HEADER, "in": "header", "required": False, "schema": schema, "description": why}


REFERENCE = "#/components/schemas/{model}"


def _schema_reference(model: type[BaseModel]) -> Spec:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _collect_schemas(operations: Sequence[Operation]) -> Spec:
    answered = dict.fromkeys(operation.answers for operation in operations)
    asked = dict.fromkeys(o.asks for o in operations if o.asks is not EmptyBody)
    modes: list[Any] = [(model, "serialization") for model in (*answered, Problem)]
    modes += [(model, "validation") for model in asked]
    _, found = models_json_schema(modes, by_alias=True, ref_template=REFERENCE)
    schemas: Spec = found["$defs"]
    return schemas

"""The OpenAPI 3.1 document, made of the declarations that requests are checked with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ivr_app.api import ADDRESS
from ivr_app.api.operation import JSON, Asked, Nothing, Operation, Room
from ivr_app.api.problems import MEDIA_TYPE, Problem
from ivr_app.api.repeats import FORM, HEADER, REPEATED
from store.matter import LARGEST

Spec = dict[str, Any]

ALWAYS = {401: "No token, or one that opens nothing.", 403: "This token may not."}
READING = {400: "Asked what cannot be asked.", 404: "There is no such thing."}
SAYING = READING | {
    409: "Cannot be done as it stands; says why.",
    413: "Too long.",
    415: "Not JSON.",
    422: "The body does not fit, or the key came with another one.",
}
FAILING = {429: "Too many wrong tokens.", 500: "Our fault.", 503: "The database is away."}
_PART = re.compile(r"<(?:(int):)?(\w+)>")


def document(rooms: Sequence[Room]) -> Spec:
    """All operations of these rooms."""
    operations = [(room.name, operation) for room in rooms for operation in room.operations]
    paths: Spec = {}
    for name, operation in operations:
        path = _PART.sub(r"{\2}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(name, operation)
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
            "schemas": _schemas([operation for _, operation in operations]),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(room: str, operation: Operation) -> Spec:
    said = (operation.does.__doc__ or "").strip()
    spec: Spec = {
        "operationId": f"{room}.{operation.does.__name__}".replace(" ", "_"),
        "summary": said,
        "description": f"Needs a token that may {operation.may}.",
        "tags": [room],
        "parameters": [*_parts(operation.path)],
        "responses": _responses(operation),
    }
    if operation.method == "GET":
        spec["parameters"] += _parameters(operation.asks)
        return spec
    spec["parameters"].append(_key())
    body = {JSON: {"schema": _reference(operation.asks)}}
    return spec | {"requestBody": {"required": True, "content": body}}


def _responses(operation: Operation) -> Spec:
    refused = (READING if operation.method == "GET" else SAYING) | ALWAYS | FAILING
    good: Spec = {
        "description": "Done.",
        "content": {JSON: {"schema": _reference(operation.answers)}},
    }
    if operation.method != "GET":
        again = {
            "description": "There when it is an answer of before.",
            "schema": {"type": "string"},
        }
        good["headers"] = {REPEATED: again}
    problem = {MEDIA_TYPE: {"schema": _reference(Problem)}}
    answers = {str(operation.status.value): good}
    if operation.method == "GET":
        answers["304"] = {"description": "As you have it."}
    return answers | {
        str(status): {"description": why, "content": problem} for status, why in refused.items()
    }


def _parts(path: str) -> list[Spec]:
    number = {"type": "integer", "minimum": 0, "maximum": LARGEST}
    text = {"type": "string", "minLength": 1, "maxLength": 64}
    return [
        {"name": name, "in": "path", "required": True, "schema": number if kind else text}
        for kind, name in _PART.findall(path)
    ]


def _parameters(asks: type[Asked]) -> list[Spec]:
    schema = asks.model_json_schema(ref_template=REFERENCE)
    needed = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _present(inner)}
        | ({"description": inner["description"]} if "description" in inner else {})
        for name, inner in schema.get("properties", {}).items()
    ]


def _present(inner: Spec) -> Spec:
    """What a parameter is when it is there: none is said by leaving it out."""
    choices = [one for one in inner.get("anyOf", ()) if one.get("type") != "null"]
    if not choices:
        return {
            name: value for name, value in inner.items() if name not in ("title", "description")
        }
    present: Spec = choices[0]
    return present


def _key() -> Spec:
    why = "The same request by the same key is done once; a day later the key is free again."
    schema = {"type": "string", "pattern": FORM}
    return {"name": HEADER, "in": "header", "required": False, "schema": schema, "description": why}


REFERENCE = "#/components/schemas/{model}"


def _reference(model: type[BaseModel]) -> Spec:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _schemas(operations: Sequence[Operation]) -> Spec:
    answered = dict.fromkeys(operation.answers for operation in operations)
    asked = dict.fromkeys(o.asks for o in operations if o.asks is not Nothing)
    modes: list[Any] = [(model, "serialization") for model in (*answered, Problem)]
    modes += [(model, "validation") for model in asked]
    _, found = models_json_schema(modes, by_alias=True, ref_template=REFERENCE)
    schemas: Spec = found["$defs"]
    return schemas

"""Writes the OpenAPI 3.1 document from the declarations of the operations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ivr_app.api.auth import HEADER, KEY_PATTERN, RATE_HEADERS, REPLAYED_HEADER
from ivr_app.api.openapi import (
    ANY_FILE,
    FILE_NAME,
    JSON,
    ApiSection,
    EmptyBody,
    Operation,
    Transfer,
)
from ivr_app.api.problems import MEDIA_TYPE, Problem
from ivr_app.api.schemas import WebhookBody, WebhookMessageBody
from ivr_app.mounted import API_ADDRESS
from routing.line import IncidentHappening
from store.log.cases import LARGEST_NUMBER

Spec = dict[str, Any]

EXAMPLES_FILE = Path(__file__).with_name("examples.json")
"""An example request and response of each operation, by its id; a test asks for them again."""

ALWAYS_RESPONSES = {401: "The token is missing or invalid.", 403: "The token lacks the right."}
READ_RESPONSES = {400: "A parameter is invalid.", 404: "Not found."}
WRITE_RESPONSES = READ_RESPONSES | {
    409: "The current state does not allow it; `detail` says why.",
    413: "The body is too large.",
    415: "The body has another media type.",
    422: "The body is invalid, or the idempotency key was used with another request.",
}
ERROR_RESPONSES = {
    429: "Too many requests of this token, or too many invalid tokens.",
    500: "Internal server error.",
    503: "The database is unavailable.",
}
STALE_RESPONSE = {412: "It has changed since the version in If-Match."}
DOCUMENT_TYPES = (JSON, "application/yaml")
"""The media types of a line as a document."""

_PART = re.compile(r"<(?:(int):)?(\w+)>")
_NUMBER = {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 64}
BINARY = {"type": "string", "format": "binary"}
REFERENCE = "#/components/schemas/{model}"


def build_document(sections: Sequence[ApiSection]) -> Spec:
    """Describe all operations of these sections, and the webhooks."""
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
        "webhooks": dict(_describe_webhooks()),
        "components": {
            "schemas": _collect_schemas([operation for _, operation in operations]),
            "headers": _describe_rate_headers(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def name_operation(section: str, operation: Operation) -> str:
    """The operation id: the section and the function."""
    return f"{section}.{operation.handler.__name__}".replace(" ", "_").rstrip("_")


@cache
def read_examples() -> Mapping[str, Mapping[str, Any]]:
    """The examples, by operation id: ``request``, ``response``, and ``event`` for webhooks."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(EXAMPLES_FILE.read_text("utf-8"))
    return found


def _describe_operation(section: str, operation: Operation) -> Spec:
    parameters = _describe_path(operation.path)
    name = name_operation(section, operation)
    summary, _, more = (operation.handler.__doc__ or "").strip().partition(". ")
    spec: Spec = {
        "operationId": name,
        "summary": " ".join(summary.split()).rstrip("."),
        "description": " ".join(
            f"{more} Requires a token with the right to {operation.right}.".split()
        ),
        "tags": [section],
        "parameters": parameters,
        "responses": _describe_responses(operation, read_examples().get(name, {})),
    }
    parameters += _describe_query(operation.models.query)
    if operation.guarded:
        parameters.append(_describe_header("If-Match", _MATCH_WORDS))
    if operation.reads:
        return spec
    if operation.transfer is not Transfer.LINE:
        parameters.append(_describe_header(HEADER, _KEY_WORDS, pattern=KEY_PATTERN))
    if operation.transfer is Transfer.FILE_IN:
        parameters.append(_describe_header(FILE_NAME, _NAME_WORDS))
    content = dict(_describe_body(operation, read_examples().get(name, {})))
    if content:
        spec["requestBody"] = {"required": True, "content": content}
    return spec


def _describe_body(operation: Operation, example: Mapping[str, Any]) -> Iterator[tuple[str, Spec]]:
    if operation.transfer is Transfer.FILE_IN:
        yield ANY_FILE, {"schema": BINARY}
    elif operation.transfer is Transfer.LINE:
        for kind in DOCUMENT_TYPES:
            yield kind, {"schema": {"type": "object"}}
    elif operation.models.body is not None:
        for kind in operation.body_types:
            body: Spec = {"schema": _refer_to(operation.models.body)}
            if "request" in example:
                body["example"] = example["request"]
            yield kind, body


def _describe_responses(operation: Operation, example: Mapping[str, Any]) -> Spec:
    content: Spec = {"schema": _refer_to(operation.models.response)}
    if "response" in example:
        content["example"] = example["response"]
    done: Spec = {"description": "Done.", "content": {JSON: content}, "headers": _refer_to_rates()}
    if operation.transfer is Transfer.FILE_OUT:
        done["content"] = {ANY_FILE: {"schema": BINARY}}
    if operation.transfer is Transfer.LINE and operation.reads:
        done["content"] = {kind: {"schema": {"type": "object"}} for kind in DOCUMENT_TYPES}
    responses: Spec = {str(operation.status.value): done}
    refusals = WRITE_RESPONSES
    if operation.guarded:
        refusals = refusals | STALE_RESPONSE
    if operation.reads:
        refusals = READ_RESPONSES
        responses["304"] = {"description": "Unchanged since the version in If-None-Match."}
    elif operation.transfer is Transfer.LINE:
        responses["201"] = done | {"description": "The line was added."}
    else:
        done["headers"][REPLAYED_HEADER] = {
            "description": "Present when an earlier response is repeated.",
            "schema": {"type": "string"},
        }
    problem = {MEDIA_TYPE: {"schema": _refer_to(Problem)}}
    for status, why in (refusals | ALWAYS_RESPONSES | ERROR_RESPONSES).items():
        responses[str(status)] = {
            "description": why,
            "content": problem,
            "headers": _refer_to_rates(),
        }
    return responses


def _describe_path(path: str) -> list[Spec]:
    schemas = {"int": _NUMBER, "": _TEXT}
    return [
        {"name": name, "in": "path", "required": True, "schema": schemas[kind]}
        for kind, name in _PART.findall(path)
    ]


def _describe_query(model: type[BaseModel]) -> list[Spec]:
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


_KEY_WORDS = (
    "A request with the same key is done once within a day; a repetition gets the same answer."
)
_NAME_WORDS = "The name of the file, as in `attachment; filename=till.log`."
_MATCH_WORDS = "The ETag of the version that is changed; any other one is refused."


def _describe_header(name: str, words: str, **schema: Any) -> Spec:
    kind = {"type": "string", **schema}
    return {"name": name, "in": "header", "required": False, "schema": kind, "description": words}


def _describe_rate_headers() -> Spec:
    return {
        name: {"description": words, "schema": {"type": "string"}}
        for name, words in RATE_HEADERS.items()
    }


def _refer_to_rates() -> Spec:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_HEADERS}


def _refer_to(model: type[BaseModel]) -> Spec:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _collect_schemas(operations: Sequence[Operation]) -> Spec:
    responses = dict.fromkeys(one.models.response for one in operations)
    requests = dict.fromkeys(model for one in operations for model in _request_models(one))
    answered = (*responses, Problem, WebhookBody, WebhookMessageBody)
    modes: list[Any] = [(model, "serialization") for model in answered]
    modes += [(model, "validation") for model in requests]
    _, found = models_json_schema(modes, by_alias=True, ref_template=REFERENCE)
    schemas: Spec = found["$defs"]
    return schemas


def _request_models(operation: Operation) -> Iterator[type[BaseModel]]:
    for model in (operation.models.query, operation.models.body):
        if model not in (EmptyBody, None):
            yield model


# The webhooks that the line sends.


_SIGNING = {
    "webhook-id": "The same for every attempt to send this delivery.",
    "webhook-timestamp": "Seconds since 1970; refuse a delivery that is older than five minutes.",
    "webhook-signature": "`v1,` and HMAC-SHA256 in base64 of `id.timestamp.body`; one for each "
    "secret, separated by spaces (Standard Webhooks).",
}
_HAPPENINGS = {
    IncidentHappening.OPENED: "An incident is opened, from any source",
    IncidentHappening.RAISED: "An incident is upgraded to level 1",
    IncidentHappening.REOPENED: "An incident is unassigned again",
    IncidentHappening.ACKNOWLEDGED: "An engineer has the incident",
    IncidentHappening.BREACHED: "The promised time has passed without a response",
    IncidentHappening.RESPONDED: "The customer has an answer",
    IncidentHappening.CLOSED: "The incident is closed",
    IncidentHappening.MESSAGE: "The customer wrote, or was answered in writing",
}


def _describe_webhooks() -> Iterator[tuple[str, Spec]]:
    for happening in IncidentHappening:
        name = f"incident.{happening}"
        model: type[BaseModel] = WebhookBody
        if happening is IncidentHappening.MESSAGE:
            model = WebhookMessageBody
        content: Spec = {"schema": _refer_to(model)}
        content |= read_examples().get(name, {})
        signed = [_describe_header(*pair) | {"required": True} for pair in _SIGNING.items()]
        yield (
            name,
            {
                "post": {
                    "operationId": name,
                    "summary": _HAPPENINGS[happening],
                    "description": "Sent to each entry of `webhooks` in line.yaml that lists it.",
                    "tags": ["webhooks"],
                    "security": [],
                    "parameters": signed,
                    "requestBody": {"required": True, "content": {JSON: content}},
                    "responses": {
                        "2XX": {"description": "Accepted, within 3 seconds."},
                        "default": {"description": "Refused: it is sent again, for a day."},
                    },
                }
            },
        )

"""One operation of the API, declared once: the address, what may be asked, and what is answered.

What checks a request and what the OpenAPI document says are made of the same declaration.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from ivr_app.api.problems import misread
from ivr_app.api.program import admit
from ivr_app.api.repeats import once
from store.tokens import May

JSON = "application/json"
Does = TypeVar("Does", bound="Callable[..., Answer]")


class Asked(BaseModel):
    """What may be asked of an operation: these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Asked):
    """There is nothing to be said."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers: fields, and where what it made can be found."""

    fields: Mapping[str, Any]
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """``does`` is given what was asked, and the parts of the address by name."""

    method: str
    path: str
    does: Callable[..., Answer]
    asks: type[Asked]
    answers: type[BaseModel]
    status: HTTPStatus = HTTPStatus.OK

    @property
    def may(self) -> May:
        """What a token must allow for it."""
        return May.READ if self.method == "GET" else May.CHANGE

    def view(self, **given: Any) -> Response:
        """Answer a request."""
        admit(self.may)
        if self.method == "GET":
            answer = sent(self.does(_query(self.asks), **given), self.status)
            answer.headers["Cache-Control"] = "private, no-cache"
            answer.add_etag()
            return answer.make_conditional(request)  # type: ignore[return-value]
        asked = _body(self.asks)
        return once(lambda: sent(self.does(asked, **given), self.status))


@dataclass(frozen=True, slots=True)
class Declare:
    """Declares the function below it as an operation of a room."""

    room: Room
    method: str
    path: str
    asks: type[Asked]
    answers: type[BaseModel]
    status: HTTPStatus = HTTPStatus.OK

    def __call__(self, does: Does) -> Does:
        """Keep it in the room, and leave it as it is."""
        made = Operation(self.method, self.path, does, self.asks, self.answers, self.status)
        self.room.operations.append(made)
        return does


@dataclass(frozen=True, slots=True)
class Room:
    """Operations that belong together; ``name`` is how the document groups them."""

    name: str
    operations: list[Operation] = field(default_factory=list)

    def get(self, path: str, answers: type[BaseModel], asks: type[Asked] = Nothing) -> Declare:
        """Something to be read; ``asks`` are its parameters."""
        return Declare(self, "GET", path, asks, answers)

    def post(
        self,
        path: str,
        answers: type[BaseModel],
        asks: type[Asked],
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Declare:
        """Something to be said; ``asks`` is its body."""
        return Declare(self, "POST", path, asks, answers, status)


def sent(answer: Answer, status: HTTPStatus) -> Response:
    """The answer as JSON."""
    text = json.dumps(answer.fields, separators=(",", ":"))
    made = Response(text, status, mimetype=JSON)
    if answer.location is not None:
        made.headers["Location"] = answer.location
    return made


def _query(asks: type[Asked]) -> Asked:
    given = {name: many if len(many) > 1 else many[0] for name, many in request.args.lists()}
    try:
        return asks.model_validate(given)
    except ValidationError as error:
        raise misread(error, HTTPStatus.BAD_REQUEST) from None


def _body(asks: type[Asked]) -> Asked:
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"What is said must be {JSON}.")
    try:
        return asks.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_input=False)):
            raise BadRequest("This is no JSON.") from None
        raise misread(error, HTTPStatus.UNPROCESSABLE_ENTITY) from None

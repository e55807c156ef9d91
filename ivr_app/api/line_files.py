"""A line as a document: read, compared and applied, as `export` and `apply` do."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from flask import Response, request
from pydantic import Field
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from carrier.prompts import list_languages
from config.export import dump_yaml, write_line_file
from config.line import LineFile, parse_line_file
from config.reader import FileError, Hasher
from ivr_app.api import (
    ApiSection,
    EmptyBody,
    OperationAnswer,
    ProblemError,
    RequestBody,
    ResponseBody,
    conflict,
    current_token,
    not_found,
)
from ivr_app.api.openapi import JSON, write_response
from ivr_app.api.problems import FieldProblem
from ivr_app.context import current_call_service, current_services
from ivr_app.thread_share import LONG
from service.line_files import FileEffect, apply_file, fill_in_pins, refresh_fallback
from store.people.audit import AuditEntry
from store.people.hashing import Argon2PinVerifier
from store.people.lines import (
    ApplyTerms,
    ClashError,
    StaleLineError,
    StoredLine,
    find_stored_line,
)

section = ApiSection("line files")

LARGEST_FILE = 512 * 1024
"""Bytes of a document. Many contracts come from ``contracts.csv`` or ``POST /contracts``."""

MOST_MISTAKES = 100
"""Mistakes in one answer: a document can have one in every line."""

YAML_TYPES = ("application/yaml", "text/yaml", "application/x-yaml")
YAML_MARK = ".yaml"
"""The end of the ETag of a line as YAML: two representations have two ETags."""


class WarningBody(ResponseBody):
    """A remark about a file that can be applied."""

    field: str
    message: str
    line: int = Field(description="Of the body, from 1; 0 for a file of PROMPTS_DIR.")


class LineChanges(ResponseBody):
    """What changed, or would change in a dry run."""

    line: str
    dry_run: bool
    changes: list[str] = Field(description="As `apply` prints them; empty if nothing changes.")
    warnings: list[WarningBody]


class ApplyQuery(RequestBody):
    """Whether the document is applied."""

    dry_run: bool = Field(False, description="True: only say what would change.")


@section.line("GET", "/lines/<line_id>", LineChanges)
def read_line(_: EmptyBody, line_id: str) -> Response:
    """Show a line as its line.yaml, in YAML or JSON. It has every field that differs from its
    default, and no PINs, which an update keeps. Swaps, absences and phones that engineers added
    are not part of it."""
    stored = find_stored_line(current_services().engine, line_id)
    if stored is None:
        raise not_found(f"There is no line {line_id}.")
    document = write_line_file(
        stored.line, stored.contracts, spoken=list_languages(), with_pins=False
    )
    kind = request.accept_mimetypes.best_match((JSON, *YAML_TYPES), JSON)
    if kind == JSON:
        response, mark = Response(json.dumps(document), mimetype=JSON), stored.mark
    else:
        response, mark = Response(dump_yaml(document), mimetype=kind), stored.mark + YAML_MARK
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Accept")
    response.set_etag(mark)
    return response.make_conditional(request)  # type: ignore[return-value]


@section.line("PUT", "/lines/<line_id>", LineChanges, ApplyQuery)
@LONG.limits
def write_line(query: ApplyQuery, line_id: str) -> Response:
    """Make the line match this line.yaml, as `apply` does, and list what changed. The same document
    again changes nothing. A contact without a PIN keeps theirs. With dry_run the answer is the
    same and nothing changes; but a PIN always counts as a new one, because the answer would tell
    which PIN is stored. If-None-Match: * only adds a line."""
    services, at = current_services(), current_call_service().clock()
    stored = find_stored_line(services.engine, line_id)
    entry = AuditEntry(at, current_token().name, "api", "lines.apply")
    terms = ApplyTerms(entry, _list_expected(stored), query.dry_run)
    with _report_refusals():
        read = _read_document(line_id, stored, _choose_hasher(query))
        effect = apply_file(services, read, at, terms)
    warnings = list(_list_warnings(effect))
    if not query.dry_run and (failed := refresh_fallback(services, at)):
        warnings.append({"field": "FALLBACK_FILE", "message": failed, "line": 0})
    return _answer(line_id, effect, warnings, dry_run=query.dry_run)


@contextmanager
def _report_refusals() -> Iterator[None]:
    """Turn what is wrong with a document into a problem document."""
    try:
        yield
    except FileError as error:
        raise _list_mistakes(error) from None
    except ClashError as error:
        raise conflict(f"{error}.", "clash") from None
    except StaleLineError:
        why = "The line has changed since you read it. Read it again, and repeat your change."
        raise ProblemError(HTTPStatus.PRECONDITION_FAILED, why, "changed") from None


def _list_mistakes(error: FileError) -> ProblemError:
    found = [
        FieldProblem(where=one.field, why=one.message, line=one.line)
        for one in error.findings[:MOST_MISTAKES]
    ]
    why = "The line is invalid; see `errors`."
    if len(error.findings) > len(found):
        why = f"The line is invalid; `errors` has the first {len(found)} of {len(error.findings)}."
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, why, errors=found)


def _answer(
    line_id: str, effect: FileEffect, warnings: list[dict[str, Any]], *, dry_run: bool
) -> Response:
    status, location = HTTPStatus.OK, None
    if effect.applied.added and not dry_run:
        status, location = HTTPStatus.CREATED, f"/lines/{line_id}"
    said = {"line": line_id, "dry_run": dry_run, "changes": list(effect.applied.changes)}
    response = write_response(OperationAnswer(said | {"warnings": warnings}, location), status)
    if not dry_run:
        response.set_etag(effect.applied.mark)
    return response


def _choose_hasher(query: ApplyQuery) -> Hasher:
    """The hash of a PIN; in a dry run one that no stored hash equals."""
    hash_pin = Argon2PinVerifier(current_services().settings.pin_pepper).hash
    if not query.dry_run:
        return hash_pin
    salt = secrets.token_hex()
    return lambda pin, owner: hash_pin(pin, f"{owner} {salt}")


def _read_document(line_id: str, stored: StoredLine | None, hasher: Hasher) -> LineFile:
    """The line of the body. Raises ProblemError and FileError."""
    read = parse_line_file(_read_text(), hasher, list_languages(), keeps_pins=True)
    if read.line.id != line_id:
        raise conflict(f"The document is line {read.line.id}.", "other_line")
    return fill_in_pins(read, stored)


def _read_text() -> str:
    """The body as YAML, which JSON is nearly: null there is a field that is left out."""
    request.max_content_length = LARGEST_FILE
    if request.mimetype not in (JSON, *YAML_TYPES):
        raise UnsupportedMediaType(f"The body must be {YAML_TYPES[0]} or {JSON}.")
    try:
        text = request.get_data().decode("utf-8-sig")
        if request.mimetype == JSON:
            text = json.dumps(_drop_nulls(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not valid.") from None
    return text


def _drop_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _drop_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_drop_nulls(each) for each in value]
    return value


def _list_expected(stored: StoredLine | None) -> frozenset[str] | None:
    """The marks that the stored line may have, as the conditions of the request say."""
    if request.if_none_match.star_tag:
        return frozenset({""})
    if "If-Match" not in request.headers:
        return None
    if request.if_match.star_tag and stored is not None:
        return frozenset({stored.mark})
    return frozenset(etag.removesuffix(YAML_MARK) for etag in request.if_match.as_set())


def _list_warnings(effect: FileEffect) -> Iterator[dict[str, Any]]:
    for found in effect.warnings:
        yield {"field": found.field, "message": found.message, "line": found.line}

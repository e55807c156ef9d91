"""What customers and staff write and say to each other about an incident, and files."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response, request
from pydantic import Field, StringConstraints
from werkzeug.http import parse_options_header

from ivr_app.api import (
    ApiSection,
    DigitString,
    EmptyBody,
    FileIds,
    Id,
    LineQuery,
    OperationAnswer,
    ProblemError,
    RequestBody,
    ResponseBody,
    Words,
    conflict,
    find_line,
    make_id,
    not_found,
)
from ivr_app.api.incidents import build_entry, change_incident, find_incident
from ivr_app.api.openapi import FILE_NAME
from ivr_app.api.schemas import build_row_model
from ivr_app.attachments import send_file
from ivr_app.context import current_call_service, current_services
from routing import events
from routing.correspondence import AnswerEffect, Author, Upload
from routing.incidents import columns
from routing.line import Line
from routing.message import DUTY_MANAGER, Via
from routing.ports import FileTooLargeError
from service.incident_actions import CustomerAnswer, check_files, check_person
from store.log.rows import build_file_row, build_message_row, build_recording_row
from store.people.audit import audit_writes

section = ApiSection("correspondence")


class MessageRow(build_row_model("MessageColumns", columns.MESSAGE_COLUMNS)):  # type: ignore[misc]
    """A message of the customer, or to the customer."""


class MessageList(ResponseBody):
    """The messages of one incident, oldest first."""

    items: list[MessageRow]


class FileRow(build_row_model("FileColumns", columns.FILE_COLUMNS)):  # type: ignore[misc]
    """A file, without its content."""


class FileList(ResponseBody):
    """The files of one incident, oldest first."""

    items: list[FileRow]


class RecordingRow(build_row_model("RecordingColumns", columns.RECORDING_COLUMNS)):  # type: ignore[misc]
    """A recording, without its sound."""


class RecordingList(ResponseBody):
    """The recordings of one incident, oldest first."""

    items: list[RecordingRow]


Writer = Annotated[str, StringConstraints(pattern=r"^[^\u0000-\u001f]+$", max_length=200)]


class MessageBody(RequestBody):
    """A message of the staff to the customer, or of the customer to the staff."""

    author: Author = Author.STAFF
    by: Writer | None = Field(
        None,
        description="Of staff: an engineer's id, or duty_manager (the default). "
        "Of a customer: their name; default: the contact of the incident.",
    )
    words: Words
    files: FileIds = Field((), description="Ids of `POST /files` uploads.")
    effect: AnswerEffect = Field(
        AnswerEffect.NOTHING,
        description="Of staff: `responds` is the qualified response and stops the clock; "
        "`asks` pauses it until the customer replies.",
    )
    source: Literal["portal", "email", "api"] = Field("api", description="Of a customer.")
    verified: bool = Field(
        False,
        description="Of a customer: the program has identified them. "
        "An unverified message is shown, and changes no clock.",
    )


@section.get("/incidents/<int:number>/messages", MessageList)
def messages(_: EmptyBody, number: int) -> OperationAnswer:
    """List what the customer and the staff have written to each other; never internal notes."""
    found = current_call_service().calls.correspondence.find_messages(find_incident(number).key)
    return OperationAnswer({"items": [build_message_row(each) for each in found]})


@section.get("/incidents/<int:number>/recordings", RecordingList)
def recordings(_: EmptyBody, number: int) -> OperationAnswer:
    """List what the customer and engineers said into the telephone, with the words that a program
    understood of it."""
    found = current_call_service().calls.recordings.find_all(find_incident(number).key)
    return OperationAnswer({"items": [build_recording_row(each, number) for each in found]})


@section.post("/incidents/<int:number>/messages", MessageRow, MessageBody, HTTPStatus.CREATED)
def write(body: MessageBody, number: int) -> OperationAnswer:
    """Write to the customer, who reads it; or store what the customer wrote."""
    message_id = make_id("message")
    if body.author is Author.STAFF:
        given = CustomerAnswer(body.words, message_id, body.effect, body.files)
        with change_incident("answer", number, body.by or DUTY_MANAGER) as actions:
            actions.answer(given)
    else:
        _receive(body, number, message_id)
    found = current_call_service().calls.correspondence.find_message(message_id)
    if found is None:
        raise not_found("The message was not stored.")
    return OperationAnswer(build_message_row(found), f"/incidents/{number}/messages")


def _receive(body: MessageBody, number: int, message_id: str) -> None:
    """Store a message of the customer."""
    incident, calls = find_incident(number), current_call_service().calls
    if body.effect is not AnswerEffect.NOTHING:
        raise conflict("Only an answer of the staff has an effect.", "no_effect")
    if calls.correspondence.find_message(message_id) is None:
        check_files(current_services(), incident.line, incident.contract, body.files)
    event = events.CustomerWrote(
        incident.key,
        message_id,
        body.by or incident.contact or "",
        Via(body.source),
        body.words,
        body.files,
        verified=body.verified,
    )
    with audit_writes(build_entry("receive").on("incident", str(number))):
        current_call_service().happen(event)


@section.get("/incidents/<int:number>/files", FileList)
def files(_: EmptyBody, number: int) -> OperationAnswer:
    """List the files of an incident."""
    found = current_call_service().calls.correspondence.find_files(find_incident(number).key)
    return OperationAnswer({"items": [build_file_row(each) for each in found]})


class UploadQuery(LineQuery):
    """What is known of a file before its content, except its name, which is in a header."""

    contract: DigitString | None = Field(None, description="The contract whose file it is.")
    by: Id | None = Field(
        None, description="Of a file of the staff: an engineer's id, or duty_manager."
    )


@section.upload("/files", FileRow, UploadQuery)
def upload(query: UploadQuery) -> OperationAnswer:
    """Upload a file: the body is its content. Name its id when you open an incident or write a
    message; a file that nothing names within a day is deleted."""
    line, limit = find_line(query.line), current_services().settings.largest_file
    if (request.content_length or 0) > limit:
        raise _refuse_size(limit)
    request.max_content_length = limit + 1  # a chunked body says no length before it comes
    correspondence, now = (
        current_call_service().calls.correspondence,
        current_call_service().clock(),
    )
    try:
        found = correspondence.write_file(_describe(query, line), _read_body(), limit, now)
    except FileTooLargeError:
        raise _refuse_size(limit) from None
    return OperationAnswer(build_file_row(found), f"/files/{found.id}")


def _describe(query: UploadQuery, line: Line) -> Upload:
    author, by = Author.CUSTOMER, ""
    if query.by is not None:
        author, by = Author.STAFF, check_person(line, query.by)
    return Upload(
        line=line.id,
        name=parse_options_header(request.headers.get(FILE_NAME))[1].get("filename", ""),
        media_type=request.mimetype,
        author=author,
        by=by,
        door=Via.API,
        contract=query.contract,
    )


READ = 256 * 1024
"""Bytes of a body that are read at once."""


def _read_body() -> Iterator[bytes]:
    while data := request.stream.read(READ):
        yield data


def _refuse_size(limit: int) -> ProblemError:
    why = f"A file may have at most {limit} bytes."
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)


@section.download("/files/<file_id>")
def file(_: EmptyBody, file_id: str) -> Response:
    """Download a file. Its name and type come from a stranger: nothing should open it by itself."""
    found = current_call_service().calls.correspondence.find_file(file_id)
    if found is None:
        raise not_found("There is no such file.")
    return send_file(found)

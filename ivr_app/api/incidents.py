"""Incidents: the log, one incident and its timeline, actions, and reports by programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ivr_app.api import (
    ApiSection,
    DigitString,
    EmptyBody,
    FileIds,
    Id,
    IncidentList,
    IncidentRow,
    Level,
    Limit,
    LineQuery,
    OperationAnswer,
    Order,
    Phone,
    Reason,
    RequestBody,
    RequestMoment,
    ShortText,
    TimelineBody,
    Words,
    current_token,
    find_line,
    make_id,
    not_found,
    read_whole_number,
)
from ivr_app.api.contracts import Language
from ivr_app.context import current_call_service, current_services
from routing.call import (
    DatabaseAge,
    Entitlement,
    RecognitionFault,
    RequestProgress,
    SignatureRequest,
)
from routing.events import Lodged
from routing.incident import Incident, IncidentKind, IncidentSource, IncidentState
from routing.line import Line
from routing.message import DUTY_MANAGER, Via
from routing.phone_numbers import normalise
from service.incident_actions import (
    IncidentActions,
    choose_language,
    identify_customer,
    lodge_entered,
)
from store.log.cases import LARGEST_NUMBER
from store.log.reports import IncidentLogFilter, Reports, list_incidents
from store.people.audit import AuditEntry, audit_writes

section = ApiSection("incidents")


class IncidentQuery(RequestBody):
    """Filters and the place of a page."""

    line: Id | None = None
    contract: DigitString | None = None
    state: IncidentState | None = None
    source: IncidentSource | None = Field(None, description="The door it came through.")
    kind: IncidentKind | None = None
    engineer: Id | None = Field(
        None, description="Who took it, on one line: the given one, by default main."
    )
    since: RequestMoment | None = Field(None, description="Opened at this time or later.")
    until: RequestMoment | None = Field(None, description="Opened before this time.")
    order: Order = Field("newest", description="Which incidents come first.")
    after: int | None = Field(
        None, ge=0, le=LARGEST_NUMBER, description="The `next` of the previous page."
    )
    limit: Limit = 50


@section.get("/incidents", IncidentList, IncidentQuery)
def incidents(query: IncidentQuery) -> OperationAnswer:
    """List incidents: all, or those of a line, a contract, a state, a source, a kind, an engineer
    or a time."""
    line = query.line
    if query.engineer is not None:
        line = find_line(query.line).id
    wanted = IncidentLogFilter(
        line=line,
        contract=query.contract,
        state=query.state,
        after=query.after,
        oldest_first=query.order == "oldest",
        limit=query.limit,
        source=query.source,
        kind=query.kind,
        engineer=query.engineer,
        since=query.since,
        until=query.until,
    )
    rows, following = list_incidents(current_services().engine, wanted)
    return OperationAnswer({"items": rows, "next": following})


@section.get("/incidents/<int:number>", IncidentRow)
def incident(_: EmptyBody, number: int) -> OperationAnswer:
    """Show one incident, by its number."""
    return OperationAnswer(find_row(number))


@section.get("/incidents/<int:number>/timeline", TimelineBody)
def timeline(_: EmptyBody, number: int) -> OperationAnswer:
    """Show what happened to an incident, notes included, with the reason for each decision."""
    find_row(number)
    return OperationAnswer({"items": Reports(current_services().engine).show(str(number)) or []})


def find_row(number: int) -> dict[str, Any]:
    """The incident with this number. Raises ProblemError."""
    found: list[dict[str, Any]] = []
    if number <= LARGEST_NUMBER:
        found = Reports(current_services().engine).incident(number)
    if not found:
        raise not_found("There is no incident with this number.")
    return found[0]


def find_incident(number: int) -> Incident:
    """The incident with this number, as a value. Raises ProblemError."""
    case = None
    if number <= LARGEST_NUMBER:
        case = current_call_service().calls.find_by_number(number)
    if case is None or case.incident is None:
        raise not_found("There is no incident with this number.")
    return case.incident


# Actions by a program in the name of a person, with the rules and refusals that people have.


class ActionBody(RequestBody):
    """The person in whose name it is done."""

    by: Id = Field(DUTY_MANAGER, description="An engineer's id, or duty_manager.")


class ReasonBody(ActionBody):
    """The person, and the reason."""

    reason: Reason = Field("", description="Kept in the timeline.")


class TakeBody(RequestBody):
    """The engineer who takes it."""

    by: Id = Field(description="An engineer's id.")


class NoteBody(ActionBody):
    """A note."""

    words: Words


class WaitBody(ReasonBody):
    """The question to the customer."""

    what: Words


class ReassignBody(ReasonBody):
    """The engineer who gets it."""

    to: Id = Field(description="An engineer's id.")


@section.post("/incidents/<int:number>/take", IncidentRow, TakeBody)
def take(body: TakeBody, number: int) -> OperationAnswer:
    """Assign the incident to this engineer; nobody else is called for it."""
    with change_incident("take", number, body.by) as actions:
        actions.take()
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/respond", IncidentRow, ReasonBody)
def respond(body: ReasonBody, number: int) -> OperationAnswer:
    """Record that the customer has a qualified answer: the response clock stops."""
    with change_incident("respond", number, body.by) as actions:
        actions.respond(body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/close", IncidentRow, ReasonBody)
def close(body: ReasonBody, number: int) -> OperationAnswer:
    """Close the incident; only after a response."""
    with change_incident("close", number, body.by) as actions:
        actions.close(body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/wait", IncidentRow, WaitBody)
def wait(body: WaitBody, number: int) -> OperationAnswer:
    """Record that the customer was asked for more: the response clock pauses."""
    with change_incident("wait", number, body.by) as actions:
        actions.wait(body.what, body.reason, make_id("memo"))
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/resume", IncidentRow, ReasonBody)
def resume(body: ReasonBody, number: int) -> OperationAnswer:
    """Record that the customer has answered: the response clock runs again."""
    with change_incident("resume", number, body.by) as actions:
        actions.resume(body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/reassign", IncidentRow, ReassignBody)
def reassign(body: ReassignBody, number: int) -> OperationAnswer:
    """Assign the incident to another engineer, who is notified."""
    with change_incident("reassign", number, body.by) as actions:
        actions.reassign(body.to, body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/notes", IncidentRow, NoteBody)
def note(body: NoteBody, number: int) -> OperationAnswer:
    """Add a note to the timeline."""
    with change_incident("note", number, body.by) as actions:
        actions.note(body.words, make_id("memo"))
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/confirm", IncidentRow, ReasonBody)
def confirm(body: ReasonBody, number: int) -> OperationAnswer:
    """Confirm a signature request; the customer is notified."""
    with change_incident("confirm", number, body.by) as actions:
        actions.advance(RequestProgress.CONFIRMED, body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/release", IncidentRow, ReasonBody)
def release(body: ReasonBody, number: int) -> OperationAnswer:
    """Release the update of a signature request; everyone who asked for it is notified."""
    with change_incident("release", number, body.by) as actions:
        actions.advance(RequestProgress.RELEASED, body.reason)
    return OperationAnswer(find_row(number))


class MergeBody(ReasonBody):
    """The incident that goes on for both."""

    into: Annotated[int, BeforeValidator(read_whole_number)] = Field(
        ge=1, le=LARGEST_NUMBER, description="The number of the other incident."
    )


@section.post("/incidents/<int:number>/merge", IncidentRow, MergeBody)
def merge(body: MergeBody, number: int) -> OperationAnswer:
    """Merge this incident into another one of the same customer, which goes on for both. It cannot
    be undone. The answer is the incident that goes on."""
    with change_incident("merge", number, body.by) as actions:
        actions.merge(body.into, body.reason)
    return OperationAnswer(find_row(body.into))


@contextmanager
def change_incident(action: str, number: int, by: str) -> Iterator[IncidentActions]:
    """The actions on an incident in the name of a person, with an audit entry."""
    entry = build_entry(action).on("incident", str(number), after={"by": by})
    with audit_writes(entry):
        yield IncidentActions.of(current_services(), number, by, Via.API)


def build_entry(action: str) -> AuditEntry:
    """An audit entry of this program for an action on an incident."""
    now = current_call_service().clock()
    return AuditEntry(now, current_token().name, "api", f"incidents.{action}")


# Reports by a program: a portal, a reader of mail, a ticket system.


class SignatureBody(RequestBody):
    """What the customer reports of the virus recognition."""

    verdict: RecognitionFault = RecognitionFault.UNKNOWN
    databases: DatabaseAge = DatabaseAge.UNKNOWN


class Opening(LineQuery):
    """A report by a customer. Without `verified` the customer is not identified: the incident has
    no contract, and level 1 rings people no more often than unverified callers may."""

    urgency: Level = Field(description="1 rings people, at any hour.")
    source: Literal["portal", "email", "api"] = "api"
    contract: DigitString | None = None
    contact: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="The name in the contract. Default: the first current contact."
    )
    verified: bool = Field(False, description="The program has identified the customer.")
    phone: Phone | None = Field(
        None, description="The number to call the customer back; default: the contact's."
    )
    language: Language | None = Field(
        None, description="One of the line; default: the contact's, else the line's first."
    )
    words: Words | None = Field(None, description="The description: the customer's first message.")
    kind: IncidentKind = IncidentKind.INCIDENT
    request: SignatureBody | None = Field(None, description="Of a signature request.")
    subject: ShortText = ""
    products: ShortText = Field("", description="As the customer names them.")
    affected_since: ShortText = Field("", description="In the customer's words.")
    files: FileIds = Field((), description="Ids of `POST /files` uploads.")


@section.post("/incidents", IncidentRow, Opening, HTTPStatus.CREATED)
def open_(body: Opening) -> OperationAnswer:
    """Open an incident: level 1 rings people as a call does, the desk is notified of the others."""
    event = _build_event(body, find_line(body.line))
    entry = build_entry("open").on("incident", event.key, after={"source": body.source})
    with audit_writes(entry):
        opened = lodge_entered(current_services(), event).incident
    number = 0
    if opened is not None:
        number = opened.number
    return OperationAnswer(find_row(number), f"/incidents/{number}")


def _build_event(body: Opening, line: Line) -> Lodged:
    request = None
    if body.kind is IncidentKind.SIGNATURE_REQUEST:
        told = body.request or SignatureBody()
        request = SignatureRequest(told.verdict, told.databases)
    event = Lodged(
        key=make_id("incident"),
        line=line.id,
        source=IncidentSource(body.source),
        urgency=body.urgency,
        language=choose_language(line, body.language),
        entitlement=Entitlement.UNVERIFIED,
        phone=body.phone and normalise(body.phone, line.country),
        words=body.words or "",
        subject=body.subject,
        kind=body.kind,
        request=request,
        products=body.products,
        affected_since=body.affected_since,
        files=tuple(body.files),
    )
    if body.contract is None or not body.verified:
        return event
    services = current_services()
    return identify_customer(services, event, body.contract, body.contact, body.language)

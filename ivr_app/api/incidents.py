"""Incidents: the log, one incident and its timeline, actions, and reports by programs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field

from ivr_app.api import (
    ApiSection,
    DigitString,
    EmptyBody,
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
    TimelineBody,
    Words,
    conflict,
    current_token,
    find_line,
    idempotency_seed,
    not_found,
)
from ivr_app.context import current_call_service, current_services
from routing.call import Entitlement, Identity, RequestProgress
from routing.call_service import lodge
from routing.caller.identify import build_identity, find_contacts, find_entitlement
from routing.contracts import Contact, Contract
from routing.events import Lodged
from routing.incident import IncidentKind, IncidentSource, IncidentState
from routing.line import Line
from routing.message import DUTY_MANAGER, Via
from routing.names import name_key
from routing.oncall.local_time import wall
from routing.phone_numbers import normalise
from service.incident_actions import IncidentActions
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
    order: Order = Field("newest", description="Which incidents come first.")
    after: int | None = Field(
        None, ge=0, le=LARGEST_NUMBER, description="The `next` of the previous page."
    )
    limit: Limit = 50


@section.get("/incidents", IncidentList, IncidentQuery)
def incidents(query: IncidentQuery) -> OperationAnswer:
    """List incidents: all, or those of a line, a contract, a state, a source or a kind."""
    wanted = IncidentLogFilter(
        line=query.line,
        contract=query.contract,
        state=query.state,
        after=query.after,
        oldest_first=query.order == "oldest",
        limit=query.limit,
        source=query.source,
        kind=query.kind,
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
    with _change_incident("take", number, body.by) as actions:
        actions.take()
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/respond", IncidentRow, ReasonBody)
def respond(body: ReasonBody, number: int) -> OperationAnswer:
    """Record that the customer has a qualified answer: the response clock stops."""
    with _change_incident("respond", number, body.by) as actions:
        actions.respond(body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/close", IncidentRow, ReasonBody)
def close(body: ReasonBody, number: int) -> OperationAnswer:
    """Close the incident; only after a response."""
    with _change_incident("close", number, body.by) as actions:
        actions.close(body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/wait", IncidentRow, WaitBody)
def wait(body: WaitBody, number: int) -> OperationAnswer:
    """Record that the customer was asked for more: the response clock pauses."""
    with _change_incident("wait", number, body.by) as actions:
        actions.wait(body.what, body.reason, _new_note_id())
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/resume", IncidentRow, ReasonBody)
def resume(body: ReasonBody, number: int) -> OperationAnswer:
    """Record that the customer has answered: the response clock runs again."""
    with _change_incident("resume", number, body.by) as actions:
        actions.resume(body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/reassign", IncidentRow, ReassignBody)
def reassign(body: ReassignBody, number: int) -> OperationAnswer:
    """Assign the incident to another engineer, who is notified."""
    with _change_incident("reassign", number, body.by) as actions:
        actions.reassign(body.to, body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/notes", IncidentRow, NoteBody)
def note(body: NoteBody, number: int) -> OperationAnswer:
    """Add a note to the timeline."""
    with _change_incident("note", number, body.by) as actions:
        actions.note(body.words, _new_note_id())
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/confirm", IncidentRow, ReasonBody)
def confirm(body: ReasonBody, number: int) -> OperationAnswer:
    """Confirm a signature request; the customer is notified."""
    with _change_incident("confirm", number, body.by) as actions:
        actions.advance(RequestProgress.CONFIRMED, body.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/release", IncidentRow, ReasonBody)
def release(body: ReasonBody, number: int) -> OperationAnswer:
    """Release the update of a signature request; everyone who asked for it is notified."""
    with _change_incident("release", number, body.by) as actions:
        actions.advance(RequestProgress.RELEASED, body.reason)
    return OperationAnswer(find_row(number))


@contextmanager
def _change_incident(action: str, number: int, by: str) -> Iterator[IncidentActions]:
    """The actions on an incident in the name of a person, with an audit entry."""
    entry = AuditEntry(
        current_call_service().clock(),
        current_token().name,
        "api",
        f"incidents.{action}",
        "incident",
        str(number),
    )
    with audit_writes(replace(entry, after={"by": by})):
        yield IncidentActions.of(current_services(), number, by, Via.API)


def _new_note_id() -> str:
    return hashlib.sha256(f"memo {idempotency_seed()}".encode()).hexdigest()[:32]


# Reports by a program: a portal, a reader of mail, a ticket system.


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
    language: Literal["nl", "en"] | None = None
    words: Words | None = Field(None, description="The description: the customer's first message.")


@section.post("/incidents", IncidentRow, Opening, HTTPStatus.CREATED)
def open_(body: Opening) -> OperationAnswer:
    """Open an incident: level 1 rings people as a call does, the desk is notified of the others."""
    line, now = find_line(body.line), current_call_service().clock()
    entitlement, customer, contact = _identify_customer(body, line)
    event = Lodged(
        key=hashlib.sha256(f"incident {idempotency_seed()}".encode()).hexdigest()[:32],
        line=line.id,
        source=IncidentSource(body.source),
        urgency=body.urgency,
        language=_choose_language(body, line, contact),
        entitlement=entitlement,
        identity=customer,
        phone=body.phone and normalise(body.phone, line.country),
        words=body.words or "",
    )
    entry = AuditEntry(now, current_token().name, "api", "incidents.open", "incident")
    with audit_writes(entry.on("incident", event.key, after={"source": body.source})):
        opened = lodge(current_call_service(), event).incident
    number = 0
    if opened is not None:
        number = opened.number
    return OperationAnswer(find_row(number), f"/incidents/{number}")


def _identify_customer(
    body: Opening, line: Line
) -> tuple[Entitlement, Identity | None, Contact | None]:
    if body.contract is None or not body.verified:
        return Entitlement.UNVERIFIED, None, None
    contract = current_services().lines.find_contract(line.id, body.contract)
    if contract is None:
        raise conflict(f"There is no contract {body.contract} on line {line.id}.", "no_contract")
    contact = _find_contact(body, contract, line)
    entitlement = find_entitlement(contract, line, current_call_service().clock())
    return entitlement, build_identity(contract, contact, entitlement, line), contact


def _find_contact(body: Opening, contract: Contract, line: Line) -> Contact:
    today = wall(current_call_service().clock(), line.timezone).date()
    found = find_contacts(contract, today, body.phone)
    if body.contact is not None:
        wanted = name_key(body.contact)
        found = [contact for contact in found if name_key(contact.name) == wanted]
    if not found:
        raise conflict("No current contact of this contract has this name.", "no_contact")
    return found[0]


def _choose_language(body: Opening, line: Line, contact: Contact | None) -> str:
    """The language of the report, else of the contact, if the line speaks it; else the first."""
    wanted = body.language or (contact and contact.language)
    if wanted in line.languages:
        return wanted
    return line.languages[0]

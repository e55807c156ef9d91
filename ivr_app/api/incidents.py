"""Incidents: the log, one of them, and what happened to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from ivr_app.api import ADDRESS
from ivr_app.api.auth import current_token, idempotency_seed
from ivr_app.api.calls import Order
from ivr_app.api.openapi import ApiSection, EmptyBody, OperationAnswer, RequestBody
from ivr_app.api.problems import ProblemError, not_found
from ivr_app.api.schemas import (
    DigitString,
    Id,
    IncidentList,
    IncidentRow,
    Level,
    Limit,
    LineQuery,
    Phone,
    Reason,
    TimelineBody,
    Words,
    find_line,
)
from ivr_app.context import current_call_service, current_services
from routing.call import Entitlement as CallStanding
from routing.call import Identity, RequestProgress
from routing.call_service import open_reported
from routing.caller.identify import contacts_now, identity, standing
from routing.contracts import Contact, Contract
from routing.events import IncidentReported
from routing.incident import IncidentSource, IncidentState
from routing.line import Line
from routing.message import DUTY_MANAGER, Via
from routing.names import name_key
from routing.oncall.local_time import wall
from routing.phone_numbers import normalise
from service.incident_actions import IncidentActions
from store.log.cases import LARGEST_NUMBER
from store.log.pages import IncidentLogFilter, Reports, list_incidents
from store.log.rows import Row
from store.people.audit import AuditEntry, audited

section = ApiSection("incidents")


class IncidentQuery(RequestBody):
    """Which incidents, in which order, and after which number."""

    line: Id | None = None
    contract: DigitString | None = None
    state: IncidentState | None = None
    order: Order = Field("newest", description="What comes first.")
    after: int | None = Field(
        None, ge=0, le=LARGEST_NUMBER, description="The `next` of the one before."
    )
    limit: Limit = 50


@section.get("/incidents", IncidentList, IncidentQuery)
def incidents(asked: IncidentQuery) -> OperationAnswer:
    """Incidents of a line, of a contract, in a state, or all."""
    wanted = IncidentLogFilter(
        line=asked.line,
        contract=asked.contract,
        state=asked.state,
        after=asked.after,
        oldest_first=asked.order == "oldest",
        limit=asked.limit,
    )
    rows, following = list_incidents(current_services().engine, wanted)
    return OperationAnswer({"items": rows, "next": following})


@section.get("/incidents/<int:number>", IncidentRow)
def incident(_: EmptyBody, number: int) -> OperationAnswer:
    """One incident, by the number that people say."""
    return OperationAnswer(find_row(number))


@section.get("/incidents/<int:number>/timeline", TimelineBody)
def timeline(_: EmptyBody, number: int) -> OperationAnswer:
    """What happened to an incident, notes included, and why the line did what it did."""
    find_row(number)
    return OperationAnswer({"items": Reports(current_services().engine).show(str(number)) or []})


def find_row(number: int) -> Row:
    """The incident of this number as it stands; raises Refused."""
    found = Reports(current_services().engine).incident(number) if number <= LARGEST_NUMBER else []
    if not found:
        raise not_found("There is no incident with this number.")
    return found[0]


# What becomes of an incident, said by a program for somebody: refused as anybody would be.


class BySomebody(RequestBody):
    """Who says so."""

    by: Id = Field(DUTY_MANAGER, description="An engineer's id, or duty_manager.")


class Because(BySomebody):
    """Who says so, and why."""

    reason: Reason = Field("", description="Kept in the journal.")


class TakeBody(RequestBody):
    """Who takes it."""

    by: Id = Field(description="An engineer's id.")


class NoteBody(BySomebody):
    """What is written down."""

    words: Words


class WaitBody(Because):
    """What was asked of the customer."""

    what: Words


class ReassignBody(Because):
    """Who has it from now on."""

    to: Id = Field(description="An engineer's id.")


@section.post("/incidents/<int:number>/take", IncidentRow, TakeBody)
def take(said: TakeBody, number: int) -> OperationAnswer:
    """In this engineer's name; nobody else is called for it."""
    with _change_incident("take", number, said.by) as incident:
        incident.take()
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/respond", IncidentRow, Because)
def respond(said: Because, number: int) -> OperationAnswer:
    """The customer has a qualified answer: the response clock stops."""
    with _change_incident("respond", number, said.by) as incident:
        incident.respond(said.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/close", IncidentRow, Because)
def close(said: Because, number: int) -> OperationAnswer:
    """The matter is done with; only after a response."""
    with _change_incident("close", number, said.by) as incident:
        incident.close(said.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/wait", IncidentRow, WaitBody)
def wait(said: WaitBody, number: int) -> OperationAnswer:
    """More was asked of the customer: the clock is paused until it comes."""
    with _change_incident("wait", number, said.by) as incident:
        incident.wait(said.what, said.reason, _new_note_id())
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/resume", IncidentRow, Because)
def resume(said: Because, number: int) -> OperationAnswer:
    """What was asked for has come: the clock runs again."""
    with _change_incident("resume", number, said.by) as incident:
        incident.resume(said.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/reassign", IncidentRow, ReassignBody)
def reassign(said: ReassignBody, number: int) -> OperationAnswer:
    """In another engineer's name, who is told."""
    with _change_incident("reassign", number, said.by) as incident:
        incident.reassign(said.to, said.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/notes", IncidentRow, NoteBody)
def note(said: NoteBody, number: int) -> OperationAnswer:
    """Written down, to be read in the timeline."""
    with _change_incident("note", number, said.by) as incident:
        incident.note(said.words, _new_note_id())
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/confirm", IncidentRow, Because)
def confirm(said: Because, number: int) -> OperationAnswer:
    """A signature request: the customer is right, and is told so."""
    with _change_incident("confirm", number, said.by) as incident:
        incident.advance(RequestProgress.CONFIRMED, said.reason)
    return OperationAnswer(find_row(number))


@section.post("/incidents/<int:number>/release", IncidentRow, Because)
def release(said: Because, number: int) -> OperationAnswer:
    """A signature request: the update can be had; the customer and whoever asked are told."""
    with _change_incident("release", number, said.by) as incident:
        incident.advance(RequestProgress.RELEASED, said.reason)
    return OperationAnswer(find_row(number))


@contextmanager
def _change_incident(word: str, number: int, by: str) -> Iterator[IncidentActions]:
    """The incident as one engineer or the duty manager may change it; the audit log has it."""
    now = current_call_service().clock()
    deed = AuditEntry(
        now, current_token().name, "api", f"incidents.{word}", "incident", str(number)
    )
    with audited(replace(deed, after={"by": by})):
        yield IncidentActions.of(current_services(), number, by, Via.API)


def _new_note_id() -> str:
    return hashlib.sha256(f"memo {idempotency_seed()}".encode()).hexdigest()[:32]


# An incident is opened by a program: a portal, a reader of mail, a ticket system.


class Opening(LineQuery):
    """What a customer reports. Without `verified` nobody has proved who that is: such an incident
    has no contract, and level 1 rings people no more often than unverified callers may."""

    urgency: Level = Field(description="1 rings people, at any hour.")
    source: Literal["portal", "email", "api"] = "api"
    contract: DigitString | None = None
    contact: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="By name, as the contract has it. Default: the first who counts."
    )
    verified: bool = Field(False, description="The program has made sure of it, as a PIN does.")
    phone: Phone | None = Field(
        None, description="Where the customer is called back; default: the contact's."
    )
    language: Literal["nl", "en"] | None = None
    words: Words | None = Field(None, description="What it is about; kept as a note.")


@section.post("/incidents", IncidentRow, Opening, HTTPStatus.CREATED)
def open_(said: Opening) -> OperationAnswer:
    """Open an incident: level 1 is paged as that of a caller, the desk is told of the others."""
    line, now = find_line(said.line), current_call_service().clock()
    worth, who = _identify_customer(said, line)
    event = IncidentReported(
        key=hashlib.sha256(f"incident {idempotency_seed()}".encode()).hexdigest()[:32],
        line=line.id,
        source=IncidentSource(said.source),
        urgency=said.urgency,
        language=_choose_language(said, line, who),
        standing=worth,
        identity=who,
        phone=normalise(said.phone, line.country) if said.phone else None,
        words=said.words or "",
    )
    deed = AuditEntry(now, current_token().name, "api", "incidents.open", "incident")
    with audited(deed.on("incident", event.key, after={"source": said.source})):
        incident = open_reported(current_call_service(), event).incident
    number = incident.number if incident is not None else 0
    return OperationAnswer(find_row(number), f"{ADDRESS}/incidents/{number}")


def _identify_customer(said: Opening, line: Line) -> tuple[CallStanding, Identity | None]:
    if said.contract is None or not said.verified:
        return CallStanding.UNVERIFIED, None
    contract = current_services().lines.contract(line.id, said.contract)
    if contract is None:
        raise _conflict(f"There is no contract {said.contract} on line {line.id}.", "no_contract")
    worth = standing(contract, current_call_service().clock(), line.timezone)
    return worth, identity(contract, _find_contact(said, contract, line), worth)


def _find_contact(said: Opening, contract: Contract, line: Line) -> Contact:
    today = wall(current_call_service().clock(), line.timezone).date()
    counting = contacts_now(contract, today, said.phone)
    wanted = None if said.contact is None else name_key(said.contact)
    found = [one for one in counting if wanted in (None, name_key(one.name))]
    if not found:
        raise _conflict("No contact of this contract who counts has this name.", "no_contact")
    return found[0]


def _choose_language(said: Opening, line: Line, who: Identity | None) -> str:
    wanted = said.language
    if wanted is None and who is not None:
        contract = current_services().lines.contract(line.id, who.contract)
        known = {c.name: c.language for c in contract.contacts} if contract else {}
        wanted = known.get(who.contact)  # type: ignore[assignment]
    return wanted if wanted in line.languages else line.languages[0]


def _conflict(why: str, code: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, why, code)

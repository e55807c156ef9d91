"""A new incident by hand, for a customer who reaches a desk in another way than by the line."""

from __future__ import annotations

import secrets
from typing import Annotated

from flask import abort, flash, redirect, render_template, request, url_for
from pydantic import AfterValidator, Field

from config import fields
from ivr_app.console import ConsolePage, audit_entry, incidents, make_form_id, needs, require_line
from ivr_app.context import current_call_service, current_services
from ivr_app.web import (
    Form,
    Mistakes,
    PageResponse,
    language,
    read_as_file_field,
    read_form,
    t,
    translate_first,
)
from routing.call import DatabaseAge, Entitlement, RecognitionFault, SignatureRequest
from routing.caller.identify import find_contacts
from routing.contracts import Contact, Contract
from routing.events import Lodged
from routing.incident import IncidentKind, IncidentSource
from routing.line import Line
from routing.oncall.local_time import wall
from service.incident_actions import choose_language, identify_customer, lodge_entered
from service.refusals import LodgingRefusedError
from store.people.accounts import Role
from store.people.audit import audit_writes

page = ConsolePage("new_incident", __name__, Role.ENGINEER, path="/incidents/new")

WAYS = (IncidentSource.PHONE, IncidentSource.EMAIL, IncidentSource.PORTAL)
"""How somebody can have come; a program enters its own incidents."""

UNKNOWN = ""
"""The choice of a contact for a customer who is not identified."""

Phone = Annotated[
    str, AfterValidator(read_as_file_field(fields.contact_phone, "new_incident.wrong_phone"))
]


class NewIncidentForm(Form):
    """What is entered. ``key`` was made for the page, so that a second click opens none."""

    key: str = Field(pattern=r"^[0-9a-f]{32}$")
    source: IncidentSource
    urgency: int = Field(ge=1, le=4)
    contact: str = UNKNOWN
    name: str = Field("", max_length=200)
    phone: Phone | None = None
    language: str = ""
    kind: IncidentKind = IncidentKind.INCIDENT
    verdict: RecognitionFault = RecognitionFault.UNKNOWN
    databases: DatabaseAge = DatabaseAge.UNKNOWN
    subject: str = Field("", max_length=200)
    words: str = Field(max_length=10_000)
    products: str = Field("", max_length=200)
    affected_since: str = Field("", max_length=200)


@page.get("/")
@needs(Role.ENGINEER)
def show() -> str:
    """Ask for the contract; then show the form, with the contacts of that contract."""
    return _render({})


@page.post("/")
@needs(Role.ENGINEER)
def save() -> PageResponse:
    """Open the incident: level 1 rings people, and the desk is told of the others."""
    line, person = require_line(), incidents.find_acting_person(require_line())
    if person is None:
        flash(t("incidents.nobody"), "bad")
        return redirect(url_for("incidents.show"))
    form, mistakes = read_form(NewIncidentForm)
    if form is None:
        return _render(mistakes), 422
    try:
        event = _build_event(form, line, person)
    except LodgingRefusedError as refused:
        return _render({"contact": refused.reason.render(language(), line.timezone)}), 409
    entry = audit_entry("incidents.open").on("incident", event.key, None, {"source": form.source})
    with audit_writes(entry):
        opened = lodge_entered(current_services(), event).incident
    if opened is None:
        abort(404)
    number = opened.number
    flash(t("new_incident.opened", number=number), "good")
    return redirect(url_for("incidents.one", number=number))


def _build_event(form: NewIncidentForm, line: Line, person: str) -> Lodged:
    """The matter as it was entered. Raises LodgingRefusedError."""
    request_ = None
    if form.kind is IncidentKind.SIGNATURE_REQUEST:
        request_ = SignatureRequest(form.verdict, form.databases)
    event = Lodged(
        key=make_form_id(form.key),
        line=line.id,
        source=form.source,
        urgency=form.urgency,
        language=choose_language(line, form.language),
        entitlement=Entitlement.UNVERIFIED,
        phone=form.phone,
        words=form.words,
        by=form.name,
        subject=form.subject,
        kind=form.kind,
        request=request_,
        products=form.products,
        affected_since=form.affected_since,
        entered_by=person,
    )
    contract = _read_contract()
    if contract is None or form.contact == UNKNOWN:
        return event
    return identify_customer(current_services(), event, contract, form.contact, form.language)


def _read_contract() -> str | None:
    return request.values.get("contract", "").strip() or None


def _render(mistakes: Mistakes) -> str:
    line, number = require_line(), _read_contract()
    contract = None
    if number is not None:
        contract = current_services().lines.find_contract(line.id, number)
    return render_template(
        "new_incident/show.html",
        tongues=[(code, translate_first(f"web.tongue.{code}") or code) for code in line.languages],
        number=number,
        contract=contract,
        contacts=_list_contacts(line, contract),
        key=request.form.get("key") or secrets.token_hex(16),
        sources=WAYS,
        kinds=list(IncidentKind),
        verdicts=list(RecognitionFault),
        ages=list(DatabaseAge),
        mistakes=mistakes,
    )


def _list_contacts(line: Line, contract: Contract | None) -> list[Contact]:
    if contract is None:
        return []
    today = wall(current_call_service().clock(), line.timezone).date()
    return list(find_contacts(contract, today, None))

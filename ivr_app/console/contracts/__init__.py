"""Contracts: search, one contract, and adding, changing and ending it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for

from config.checks import count_excess_contacts
from ivr_app.console import ConsolePage, audit_entry, current_line, needs, require_line
from ivr_app.console.contracts import forms
from ivr_app.context import current_call_service, current_services
from ivr_app.web import Mistakes, PageResponse, contract_forms, read_form, t
from routing.caller.identify import find_contacts
from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    Contact,
    Contract,
    ContractChange,
    ContractOrigin,
    ValueKind,
)
from routing.contracts.plans import Plan
from routing.incident import Incident
from routing.line import Line
from routing.oncall.local_time import wall
from service.premium import PremiumYear, list_contract_years
from store.log.call_search import CallFilter, Numbered, search_calls
from store.log.premium import list_counted_incidents
from store.log.reports import IncidentLogFilter, find_incidents
from store.people.accounts import Role
from store.people.audit import AuditLog, RecordedAudit
from store.people.contract_search import ContractPage, Place, search_contracts
from store.people.contract_store import ContractStore, StaleError, StoredContract

page = ConsolePage("contracts", __name__, Role.VIEWER, place=50)


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """List the contracts that match the search in the address."""
    wanted, after = forms.open_search(request.args.get("sought"))
    return _render_list(wanted, after, {})


@page.post("/find")
@needs(Role.VIEWER)
def find() -> PageResponse:
    """Search contracts. The search is posted and then encrypted into the address, because it may
    contain a name or a phone number. A complete contract number leads to its page."""
    wanted, mistakes = read_form(forms.ContractSearchForm)
    if wanted is None:
        return _render_list(forms.ContractSearchForm(), None, mistakes), 422
    if wanted.has_only("number") and find_stored_contract(wanted.number) is not None:
        return redirect(url_for("contracts.one", number=wanted.number))
    return redirect(url_for("contracts.show", sought=forms.seal_search(wanted)))


@page.get("/<number>")
@needs(Role.VIEWER)
def one(number: str) -> str:
    """Show one contract: its contacts, its premium incidents and its history."""
    detail = find_contract_detail(find_stored_contract(number) or abort(404))
    return render_template("contracts/one.html", detail=detail)


@page.get("/add")
@needs(Role.MANAGER)
def add() -> str:
    """Show the form of a new contract."""
    return _render_form(None, contract_forms.list_inputs(forms.ADDED_FIELDS, None, Contract), {})


@page.post("/add")
@needs(Role.MANAGER)
def save_new() -> PageResponse:
    """Add a contract."""
    form, mistakes = read_form(forms.NewContractForm)
    if form is None:
        return _render_form(None, request.form, mistakes), 422
    after = form.apply_to(Contract("", "", ""))
    mistakes = forms.validate(after)
    if mistakes:
        return _render_form(None, request.form, mistakes), 422
    if not save_change(ContractChange(None, after), "contracts.add"):
        taken = {"number": t("contracts.there_already", number=after.number)}
        return _render_form(None, request.form, taken), 409
    flash(t("contracts.added", number=after.number), "good")
    return redirect(url_for("contracts.one", number=after.number))


@page.get("/<number>/change")
@needs(Role.MANAGER)
def change(number: str) -> str:
    """Show the form of a contract."""
    stored = require_editable_contract(number)
    return _render_form(stored, _list_inputs(stored), {})


@page.post("/<number>/change")
@needs(Role.MANAGER)
def save_changed(number: str) -> PageResponse:
    """Change a contract, unless somebody else changed it since it was shown."""
    return _save_form(number, forms.ContractForm, "contracts.change")


@page.post("/<number>/end")
@needs(Role.MANAGER)
def end(number: str) -> PageResponse:
    """Set the last day of a contract. Its history stays."""
    return _save_form(number, forms.EndContractForm, "contracts.end")


def _save_form(number: str, kind: type[contract_forms.ValuesForm], action: str) -> PageResponse:
    stored = require_editable_contract(number)
    given = _list_inputs(stored) | request.form.to_dict()
    form, mistakes = read_form(kind)
    if form is None:
        return _render_form(stored, given, mistakes), 422
    after = form.apply_to(stored.contract)
    mistakes = forms.validate(after)
    if mistakes:
        return _render_form(stored, given, mistakes), 422
    change = ContractChange(stored.contract, after)
    if form.mark != stored.mark or not save_change(change, action):
        return _render_form(require_editable_contract(number), given, {}, stale=True), 409
    flash(t("contracts.saved"), "good")
    return redirect(url_for("contracts.one", number=number))


def _list_inputs(stored: StoredContract) -> dict[str, str]:
    return contract_forms.list_inputs(forms.CHANGED_FIELDS, stored.contract, Contract)


def _render_form(
    stored: StoredContract | None,
    given: Mapping[str, str],
    mistakes: Mistakes,
    *,
    stale: bool = False,
) -> str:
    """Render the form; after somebody else's change (``stale``) with the values stored now."""
    others, fields = [], forms.ADDED_FIELDS
    if stored is not None:
        fields = forms.CHANGED_FIELDS
    if stored is not None and stale:
        others = contract_forms.find_other_values("contracts", given, _list_inputs(stored))
    return render_template(
        "contracts/form.html",
        stored=stored,
        inputs=contract_forms.build_inputs("contracts", fields, given),
        given=given,
        mistakes=mistakes,
        stale=stale,
        others=others,
    )


def _render_list(wanted: forms.ContractSearchForm, after: Place | None, mistakes: Mistakes) -> str:
    line, found, today, further = current_line(), ContractPage(()), None, None
    given: Mapping[str, str] = wanted.model_dump()
    if mistakes:
        given = request.form
    if line is not None:
        today = wall(current_call_service().clock(), line.timezone).date()
    if line is not None and not mistakes:
        found = search_contracts(current_services().engine, forms.build_filter(wanted, line), after)
    if found.further is not None:
        further = forms.seal_search(wanted, found.further)
    return render_template(
        "contracts/show.html",
        given=given,
        found=found,
        mistakes=mistakes,
        further=further,
        plans=forms.list_plan_choices(),
        validities=[(one, t(f"contracts.validity.{one or 'any'}")) for one in forms.VALIDITIES],
        today=today,
    )


# The contracts of the line of this page: read, and changed with an audit entry.


def open_contracts() -> ContractStore:
    """The contracts of the line of this page."""
    return ContractStore(current_services().engine, require_line().id, ContractOrigin.CONSOLE)


def find_stored_contract(number: str) -> StoredContract | None:
    """The contract with this number, or None."""
    return open_contracts().read(number)


def require_editable_contract(number: str) -> StoredContract:
    """The contract with this number; 404 also for one of line.yaml, which is changed there."""
    stored = find_stored_contract(number)
    if stored is None or stored.of_the_file:
        abort(404)
    return stored


def save_change(change: ContractChange, action: str) -> bool:
    """Save the change with its audit entry; False if somebody else changed the contract since."""
    if change.before == change.after:
        return True
    try:
        open_contracts().put([change], audit_entry(action))
    except StaleError:
        return False
    return True


# One contract with everything that is known of it.


RECENT = 10
"""Calls, incidents and changes that the page of a contract shows."""

_IN_HEADING = ("number", "customer", "premium_incidents")
_ON_THEIR_OWN = ("name", "phones", "ends")
"""Fields that the page shows in places of their own; it lists all others."""


@dataclass(frozen=True, slots=True)
class ContractDetail:
    """Everything that is known of a contract. ``year`` is the current contract year, ``counted``
    are its premium incidents, ``crowded`` is a sentence if it has too many contacts."""

    line: Line
    stored: StoredContract
    today: dt.date
    year: PremiumYear
    counted: Sequence[Incident]
    calls: Sequence[Numbered]
    incidents: Sequence[Incident]
    changes: Sequence[RecordedAudit]
    crowded: str | None

    @property
    def contract(self) -> Contract:
        """The contract itself."""
        return self.stored.contract

    @property
    def plan(self) -> Plan:
        """The plan of the contract."""
        return self.line.plan(self.contract.plan)

    @property
    def current_contacts(self) -> Sequence[Contact]:
        """The contacts who may call today."""
        return find_contacts(self.contract, self.today, None)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Label and value of each field that is listed."""
        return [
            (
                t(f"contracts.field.{each.name}"),
                forms.describe_value(each.kind, getattr(self.contract, each.name)),
            )
            for each in CONTRACT_FIELDS
            if each.name not in _IN_HEADING
        ]

    def describe_contact(self, contact: Contact) -> str:
        """The listed values of a contact on one line; empty ones are left out."""
        listed = [e for e in CONTACT_FIELDS if not e.secret and e.name not in _ON_THEIR_OWN]
        parts = []
        for each in listed:
            value, label = getattr(contact, each.name), t(f"contacts.field.{each.name}")
            if each.kind is ValueKind.LANGUAGE:
                parts.append(value or self.line.languages[0])
            elif value is True:
                parts.append(label)
            elif each.kind is ValueKind.EMAIL and value:
                parts.append(value)
            elif value:
                parts.append(f"{label}: {forms.describe_value(each.kind, value)}")
        return " · ".join(parts)


def find_contract_detail(stored: StoredContract) -> ContractDetail:
    """Read everything that is known of this contract."""
    line, services, contract = require_line(), current_services(), stored.contract
    now, engine = current_call_service().clock(), services.engine
    today = wall(now, line.timezone).date()
    _, year = list_contract_years(services, line, contract, now)
    incidents, _ = find_incidents(engine, IncidentLogFilter(line.id, contract.number, limit=RECENT))
    return ContractDetail(
        line,
        stored,
        today,
        year,
        list_counted_incidents(engine, line.id, contract.number, year.begins),
        search_calls(engine, CallFilter(line.id, contracts=(contract.number,)), size=RECENT).calls,
        incidents,
        AuditLog(engine).page(thing=("contract", f"{line.id}/{contract.number}"), size=RECENT),
        count_excess_contacts(contract, line, today),
    )

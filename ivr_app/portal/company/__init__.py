"""My company: the contract, its premium incidents and contacts, and for an administrator of the
contract the changes of its contacts, each with an entry in the audit log.

A contract of line.yaml is changed there only. Addresses hold no names: a contact is the hash that
``PortalProofs.hash_contact`` gives.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import abort, flash, redirect, render_template, request, url_for

from ivr_app.context import current_call_service, current_services
from ivr_app.portal import (
    PortalContact,
    PortalPage,
    current_contact,
    for_admins,
    for_contacts,
    open_portal_sessions,
)
from ivr_app.web import Mistakes, PageResponse, read_form, t
from ivr_app.web.contract_forms import (
    PERSON_FIELDS,
    ContactSlot,
    MarkedForm,
    build_inputs,
    find_other_values,
    list_inputs,
    read_contact_form,
)
from routing.caller.identify import find_contacts
from routing.contracts import Contact, ContractChange, ContractOrigin, contract_year
from routing.contracts.plans import Plan
from routing.oncall.local_time import wall
from service.contract_import import replace_pin
from service.portal import PortalAccount
from service.premium import PremiumYear, list_contract_years
from store.people.audit import AuditEntry, AuditLog, Way
from store.people.contract_store import ContractStore, StaleError, StoredContract

page = PortalPage("company", __name__, place=50)

RECENT = 20
"""Changes that an administrator sees."""
OURS: Way = "portal"
"""The way of changes that contacts make. Nobody else who made one is named to them."""


@page.get("/")
@for_contacts
def show() -> str:
    """Show the contract of the contact."""
    return render_template("company/show.html", company=Company.of(current_contact()))


@page.get("/contacts/add")
@for_admins
def add() -> str:
    """Show the form of a new contact."""
    slot = ContactSlot(_require_editable())
    return _render_form(slot, _list_inputs(slot), {})


@page.post("/contacts/add")
@for_admins
def save_new() -> PageResponse:
    """Add a contact, and show the PIN that was made for them."""
    slot = ContactSlot(_require_editable())
    form, mistakes = read_contact_form(slot)
    if form is None or mistakes:
        return _render_form(slot, request.form, mistakes), 422
    contact, pin = _replace_pin(slot, form.apply_to(Contact("", (), "")))
    change = slot.put(contact)
    if mistakes := _find_mistakes(slot, change):
        return _render_form(slot, request.form, mistakes), 422
    if form.mark != slot.stored.mark or not _save(change, "contacts.add"):
        return _render_form(ContactSlot(_require_editable()), request.form, {}, stale=True), 409
    return render_template("company/pin.html", contact=contact, pin=pin)


@page.get("/contacts/<contact>")
@for_admins
def change(contact: str) -> str:
    """Show the form of a contact."""
    slot = _require_slot(contact)
    return _render_form(slot, _list_inputs(slot), {})


@page.post("/contacts/<contact>")
@for_admins
def save_changed(contact: str) -> PageResponse:
    """Change a contact, unless somebody else changed the contract since it was shown."""
    slot = _require_slot(contact)
    form, mistakes = read_contact_form(slot)
    if form is None or slot.contact is None or mistakes:
        return _render_form(slot, request.form, mistakes), 422
    changed = slot.put(form.apply_to(slot.contact))
    if mistakes := _find_mistakes(slot, changed):
        return _render_form(slot, request.form, mistakes), 422
    if form.mark != slot.stored.mark or not _save(changed, "contacts.change"):
        return _render_form(_require_slot(contact), request.form, {}, stale=True), 409
    flash(t("portal.company.saved"), "good")
    return redirect(url_for("company.show"))


@page.post("/contacts/<contact>/end")
@for_admins
def end(contact: str) -> PageResponse:
    """End a contact: from now on they can neither call nor sign in. What they did stays."""
    slot = _require_slot(contact)
    if slot.contact is None or _is_oneself(slot.contact):
        return _refuse("portal.company.not_oneself")
    yesterday = _today() - dt.timedelta(days=1)
    ended = slot.put(replace(slot.contact, ends=yesterday, admin=False))
    if not _is_marked(slot) or not _save(ended, "contacts.end"):
        return _refuse("portal.company.changed")
    flash(t("portal.company.ended"), "good")
    return redirect(url_for("company.show"))


@page.get("/contacts/<contact>/pin")
@for_admins
def leave_pin(contact: str) -> PageResponse:
    """Lead back: no PIN is shown twice."""
    _require_slot(contact)
    return redirect(url_for("company.show"))


@page.post("/contacts/<contact>/pin")
@for_admins
def new_pin(contact: str) -> PageResponse:
    """Make a new PIN and show it once. The old PIN stops working."""
    slot = _require_slot(contact)
    if slot.contact is None or not _is_marked(slot):
        return _refuse("portal.company.changed")
    person, pin = _replace_pin(slot, slot.contact)
    if not _save(slot.put(person), "contacts.pin"):
        return _refuse("portal.company.changed")
    return render_template("company/pin.html", contact=person, pin=pin)


# What a contact sees of the contract.


@dataclass(frozen=True, slots=True)
class SeenChange:
    """A change of the contract. ``who`` is the contact who made it, or None for one of ours."""

    at: dt.datetime
    action: str
    who: str | None


@dataclass(frozen=True, slots=True)
class Company:
    """The contract as its contact sees it."""

    person: PortalContact
    stored: StoredContract
    today: dt.date
    year: PremiumYear
    places: int
    changes: Sequence[SeenChange]

    @classmethod
    def of(cls, person: PortalContact) -> Company:
        """Read everything that the page shows."""
        services, now = current_services(), current_call_service().clock()
        stored = _open_contracts(person).read(person.contract.number) or abort(404)
        _, year = list_contract_years(services, person.line, person.contract, now)
        changes: list[SeenChange] = []
        if person.admin:
            changes = _list_changes(person)
        places = open_portal_sessions().places(person.owner, now)
        return cls(person, stored, _today(), year, places, changes)

    @property
    def plan(self) -> Plan:
        """The plan of the contract."""
        return self.person.line.plan(self.person.contract.plan)

    @property
    def year_ends(self) -> dt.date:
        """The last day of the contract year."""
        next_year = self.year.begins + dt.timedelta(days=366)
        begins = contract_year(self.stored.contract.valid_from, next_year)
        return begins - dt.timedelta(days=1)

    @property
    def provider(self) -> str | None:
        """The OpenID provider with which contacts can sign in, if the line knows it."""
        known = {one.id for one in self.person.line.openid}
        if self.stored.contract.openid in known:
            return self.stored.contract.openid
        return None

    @property
    def is_editable(self) -> bool:
        """True if this contact may change the contacts here."""
        return self.person.admin and not self.stored.of_the_file

    @property
    def current_contacts(self) -> Sequence[Contact]:
        """The contacts who may call today."""
        return find_contacts(self.stored.contract, self.today, None)

    def name_in_addresses(self, contact: Contact) -> str:
        """The name of a contact in an address."""
        account = PortalAccount(self.person.line, self.stored.contract, contact)
        return current_services().portal.proofs.hash_contact(account)


def _list_changes(person: PortalContact) -> list[SeenChange]:
    thing = ("contract", f"{person.line.id}/{person.contract.number}")
    seen = []
    for recorded in AuditLog(current_services().engine).page(thing=thing, size=RECENT):
        who = None
        if recorded.entry.way == OURS:
            who = recorded.entry.who
        seen.append(SeenChange(recorded.entry.at, recorded.entry.action, who))
    return seen


# Changes.


def _open_contracts(person: PortalContact) -> ContractStore:
    return ContractStore(current_services().engine, person.line.id, ContractOrigin.CONSOLE)


def _require_editable() -> StoredContract:
    """The contract of the contact; 404 for one of line.yaml, which is changed there."""
    person = current_contact()
    stored = _open_contracts(person).read(person.contract.number)
    if stored is None or stored.of_the_file:
        abort(404)
    return stored


def _require_slot(name: str) -> ContactSlot:
    """The place of a contact of the own contract; 404 for anybody else."""
    person, stored = current_contact(), _require_editable()
    proofs = current_services().portal.proofs
    names = [
        proofs.hash_contact(PortalAccount(person.line, stored.contract, contact))
        for contact in stored.contract.contacts
    ]
    if name not in names:
        abort(404)
    return ContactSlot(stored, names.index(name))


def _find_mistakes(slot: ContactSlot, change: ContractChange) -> Mistakes:
    """Mistakes that only the contracts show: an address of another one, more contacts than the
    plan includes, and an administrator who would lock themselves out."""
    person, today = current_contact(), _today()
    taken = _find_taken(slot, change)
    if taken:
        return taken
    limit = person.line.plan(person.contract.plan).named_contacts
    before = len(find_contacts(slot.contract, today, None))
    after = find_contacts(change.after, today, None)
    if limit is not None and len(after) > max(limit, before):
        return {"name": t("portal.company.full", limit=limit)}
    if slot.contact is None or slot.position is None or not _is_oneself(slot.contact):
        return {}
    changed = change.after.contacts[slot.position]
    if changed not in after or not changed.admin:
        return {"name": t("portal.company.not_oneself")}
    return {}


def _find_taken(slot: ContactSlot, change: ContractChange) -> Mistakes:
    """A mistake for each new address that another contract has. Nobody proves an address here, so
    none may bring the mails and calls of another company to this one."""
    known = {address for each in slot.contract.contacts for address in _list_addresses(each)}
    taken: dict[str, str] = {}
    for contact in change.after.contacts:
        for address in _list_addresses(contact):
            if address not in known and _is_of_another(address):
                field = "email" if "@" in address else "phones"
                taken[field] = t(f"portal.company.not_possible.{field}")
    return taken


def _list_addresses(contact: Contact) -> list[str]:
    mail = [contact.email.lower()] if contact.email else []
    return [*contact.phones, *mail]


def _is_of_another(address: str) -> bool:
    """Return True if a contract other than that of this contact has a mail address or phone."""
    person, services = current_contact(), current_services()
    own = (person.line.id, person.contract.number)
    return any(
        (line.id, found.number) != own
        for line in services.lines.list_lines()
        for found in services.portal.find_contracts(line.id, address)
    )


def _is_oneself(contact: Contact) -> bool:
    return contact.name == current_contact().name


def _is_marked(slot: ContactSlot) -> bool:
    """Return True if the form was made for the contract as it is now."""
    form, _ = read_form(MarkedForm)
    return form is not None and form.mark == slot.stored.mark


def _save(change: ContractChange, action: str) -> bool:
    """Save a change with an audit entry of this contact; False if somebody else changed the
    contract since it was shown."""
    if change.before == change.after:
        return True
    person, now = current_contact(), current_call_service().clock()
    try:
        _open_contracts(person).put([change], AuditEntry(now, person.name, OURS, action))
    except StaleError:
        return False
    return True


def _replace_pin(slot: ContactSlot, contact: Contact) -> tuple[Contact, str]:
    pepper = current_services().settings.pin_pepper
    return replace_pin(contact, slot.contract, current_contact().line, pepper)


def _refuse(words: str) -> PageResponse:
    flash(t(words), "bad")
    return redirect(url_for("company.show"))


def _today() -> dt.date:
    return wall(current_call_service().clock(), current_contact().line.timezone).date()


def _list_inputs(slot: ContactSlot) -> dict[str, str]:
    return list_inputs(PERSON_FIELDS, slot.contact, Contact)


def _render_form(
    slot: ContactSlot, given: Mapping[str, str], mistakes: Mistakes, *, stale: bool = False
) -> str:
    """Render the form; after somebody else's change (``stale``) with the values stored now."""
    others = []
    if stale and slot.contact is not None:
        others = find_other_values("contacts", given, _list_inputs(slot))
    return render_template(
        "company/contact.html",
        slot=slot,
        action=request.path,
        inputs=build_inputs("contacts", PERSON_FIELDS, given),
        given=given,
        mistakes=mistakes,
        stale=stale,
        others=others,
    )

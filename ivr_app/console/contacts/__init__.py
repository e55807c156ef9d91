"""The contacts of a contract: added, changed, and given a new PIN that is shown once."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr_app.console import ConsolePage, needs, require_line
from ivr_app.console.contracts import require_editable_contract, save_change
from ivr_app.context import current_services
from ivr_app.web import Mistakes, PageResponse, contract_forms, read_form, t
from ivr_app.web.contract_forms import ContactSlot
from routing.contracts import Contact
from service.contract_import import replace_pin
from store.people.accounts import Role

page = ConsolePage("contacts", __name__, Role.MANAGER, path="/contracts/<number>/contacts")


@page.get("/add")
@needs(Role.MANAGER)
def add(number: str) -> str:
    """Show the form of a new contact."""
    slot = ContactSlot(require_editable_contract(number))
    return _render_form(slot, _list_inputs(slot), {})


@page.post("/add")
@needs(Role.MANAGER)
def save_new(number: str) -> PageResponse:
    """Add a contact, and show the PIN that was made for them."""
    slot = ContactSlot(require_editable_contract(number))
    form, mistakes = contract_forms.read_contact_form(slot)
    if form is None or mistakes:
        return _render_form(slot, request.form, mistakes), 422
    contact, pin = _replace_pin(slot, form.apply_to(Contact("", (), "")))
    if form.mark != slot.stored.mark or not save_change(slot.put(contact), "contacts.add"):
        slot = ContactSlot(require_editable_contract(number))
        return _render_form(slot, request.form, {}, stale=True), 409
    return _render_pin(slot, contact, pin)


@page.get("/<int:position>")
@needs(Role.MANAGER)
def change(number: str, position: int) -> str:
    """Show the form of a contact."""
    slot = _require_contact(number, position)
    return _render_form(slot, _list_inputs(slot), {})


@page.post("/<int:position>")
@needs(Role.MANAGER)
def save_changed(number: str, position: int) -> PageResponse:
    """Change a contact, unless somebody else changed the contract since it was shown."""
    slot = _require_contact(number, position)
    form, mistakes = contract_forms.read_contact_form(slot)
    if form is None or slot.contact is None or mistakes:
        return _render_form(slot, request.form, mistakes), 422
    change = slot.put(form.apply_to(slot.contact))
    if form.mark != slot.stored.mark or not save_change(change, "contacts.change"):
        return _render_form(_require_contact(number, position), request.form, {}, stale=True), 409
    flash(t("contacts.saved"), "good")
    return redirect(url_for("contracts.one", number=number))


@page.get("/<int:position>/pin")
@needs(Role.MANAGER)
def leave_pin(number: str, position: int) -> Response:
    """Lead back to the contract: no PIN is shown twice."""
    return redirect(url_for("contracts.one", number=number))


@page.post("/<int:position>/pin")
@needs(Role.MANAGER)
def new_pin(number: str, position: int) -> PageResponse:
    """Make a new PIN and show it once. The old PIN stops working."""
    slot = _require_contact(number, position)
    form, _ = read_form(contract_forms.MarkedForm)
    if slot.contact is None or form is None or form.mark != slot.stored.mark:
        return _refuse_pin(number)
    contact, pin = _replace_pin(slot, slot.contact)
    if not save_change(slot.put(contact), "contacts.pin"):
        return _refuse_pin(number)
    return _render_pin(slot, contact, pin)


def _require_contact(number: str, position: int) -> ContactSlot:
    slot = ContactSlot(require_editable_contract(number), position)
    if slot.contact is None:
        abort(404)
    return slot


def _replace_pin(slot: ContactSlot, contact: Contact) -> tuple[Contact, str]:
    pepper = current_services().settings.pin_pepper
    return replace_pin(contact, slot.contract, require_line(), pepper)


def _render_pin(slot: ContactSlot, contact: Contact, pin: str) -> str:
    """Render the PIN. The form cannot be sent again: its mark is of the contract before."""
    return render_template("contacts/pin.html", slot=slot, contact=contact, pin=pin)


def _refuse_pin(number: str) -> Response:
    flash(t("contacts.no_pin"), "bad")
    return redirect(url_for("contracts.one", number=number))


def _list_inputs(slot: ContactSlot) -> dict[str, str]:
    return contract_forms.list_inputs(contract_forms.PERSON_FIELDS, slot.contact, Contact)


def _render_form(
    slot: ContactSlot,
    given: Mapping[str, str],
    mistakes: Mistakes,
    *,
    stale: bool = False,
) -> str:
    """Render the form; after somebody else's change (``stale``) with the values stored now."""
    others = []
    if stale and slot.contact is not None:
        others = contract_forms.find_other_values("contacts", given, _list_inputs(slot))
    return render_template(
        "contacts/form.html",
        slot=slot,
        inputs=contract_forms.build_inputs("contacts", contract_forms.PERSON_FIELDS, given),
        given=given,
        mistakes=mistakes,
        stale=stale,
        others=others,
    )

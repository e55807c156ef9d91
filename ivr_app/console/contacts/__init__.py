"""The contacts of a contract: added, changed, and given a new PIN that is shown once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from flask import abort, flash, redirect, render_template, request, url_for
from pydantic import BeforeValidator
from werkzeug.wrappers import Response as Answer

from config import fields
from ivr_app.console.contracts import require_editable_contract, save_change
from ivr_app.console.contracts.forms import changed_fields
from ivr_app.console.forms import Form, Mistakes, read_as_file_field, read_form
from ivr_app.console.page import ConsolePage, needs
from ivr_app.console.session import current_line
from ivr_app.console.templating import first_translation, t
from ivr_app.context import current_services
from routing.contracts import Contact, Contract
from routing.names import name_key
from routing.phone_numbers import legible
from service.contract_import import generate_pin
from store.people.accounts import Role
from store.people.contract_store import StoredContract
from store.people.hashing import Argon2PinVerifier
from store.people.import_preview import ContractChange

# The form of a contact, read as the file of rows is read.


_number = read_as_file_field(fields.contact_phone, "contacts.no_phone")


def _parse_phones(text: str) -> str:
    """Telephones as they are typed, one a line or with commas or semicolons between them."""
    typed = [part.strip() for part in re.split(r"[;,\n]", text) if part.strip()]
    if not typed:
        raise ValueError("contacts.no_phone")
    return ";".join(dict.fromkeys(_number(part) for part in typed))


class MarkedForm(Form):
    """``mark`` tells which contract was shown."""

    mark: str = ""


class ContactForm(MarkedForm):
    """A contact as somebody wants them."""

    name: Annotated[str, BeforeValidator(read_as_file_field(fields.name, "contacts.no_name"))]
    phones: Annotated[str, BeforeValidator(_parse_phones)]
    language: (
        Annotated[str, BeforeValidator(read_as_file_field(fields.language, "contacts.no_language"))]
        | None
    ) = None
    email: (
        Annotated[str, BeforeValidator(read_as_file_field(fields.email, "contacts.no_email"))]
        | None
    ) = None
    ends: (
        Annotated[dt.date, BeforeValidator(read_as_file_field(fields.date, "contacts.no_day"))]
        | None
    ) = None
    hears_of_releases: bool = False

    def over(self, contact: Contact) -> Contact:
        """The contact with all of this; the PIN stays."""
        said = self.model_dump(exclude={"mark", "phones"})
        return replace(contact, **said, phones=tuple(self.phones.split(";")))


def initial_values(contact: Contact | None) -> dict[str, str]:
    """What stands in the fields at first."""
    if contact is None:
        return {}
    return {
        "name": contact.name,
        "phones": "\n".join(map(legible, contact.phones)),
        "language": contact.language or "",
        "email": contact.email or "",
        "ends": contact.ends.isoformat() if contact.ends else "",
        "hears_of_releases": "true" if contact.hears_of_releases else "",
    }


# One place among the contacts of a contract: somebody's, or that of somebody to come.


@dataclass(frozen=True, slots=True)
class ContactSeat:
    """``place`` counts from 0, so that no address names anybody; None for a new contact."""

    kept: StoredContract
    place: int | None = None

    @property
    def contract(self) -> Contract:
        """The contract as it is kept."""
        return self.kept.contract

    @property
    def contact(self) -> Contact | None:
        """Whoever has this place."""
        known = self.contract.contacts
        return known[self.place] if self.place is not None and self.place < len(known) else None

    @property
    def others(self) -> list[Contact]:
        """Everybody else."""
        return [c for place, c in enumerate(self.contract.contacts) if place != self.place]

    def change(self, contact: Contact) -> ContractChange:
        """The contract with this contact in the place."""
        people = self.contract.contacts
        at = len(people) if self.place is None else self.place
        after = (*people[:at], contact, *people[at + 1 :])
        return ContractChange(self.contract, replace(self.contract, contacts=after))


page = ConsolePage("contacts", __name__, Role.MANAGER, path="/contracts/<number>/contacts")

Shown = str | Answer | tuple[str, int]


@page.get("/add")
@needs(Role.MANAGER)
def add(number: str) -> str:
    """Ask for somebody who may call on a contract."""
    return _render_form(ContactSeat(require_editable_contract(number)), initial_values(None), {})


@page.post("/add")
@needs(Role.MANAGER)
def added(number: str) -> Shown:
    """Take a new contact, and show the PIN that was made for them."""
    seat = ContactSeat(require_editable_contract(number))
    form, mistakes = _read_contact_form(seat)
    if form is None or mistakes:
        return _render_form(seat, request.form, mistakes), 422
    contact, pin = _add_pin(seat, form.over(Contact("", (), "")))
    if form.mark != seat.kept.mark or not save_change(seat.change(contact), "contacts.add"):
        return _render_form(
            ContactSeat(require_editable_contract(number)), request.form, {}, stale=True
        ), 409
    return _render_pin(seat, contact, pin)


@page.get("/<int:place>")
@needs(Role.MANAGER)
def change(number: str, place: int) -> str:
    """Show a contact to be changed."""
    seat = _find_seat(number, place)
    return _render_form(seat, initial_values(seat.contact), {})


@page.post("/<int:place>")
@needs(Role.MANAGER)
def changed(number: str, place: int) -> Shown:
    """Take the changed contact, unless the contract is another by now than was shown."""
    seat = _find_seat(number, place)
    form, mistakes = _read_contact_form(seat)
    if form is None or seat.contact is None or mistakes:
        return _render_form(seat, request.form, mistakes), 422
    change = seat.change(form.over(seat.contact))
    if form.mark != seat.kept.mark or not save_change(change, "contacts.change"):
        return _render_form(_find_seat(number, place), request.form, {}, stale=True), 409
    flash(t("contacts.saved"), "good")
    return redirect(url_for("contracts.one", number=number))


@page.get("/<int:place>/pin")
@needs(Role.MANAGER)
def pin_told(number: str, place: int) -> Answer:
    """Nobody sees a PIN twice; whoever comes back to where one was shown comes to the contract."""
    return redirect(url_for("contracts.one", number=number))


@page.post("/<int:place>/pin")
@needs(Role.MANAGER)
def new_pin(number: str, place: int) -> Shown:
    """Make a new PIN and show it this once; with the old one nobody is known any more."""
    seat = _find_seat(number, place)
    form, _ = read_form(MarkedForm)
    if seat.contact is None or form is None or form.mark != seat.kept.mark:
        return _redirect_without_pin(number)
    contact, pin = _add_pin(seat, seat.contact)
    if not save_change(seat.change(contact), "contacts.pin"):
        return _redirect_without_pin(number)
    return _render_pin(seat, contact, pin)


def _find_seat(number: str, place: int) -> ContactSeat:
    seat = ContactSeat(require_editable_contract(number), place)
    if seat.contact is None:
        abort(404)
    return seat


def _read_contact_form(seat: ContactSeat) -> tuple[ContactForm | None, Mistakes]:
    form, mistakes = read_form(ContactForm)
    if form is not None and name_key(form.name) in [name_key(one.name) for one in seat.others]:
        mistakes = {"name": t("contacts.there_already")}
    return form, mistakes


def _add_pin(seat: ContactSeat, contact: Contact) -> tuple[Contact, str]:
    looked_at = current_line()
    locksmith = Argon2PinVerifier(current_services().settings.pin_pepper)
    pin = generate_pin(looked_at.pin.length if looked_at else 6, seat.contract.contacts, locksmith)
    owner = (looked_at.id if looked_at else "", seat.contract.number)
    return replace(contact, pin_hash=locksmith.hash(pin, "\n".join(owner))), pin


def _render_pin(seat: ContactSeat, contact: Contact, pin: str) -> str:
    """The only page that ever has it: sent again, the form is about a contract that was another."""
    return render_template("contacts/pin.html", seat=seat, contact=contact, pin=pin)


def _redirect_without_pin(number: str) -> Answer:
    flash(t("contacts.no_pin"), "bad")
    return redirect(url_for("contracts.one", number=number))


def _render_form(
    seat: ContactSeat, given: Mapping[str, str], mistakes: Mistakes, *, stale: bool = False
) -> str:
    """The form; after somebody else's change, with what they made of the contact."""
    looked_at = current_line()
    codes = dict.fromkeys((*(looked_at.languages if looked_at else ()), given.get("language", "")))
    spoken = [
        (code, first_translation(f"contacts.tongue.{code}") or code) for code in codes if code
    ]
    others = changed_fields("contacts", given, initial_values(seat.contact) if stale else {})
    tongues = [("", t("contacts.tongue.any")), *spoken]
    about = {"seat": seat, "given": given, "mistakes": mistakes, "stale": stale}
    return render_template("contacts/form.html", tongues=tongues, others=others, **about)

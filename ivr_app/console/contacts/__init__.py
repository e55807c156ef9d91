"""The contacts of a contract: added, changed, and given a new PIN that is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from ivr_app.console.contacts.forms import Named, Over, filled
from ivr_app.console.contacts.seat import Seat
from ivr_app.console.contracts.keeping import changeable, put
from ivr_app.console.contracts.meanwhile import differing
from ivr_app.console.form import Mistakes, read
from ivr_app.console.page import Page, needs
from ivr_app.console.viewer import line
from ivr_app.console.wardrobe import first_known, t
from ivr_app.pins import draw
from ivr_app.switch import board
from routing.contract import Contact
from routing.names import name_key
from store.pins import Argon2Locksmith
from store.staff.account import Role

page = Page("contacts", __name__, Role.MANAGER, path="/contracts/<number>/contacts")

Shown = str | Answer | tuple[str, int]


@page.get("/add")
@needs(Role.MANAGER)
def add(number: str) -> str:
    """Ask for somebody who may call on a contract."""
    return _form(Seat(changeable(number)), filled(None), {})


@page.post("/add")
@needs(Role.MANAGER)
def added(number: str) -> Shown:
    """Take a new contact, and show the PIN that was made for them."""
    seat = Seat(changeable(number))
    form, mistakes = _read(seat)
    if form is None or mistakes:
        return _form(seat, request.form, mistakes), 422
    contact, pin = _with_new_pin(seat, form.over(Contact("", (), "")))
    if form.mark != seat.kept.mark or not put(seat.change(contact), "contacts.add"):
        return _form(Seat(changeable(number)), request.form, {}, stale=True), 409
    return _told_once(seat, contact, pin)


@page.get("/<int:place>")
@needs(Role.MANAGER)
def change(number: str, place: int) -> str:
    """Show a contact to be changed."""
    seat = _seat(number, place)
    return _form(seat, filled(seat.contact), {})


@page.post("/<int:place>")
@needs(Role.MANAGER)
def changed(number: str, place: int) -> Shown:
    """Take the changed contact, unless the contract is another by now than was shown."""
    seat = _seat(number, place)
    form, mistakes = _read(seat)
    if form is None or seat.contact is None or mistakes:
        return _form(seat, request.form, mistakes), 422
    change = seat.change(form.over(seat.contact))
    if form.mark != seat.kept.mark or not put(change, "contacts.change"):
        return _form(_seat(number, place), request.form, {}, stale=True), 409
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
    seat = _seat(number, place)
    form, _ = read(Over)
    if seat.contact is None or form is None or form.mark != seat.kept.mark:
        return _no_pin(number)
    contact, pin = _with_new_pin(seat, seat.contact)
    if not put(seat.change(contact), "contacts.pin"):
        return _no_pin(number)
    return _told_once(seat, contact, pin)


def _seat(number: str, place: int) -> Seat:
    seat = Seat(changeable(number), place)
    if seat.contact is None:
        abort(404)
    return seat


def _read(seat: Seat) -> tuple[Named | None, Mistakes]:
    form, mistakes = read(Named)
    if form is not None and name_key(form.name) in [name_key(one.name) for one in seat.others]:
        mistakes = {"name": t("contacts.there_already")}
    return form, mistakes


def _with_new_pin(seat: Seat, contact: Contact) -> tuple[Contact, str]:
    looked_at = line()
    locksmith = Argon2Locksmith(board().settings.pin_pepper)
    pin = draw(looked_at.pin.length if looked_at else 6, seat.contract.contacts, locksmith)
    owner = (looked_at.id if looked_at else "", seat.contract.number)
    return replace(contact, pin_hash=locksmith.hash(pin, "\n".join(owner))), pin


def _told_once(seat: Seat, contact: Contact, pin: str) -> str:
    """The only page that ever has it: sent again, the form is about a contract that was another."""
    return render_template("contacts/pin.html", seat=seat, contact=contact, pin=pin)


def _no_pin(number: str) -> Answer:
    flash(t("contacts.no_pin"), "bad")
    return redirect(url_for("contracts.one", number=number))


def _form(seat: Seat, given: Mapping[str, str], mistakes: Mistakes, *, stale: bool = False) -> str:
    """The form; after somebody else's change, with what they made of the contact."""
    looked_at = line()
    codes = dict.fromkeys((*(looked_at.languages if looked_at else ()), given.get("language", "")))
    spoken = [(code, first_known(f"contacts.tongue.{code}") or code) for code in codes if code]
    others = differing("contacts", given, filled(seat.contact) if stale else {})
    tongues = [("", t("contacts.tongue.any")), *spoken]
    about = {"seat": seat, "given": given, "mistakes": mistakes, "stale": stale}
    return render_template("contacts/form.html", tongues=tongues, others=others, **about)

"""An engineer's own page: shifts, handovers, numbers, notices and calendar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from flask import flash, redirect, render_template, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from ivr_app.console.form import Form, read
from ivr_app.console.keys import SECOND, keys
from ivr_app.console.mine.shown import on_the_rota, shown, somebody
from ivr_app.console.page import Page, needs
from ivr_app.console.viewer import deed, language, zone
from ivr_app.console.wardrobe import t
from ivr_app.phonebook import Phonebook
from ivr_app.remarks import NumberStaysError
from ivr_app.switch import board, desk
from routing import relieving
from routing.line import Line
from routing.relief import Standing
from store.calendar_links import ENGINEER, withdraw_link
from store.staff.account import Role
from store.staff.audit import audited

page = Page("mine", __name__, Role.ENGINEER, place=25)
page.when = on_the_rota

Shown = str | Answer | tuple[str, int]
Number = Annotated[str, Field(max_length=64)]
Read = TypeVar("Read", bound=Form)


class NewNumber(Form):
    """A number, however it is written."""

    number: Number


class Code(Form):
    """A number, and the code that was sent to it."""

    number: Number
    code: Annotated[str, Field(max_length=16)]


@page.get("/")
@needs(Role.ENGINEER)
def show() -> str:
    """What concerns whoever is signed in, the most urgent of it first."""
    if not on_the_rota():
        return render_template("mine/nobody.html")
    return shown({}, {})


@page.post("/confirm/<relief_id>")
@needs(Role.ENGINEER)
def confirm(relief_id: str) -> Answer:
    """They have read that they are on call."""
    looked_at, engineer = somebody()
    told = deed("mine.confirm").on("engineer", f"{looked_at.id} {engineer.id}")
    with audited(told):
        relief = relieving.accept(desk(), looked_at, engineer.id, relief_id)
    done = relief is not None and relief.standing is Standing.CONFIRMED
    flash(t("mine.confirmed" if done else "mine.nothing_to_confirm"), "good" if done else "bad")
    return redirect(url_for("mine.show"))


@page.post("/numbers")
@needs(Role.ENGINEER)
def add() -> Shown:
    """Send a code to a number of theirs."""
    looked_at, engineer = somebody()
    if keys().throttle.enter([(f"code {looked_at.id} {engineer.id}", SECOND)]):
        return shown({"number": t("mine.too_often")}, {}), 429
    return _changed(
        NewNumber,
        lambda it: _book(looked_at).add(engineer, it.number, desk().clock()),
        "mine.code_sent",
    )


@page.post("/numbers/code")
@needs(Role.ENGINEER)
def verify() -> Shown:
    """Take the code."""
    looked_at, engineer = somebody()
    return _changed(
        Code,
        lambda it: _book(looked_at).verify(engineer, it.number, it.code, desk().clock()),
        "mine.verified",
    )


@page.post("/numbers/remove")
@needs(Role.ENGINEER)
def remove() -> Shown:
    """Forget a number that they added."""
    looked_at, engineer = somebody()
    return _changed(
        NewNumber,
        lambda it: _book(looked_at).remove(engineer.id, it.number, desk().clock()),
        "mine.removed",
    )


@page.post("/calendar")
@needs(Role.ENGINEER)
def withdraw() -> Answer:
    """The link of their calendar has become known to somebody: another takes its place."""
    looked_at, engineer = somebody()
    with audited(deed("mine.calendar").on("engineer", f"{looked_at.id} {engineer.id}")):
        withdraw_link(board().engine, looked_at.id, ENGINEER, engineer.id, desk().clock())
    flash(t("mine.withdrawn"), "good")
    return redirect(f"{url_for('mine.show')}#link")


def _changed(kind: type[Read], change: Callable[[Read], str], done: str) -> Shown:
    """Do what the form asks, or show it again with what is wrong."""
    form, mistakes = read(kind)
    field = "code" if kind is Code else "number"
    if form is not None:
        try:
            flash(t(done, number=change(form)), "good")
        except NumberStaysError as error:
            mistakes = {field: error.remark.said(language(), zone().key)}
        else:
            return redirect(f"{url_for('mine.show')}#numbers")
    return shown(mistakes, form.model_dump() if form else {}), 422


def _book(looked_at: Line) -> Phonebook:
    return Phonebook.of(board(), looked_at, deed("mine"))

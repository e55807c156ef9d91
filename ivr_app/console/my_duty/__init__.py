"""An engineer's own page: shifts, handovers, numbers, notices and calendar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from flask import flash, redirect, render_template, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from ivr_app.console import (
    SECOND_FACTOR_BACKOFF,
    ConsolePage,
    Form,
    audit_entry,
    current_limits,
    language,
    needs,
    read_form,
    t,
    zone,
)
from ivr_app.console.my_duty.duty import is_on_rota, render_page, require_engineer
from ivr_app.context import current_call_service, current_services
from routing import call_service
from routing.line import HandoverState, Line
from service.engineer_phones import EngineerPhones
from service.refusals import PhoneRefusedError
from store.people.accounts import Role
from store.people.audit import audited
from store.people.calendar_links import ENGINEER, withdraw_link

page = ConsolePage("my_duty", __name__, Role.ENGINEER, place=25)
page.when = is_on_rota

Shown = str | Answer | tuple[str, int]
Number = Annotated[str, Field(max_length=64)]
Read = TypeVar("Read", bound=Form)


class NewNumberForm(Form):
    """A number, however it is written."""

    number: Number


class CodeForm(Form):
    """A number, and the code that was sent to it."""

    number: Number
    code: Annotated[str, Field(max_length=16)]


@page.get("/")
@needs(Role.ENGINEER)
def show() -> str:
    """What concerns whoever is signed in, the most urgent of it first."""
    if not is_on_rota():
        return render_template("my_duty/nobody.html")
    return render_page({}, {})


@page.post("/confirm/<relief_id>")
@needs(Role.ENGINEER)
def confirm(relief_id: str) -> Answer:
    """They have read that they are on call."""
    looked_at, engineer = require_engineer()
    told = audit_entry("my_duty.confirm").on("engineer", f"{looked_at.id} {engineer.id}")
    with audited(told):
        relief = call_service.accept_handover(
            current_call_service(), looked_at, engineer.id, relief_id
        )
    done = relief is not None and relief.standing is HandoverState.CONFIRMED
    flash(
        t("my_duty.confirmed" if done else "my_duty.nothing_to_confirm"), "good" if done else "bad"
    )
    return redirect(url_for("my_duty.show"))


@page.post("/numbers")
@needs(Role.ENGINEER)
def add() -> Shown:
    """Send a code to a number of theirs."""
    looked_at, engineer = require_engineer()
    if current_limits().throttle.enter(
        [(f"code {looked_at.id} {engineer.id}", SECOND_FACTOR_BACKOFF)]
    ):
        return render_page({"number": t("my_duty.too_often")}, {}), 429
    return _change_phones(
        NewNumberForm,
        lambda it: _open_phones(looked_at).add(engineer, it.number, current_call_service().clock()),
        "my_duty.code_sent",
    )


@page.post("/numbers/code")
@needs(Role.ENGINEER)
def verify() -> Shown:
    """Take the code."""
    looked_at, engineer = require_engineer()
    return _change_phones(
        CodeForm,
        lambda it: _open_phones(looked_at).verify(
            engineer, it.number, it.code, current_call_service().clock()
        ),
        "my_duty.verified",
    )


@page.post("/numbers/remove")
@needs(Role.ENGINEER)
def remove() -> Shown:
    """Forget a number that they added."""
    looked_at, engineer = require_engineer()
    return _change_phones(
        NewNumberForm,
        lambda it: _open_phones(looked_at).remove(
            engineer.id, it.number, current_call_service().clock()
        ),
        "my_duty.removed",
    )


@page.post("/calendar")
@needs(Role.ENGINEER)
def withdraw() -> Answer:
    """The link of their calendar has become known to somebody: another takes its place."""
    looked_at, engineer = require_engineer()
    with audited(audit_entry("my_duty.calendar").on("engineer", f"{looked_at.id} {engineer.id}")):
        withdraw_link(
            current_services().engine,
            looked_at.id,
            ENGINEER,
            engineer.id,
            current_call_service().clock(),
        )
    flash(t("my_duty.withdrawn"), "good")
    return redirect(f"{url_for('my_duty.show')}#link")


def _change_phones(kind: type[Read], change: Callable[[Read], str], done: str) -> Shown:
    """Do what the form asks, or show it again with what is wrong."""
    form, mistakes = read_form(kind)
    field = "code" if kind is CodeForm else "number"
    if form is not None:
        try:
            flash(t(done, number=change(form)), "good")
        except PhoneRefusedError as error:
            mistakes = {field: error.remark.said(language(), zone().key)}
        else:
            return redirect(f"{url_for('my_duty.show')}#numbers")
    return render_page(mistakes, form.model_dump() if form else {}), 422


def _open_phones(looked_at: Line) -> EngineerPhones:
    return EngineerPhones.of(current_services(), looked_at, audit_entry("my_duty"))

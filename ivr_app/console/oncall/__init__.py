"""The rota as people see it: who is on call until when, and what can be changed in it."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from ivr_app.console import ConsolePage, Mistakes, audit_entry, current_line, needs, t, zone
from ivr_app.console.oncall.changes import (
    WantedChange,
    explain_refusal,
    find_exchange,
    initial_values,
    open_exchange,
    read_request,
    render_calendar,
    render_effect,
    sign_request,
)
from routing.line import Line
from service.refusals import ShiftRefusedError
from service.shifts import effect
from service.shifts.exchange import ShiftExchange
from store.people.accounts import Role

page = ConsolePage("oncall", __name__, Role.VIEWER, place=20)

Shown = str | Answer | tuple[str, int]


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """A week or a month of every schedule, what changes it, and who changed it."""
    looked_at = current_line()
    if looked_at is None:
        return render_template("oncall/nothing.html")
    return render_calendar(looked_at, initial_values(), {})


@page.post("/effect")
@needs(Role.ENGINEER)
def look() -> Shown:
    """What a change would do; nothing is saved yet."""
    return _with_request(_render_preview)


@page.post("/change")
@needs(Role.ENGINEER)
def change() -> Shown:
    """Change it as it was shown."""
    return _with_request(_apply_change)


@page.post("/undo/<uid>")
@needs(Role.ENGINEER)
def undo(uid: str) -> Shown:
    """What taking a change back would do."""
    looked_at = current_line() or abort(404)
    exchange = find_exchange(looked_at, uid)
    try:
        found = effect.preview_undo(exchange, uid)
    except (ShiftRefusedError, LookupError):
        return _redirect_gone()
    return render_effect(looked_at, found, undoing=uid)


@page.post("/undone/<uid>")
@needs(Role.ENGINEER)
def undone(uid: str) -> Answer:
    """Take it back."""
    looked_at = current_line() or abort(404)
    exchange = find_exchange(looked_at, uid)
    try:
        done = exchange.undo(uid, audit_entry("oncall.undo"))
    except (ShiftRefusedError, LookupError):
        return _redirect_gone()
    flash(t("oncall.taken_back"), "good")
    return redirect(url_for("oncall.show", day=done.back[0].start.astimezone(zone()).date()))


def _with_request(then: Callable[[Line, ShiftExchange, WantedChange], str | Answer]) -> Shown:
    """What to do with what is asked for; or the form again, with what is wrong with it."""
    looked_at = current_line() or abort(404)
    asked, mistakes = read_request(looked_at, zone())
    if asked is None:
        return _render_mistakes(looked_at, mistakes)
    try:
        return then(looked_at, open_exchange(looked_at, asked.schedule), asked)
    except ShiftRefusedError as error:
        return _render_mistakes(looked_at, explain_refusal(error, zone()))
    except LookupError:
        return _redirect_gone()


def _render_preview(looked_at: Line, exchange: ShiftExchange, asked: WantedChange) -> str:
    found = effect.preview_changes(exchange, asked.wish.changes(exchange.at))
    return render_effect(looked_at, found, wish=asked.wish)


def _apply_change(looked_at: Line, exchange: ShiftExchange, asked: WantedChange) -> Answer:
    changes = asked.wish.changes(exchange.at)
    exchange.apply(changes, audit_entry(f"oncall.{changes[0].origin}"), asked.seen)
    flash(sign_request(asked.wish, asked.schedule), "good")
    return redirect(url_for("oncall.show", day=asked.wish.span[0].astimezone(zone()).date()))


def _render_mistakes(looked_at: Line, mistakes: Mistakes) -> tuple[str, int]:
    return render_calendar(looked_at, initial_values(), mistakes), 422


def _redirect_gone() -> Answer:
    flash(t("oncall.gone"), "bad")
    return redirect(url_for("oncall.show"))

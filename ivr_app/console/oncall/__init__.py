"""The rota as people see it: who is on call until when, and what can be changed in it."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from ivr_app.console.forms import Mistakes
from ivr_app.console.oncall.changes import (
    WantedChange,
    agreed,
    calendar,
    effect_of,
    exchange_of,
    filled,
    named,
    refused,
    wanted,
)
from ivr_app.console.page import ConsolePage, needs
from ivr_app.console.session import deed, line, zone
from ivr_app.console.templating import t
from routing.line import Line
from service.refusals import ShiftStaysError
from service.shifts import effect
from service.shifts.exchange import ShiftExchange
from store.people.accounts import Role

page = ConsolePage("oncall", __name__, Role.VIEWER, place=20)

Shown = str | Answer | tuple[str, int]


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """A week or a month of every schedule, what changes it, and who changed it."""
    looked_at = line()
    if looked_at is None:
        return render_template("oncall/nothing.html")
    return calendar(looked_at, filled(), {})


@page.post("/effect")
@needs(Role.ENGINEER)
def look() -> Shown:
    """What a change would do; nothing is saved yet."""
    return _asked(_looked)


@page.post("/change")
@needs(Role.ENGINEER)
def change() -> Shown:
    """Change it as it was shown."""
    return _asked(_changed)


@page.post("/undo/<uid>")
@needs(Role.ENGINEER)
def undo(uid: str) -> Shown:
    """What taking a change back would do."""
    looked_at = line() or abort(404)
    exchange = exchange_of(looked_at, uid)
    try:
        found = effect.of_undoing(exchange, uid)
    except (ShiftStaysError, LookupError):
        return _gone()
    return effect_of(looked_at, found, undoing=uid)


@page.post("/undone/<uid>")
@needs(Role.ENGINEER)
def undone(uid: str) -> Answer:
    """Take it back."""
    looked_at = line() or abort(404)
    exchange = exchange_of(looked_at, uid)
    try:
        done = exchange.take_back(uid, deed("oncall.undo"))
    except (ShiftStaysError, LookupError):
        return _gone()
    flash(t("oncall.taken_back"), "good")
    return redirect(url_for("oncall.show", day=done.back[0].start.astimezone(zone()).date()))


def _asked(then: Callable[[Line, ShiftExchange, WantedChange], str | Answer]) -> Shown:
    """What to do with what is asked for; or the form again, with what is wrong with it."""
    looked_at = line() or abort(404)
    asked, mistakes = wanted(looked_at, zone())
    if asked is None:
        return _again(looked_at, mistakes)
    try:
        return then(looked_at, named(looked_at, asked.schedule), asked)
    except ShiftStaysError as error:
        return _again(looked_at, refused(error, zone()))
    except LookupError:
        return _gone()


def _looked(looked_at: Line, exchange: ShiftExchange, asked: WantedChange) -> str:
    found = effect.of_changes(exchange, asked.wish.changes(exchange.at))
    return effect_of(looked_at, found, wish=asked.wish)


def _changed(looked_at: Line, exchange: ShiftExchange, asked: WantedChange) -> Answer:
    changes = asked.wish.changes(exchange.at)
    exchange.agree(changes, deed(f"oncall.{changes[0].origin}"), asked.seen)
    flash(agreed(asked.wish, asked.schedule), "good")
    return redirect(url_for("oncall.show", day=asked.wish.span[0].astimezone(zone()).date()))


def _again(looked_at: Line, mistakes: Mistakes) -> tuple[str, int]:
    return calendar(looked_at, filled(), mistakes), 422


def _gone() -> Answer:
    flash(t("oncall.gone"), "bad")
    return redirect(url_for("oncall.show"))

"""Contracts from a file of rows: first what would change, then, once somebody says so, changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from ivr_app.console.form import Mistakes
from ivr_app.console.intake.differences import differences
from ivr_app.console.intake.looking import Looking
from ivr_app.console.intake.paper import MOST, RefusedError, unfolded
from ivr_app.console.intake.reasons import reason
from ivr_app.console.intake.rest import table
from ivr_app.console.page import Page, needs
from ivr_app.console.viewer import deed, line, viewer
from ivr_app.console.visit import by_itself, led_to
from ivr_app.console.wardrobe import t
from ivr_app.share import LONG
from ivr_app.switch import board, desk
from plan.rows import KNOWN
from routing.line import Line
from store.apply import IMPORT
from store.preview import Preview
from store.previews import Previews
from store.register import Register, StaleError
from store.staff.account import Role

page = Page("intake", __name__, Role.MANAGER, path="/contracts/import")

Shown = str | Answer | tuple[str, int]

STANDS_STILL = dt.timedelta(seconds=30)
"""After which a file of which no more rows are told is given up: its process has ended."""


@page.get("/")
@needs(Role.MANAGER)
def show() -> str:
    """Ask for a file."""
    return _asked({})


@page.post("/")
@needs(Role.MANAGER)
@LONG.limits
def read() -> Shown:
    """Begin to look a file through, and lead to what it would change; nothing is changed yet."""
    looked_at, file = _line(), request.files.get("file")
    if file is None or not file.filename:
        return _asked({"file": t("intake.no_file")}), 422
    try:
        paper = unfolded(looked_at, file.read())
    except RefusedError as refused:
        return _asked({"file": refused.sentence}), 422
    key = Looking(board(), looked_at, paper, _previews()).begin()
    if key is None:
        return _asked({"file": t("intake.under_way")}), 429
    return redirect(url_for("intake.preview", key=key))


@page.get("/<key>")
@needs(Role.MANAGER)
def preview(key: str) -> str | Answer:
    """What a file would change, or has changed, and which of its rows are wrong; how far it is
    while it is still being looked through."""
    found = _found(key)
    if found.progress is not None:
        still = desk().clock() - found.progress.at > STANDS_STILL
        return render_template("intake/looking.html", key=key, so_far=found.progress, still=still)
    return led_to(url_for("intake.preview", key=key)) if by_itself() else _shown(key, found)


@page.post("/<key>")
@needs(Role.MANAGER)
@LONG.limits
def confirm(key: str) -> Shown:
    """Make the changes that were shown, all of them or none."""
    looked_at, found = _line(), _found(key)
    if found.done or not found.changes:
        return redirect(url_for("intake.preview", key=key))
    told = deed("contracts.import")
    counts = {kind: found.count(kind) for kind in ("added", "changed")}
    whole = told.on("line", looked_at.id, None, counts | {"wrong": len(found.wrong)})
    try:
        Register(board().engine, looked_at.id, IMPORT).put(found.changes, told, over=whole)
    except StaleError as stale:
        return _shown(key, found, stale.numbers), 409
    _previews().write(key, looked_at.id, replace(found, done=True))
    return redirect(url_for("intake.preview", key=key))


@page.post("/<key>/drop")
@needs(Role.MANAGER)
def drop(key: str) -> Answer:
    """Forget the file; nothing was changed by it."""
    _previews().drop(key, _line().id)
    flash(t("intake.dropped"), "good")
    return redirect(url_for("intake.show"))


@page.get("/<key>/wrong.csv")
@needs(Role.MANAGER)
def wrong(key: str) -> Response:
    """The rows that are wrong, each with its line and reason and without its PIN."""
    answer = Response(table(_found(key).wrong), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="wrong-rows.csv")
    return answer


def _line() -> Line:
    looked_at = line()
    if looked_at is None:
        abort(404)
    return looked_at


def _previews() -> Previews:
    return Previews(board().engine, viewer().account.id)


def _found(key: str) -> Preview:
    found = _previews().find(key, _line().id, desk().clock())
    if found is None:
        flash(t("intake.over"), "bad")
        abort(redirect(url_for("intake.show")))
    return found


def _asked(mistakes: Mistakes) -> str:
    columns = [column for column in KNOWN if column != "pin_hash"]
    return render_template("intake/show.html", mistakes=mistakes, columns=columns, most=MOST)


def _shown(key: str, found: Preview, stale: tuple[str, ...] = ()) -> str:
    changes = [(change, differences(change)) for change in found.changes]
    about = {"key": key, "found": found, "changes": changes, "stale": stale}
    return render_template("intake/preview.html", reason=reason, **about)

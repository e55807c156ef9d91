"""Contracts from a file of rows: first what would change, then, once somebody says so, changed."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from ivr_app.console.form import Mistakes
from ivr_app.console.intake.differences import differences
from ivr_app.console.intake.paper import MOST, RefusedError, look_through
from ivr_app.console.intake.reasons import reason
from ivr_app.console.intake.rest import table
from ivr_app.console.page import Page, needs
from ivr_app.console.viewer import deed, line, viewer
from ivr_app.console.wardrobe import t
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

READING = Lock()
"""One file at a time in each process: hashing its PINs takes a while, and the same threads answer
calls."""


@page.get("/")
@needs(Role.MANAGER)
def show() -> str:
    """Ask for a file."""
    return _asked({})


@page.post("/")
@needs(Role.MANAGER)
def read() -> Shown:
    """Look a file through, and lead to what it would change; nothing is changed yet."""
    looked_at, file = _line(), request.files.get("file")
    if file is None or not file.filename:
        return _asked({"file": t("intake.no_file")}), 422
    if not READING.acquire(blocking=False):
        return _asked({"file": t("intake.under_way")}), 429
    try:
        found = look_through(board(), looked_at, file.read(), desk().clock())
    except RefusedError as refused:
        return _asked({"file": refused.sentence}), 422
    finally:
        READING.release()
    key = _previews().keep(looked_at.id, found, desk().clock())
    return redirect(url_for("intake.preview", key=key))


@page.get("/<key>")
@needs(Role.MANAGER)
def preview(key: str) -> str:
    """What a file would change, or has changed, and which of its rows are wrong."""
    return _shown(key, _found(key))


@page.post("/<key>")
@needs(Role.MANAGER)
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

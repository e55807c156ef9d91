"""Calls: found by whatever is known of them, and each with its timeline drawn."""

from __future__ import annotations

from threading import Lock
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from ivr_app.console.calls.choices import choices
from ivr_app.console.calls.export import KINDS, pieces
from ivr_app.console.calls.file import file_of
from ivr_app.console.calls.wanted import Wanted, read_place, read_wanted, takers, written
from ivr_app.console.page import Page, needs
from ivr_app.console.viewer import deed, line, lines, zone
from ivr_app.console.wardrobe import t
from ivr_app.switch import board, desk
from routing.line import Line
from store.asked import Asked
from store.engine import writing
from store.search import Found, every, search
from store.staff.account import Role
from store.staff.audit import record

page = Page("calls", __name__, Role.VIEWER, place=30)

EXPORT = Lock()
"""One export at a time in each process: it may take minutes, and the same threads answer calls."""


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The calls that fit what is asked for, newest first."""
    looked_at = line()
    wanted = _wanted(looked_at) if looked_at is not None else None
    found = Found(())
    if wanted is not None and wanted.asked is not None:
        found = search(board().engine, wanted.asked, read_place(request.args.get("before")))
    names = takers(looked_at) if looked_at is not None else {}
    return render_template(
        "calls/show.html",
        wanted=wanted,
        mistakes={name: t(key) for name, key in wanted.mistakes.items()} if wanted else {},
        found=found,
        names=names,
        choices=choices(names),
        onward=_onward(wanted, found),
        kinds=list(KINDS),
    )


@page.get("/<sid>")
@needs(Role.VIEWER)
def one(sid: str) -> str:
    """One call: what is known of it, its timeline drawn, and why the line did what it did."""
    file = file_of(board(), {one.id: one for one in lines()}, sid, desk().clock())
    if file is None:
        abort(404)
    names = takers(file.line) if file.line is not None else {}
    return render_template("calls/one.html", file=file, names=names)


@page.post("/export")
@needs(Role.MANAGER)
def export() -> Answer:
    """All calls that fit, as a file that is written while it is sent; the audit log has it."""
    looked_at, kind = line(), request.form.get("kind", "")
    wanted = _wanted(looked_at) if looked_at is not None else None
    if wanted is None or wanted.asked is None or kind not in KINDS:
        abort(400)
    if not EXPORT.acquire(blocking=False):
        flash(t("calls.export_under_way"), "bad")
        return redirect(url_for("calls.show"))
    told = {"as": kind, "asked": ", ".join(sorted(wanted.filled)) or None}
    try:
        answer = _file(kind, wanted.asked, told)
    except BaseException:
        EXPORT.release()
        raise
    answer.call_on_close(
        EXPORT.release
    )  # the last that can fail: from here on the server closes it
    return answer


def _file(kind: str, asked: Asked, told: dict[str, str | None]) -> Response:
    with writing(board().engine) as connection:
        record(connection, deed("calls.export").on("line", asked.line, None, told))
    answer = Response(pieces(kind, every(board().engine, asked)), mimetype=KINDS[kind])
    name = f"calls-{desk().clock().astimezone(zone()):%Y%m%d-%H%M}.{kind}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _wanted(looked_at: Line) -> Wanted:
    return read_wanted(board().engine, looked_at, zone(), request.values)


def _onward(wanted: Wanted | None, found: Found) -> str | None:
    if wanted is None or found.older is None:
        return None
    asked: dict[str, Any] = {**wanted.filled, "before": written(found.older)}
    return url_for("calls.show", **asked)

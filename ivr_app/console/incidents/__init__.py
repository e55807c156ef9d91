"""Incidents: found, read with their story, and dealt with."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from ivr_app.console.calls.wanted import takers
from ivr_app.console.incidents.asked import CHOICES, chosen, found, onward
from ivr_app.console.incidents.doing import action_of, do, offered, standing
from ivr_app.console.incidents.file import file_of
from ivr_app.console.page import Page, needs
from ivr_app.console.viewer import line, may
from ivr_app.switch import board, desk
from ivr_app.whole_numbers import whole_number
from store.staff.account import Role

page = Page("incidents", __name__, Role.VIEWER, place=40)


@page.get("/")
@needs(Role.VIEWER)
def show() -> str | Answer:
    """The incidents that were asked for, newest first; a number leads to its incident."""
    looked_at, number = line(), request.args.get("number", type=whole_number)
    if number is not None:
        return redirect(url_for("incidents.one", number=number))
    rows, older = found(board(), looked_at, request.args) if looked_at else ([], None)
    return render_template(
        "incidents/show.html",
        rows=rows,
        choices=CHOICES,
        chosen=chosen(request.args),
        older=onward(request.args, older),
    )


@page.get("/<int:number>")
@needs(Role.VIEWER)
def one(number: int) -> str:
    """One incident: how it stands, what can be done, what was said, what happened."""
    file = file_of(board(), number, desk().clock())
    if file is None:
        abort(404)
    said = standing(board(), number) if may(Role.ENGINEER) else None
    actions = offered(said) if said is not None else []
    return render_template(
        "incidents/one.html",
        file=file,
        actions=actions,
        engineers=[(each.id, each.name) for each in file.line.engineers],
        names=takers(file.line),
    )


@page.post("/<int:number>/<name>")
@needs(Role.ENGINEER)
def act(number: int, name: str) -> Answer:
    """Do one of the things that can be done with it."""
    action = action_of(name)
    if action is None or board().desk.book.matter_of_number(number) is None:
        abort(404)
    flash(*do(board(), number, action))
    return redirect(url_for("incidents.one", number=number))


@page.get("/sound/<recording_id>")
@needs(Role.VIEWER)
def sound(recording_id: str) -> Response:
    """What was said, while it is kept."""
    recording = board().archive.book.recording(recording_id)
    data = board().archive.sound(recording) if recording is not None else None
    if recording is None or recording.sound is None or data is None:
        abort(404)
    return Response(data, mimetype=recording.sound.content_type)

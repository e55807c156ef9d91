"""The first page: who is on the line, who is being rung, who would be, and what is open."""

from __future__ import annotations

import hashlib
from threading import Lock

from flask import Response, render_template, request

from ivr_app.checkup import checkup
from ivr_app.checkup.verdict import State
from ivr_app.console.now.callers import callers
from ivr_app.console.now.pulse import pulse
from ivr_app.console.now.steps import steps
from ivr_app.console.page import Page, needs
from ivr_app.console.promises import promises
from ivr_app.console.viewer import line
from ivr_app.switch import board, desk
from store.present import present
from store.staff.account import Role

page = Page("now", __name__, Role.VIEWER, place=10, path="/")

ROUND = Lock()
"""One round of the doctor at a time in each process: it asks the carrier, which can take long."""


WORST_FIRST = (State.FAIL, State.WARN, State.OK)


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The line as it is now; the page looks again by itself."""
    return render_template("now/show.html", scene=_scene())


@page.get("/fresh")
@needs(Role.VIEWER)
def fresh() -> Response:
    """The same without its frame; nothing where nothing has changed since ``mark``."""
    scene, mark = _scene()
    if mark == request.args.get("mark"):
        return Response(status=204)
    return Response(render_template("now/fresh.html", scene=(scene, mark)))


@page.get("/doctor")
@needs(Role.ENGINEER)
def doctor() -> str:
    """What the doctor finds, part by part, or that a round is under way."""
    if not ROUND.acquire(blocking=False):
        return render_template("now/doctor.html", verdicts=None)
    try:
        verdicts = sorted(checkup(board()), key=lambda one: WORST_FIRST.index(one.state))
    finally:
        ROUND.release()
    return render_template("now/doctor.html", verdicts=verdicts)


def _scene() -> tuple[str, str]:
    """What there is to see, and a mark that changes whenever it does."""
    looked_at, at = line(), desk().clock()
    condition = pulse()
    if looked_at is None or not condition["ready"]:
        seen = render_template("now/scene.html", condition=condition, callers=(), line=None)
    else:
        now = present(board().engine, looked_at.id)
        seen = render_template(
            "now/scene.html",
            condition=condition,
            line=looked_at,
            callers=callers(looked_at, now, at),
            promises=promises(looked_at, now.incidents, at),
            steps=steps(looked_at, at),
        )
    return seen, hashlib.sha256(seen.encode()).hexdigest()[:16]

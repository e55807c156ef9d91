"""The first page: who is on the line, who is being rung, who would be, and what is open."""

from __future__ import annotations

from threading import Lock

from flask import Response, render_template, request

from ivr_app.console import ConsolePage, needs
from ivr_app.console.dashboard.snapshot import share_snapshot, take_snapshot
from ivr_app.context import current_services
from service.doctor import run_checks
from service.doctor.verdict import CheckState
from store.people.accounts import Role

page = ConsolePage("dashboard", __name__, Role.VIEWER, place=10, path="/")

DOCTOR_SECONDS = Lock()
"""One round of the doctor at a time in each process: it asks the carrier, which can take long."""


WORST_FIRST = (CheckState.FAIL, CheckState.WARN, CheckState.OK)


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The line as it is now; the page looks again by itself."""
    return render_template("dashboard/show.html", scene=take_snapshot())


@page.get("/fresh")
@needs(Role.VIEWER)
def fresh() -> Response:
    """The same without its frame; nothing where nothing has changed since ``mark``."""
    now = share_snapshot()
    if now.mark == request.args.get("mark"):
        return Response(status=204)
    return Response(render_template("dashboard/fresh.html", scene=now))


@page.get("/doctor")
@needs(Role.ENGINEER)
def doctor() -> str:
    """What the doctor finds, part by part, or that a round is under way."""
    if not DOCTOR_SECONDS.acquire(blocking=False):
        return render_template("dashboard/doctor.html", verdicts=None)
    try:
        verdicts = sorted(
            run_checks(current_services()), key=lambda one: WORST_FIRST.index(one.state)
        )
    finally:
        DOCTOR_SECONDS.release()
    return render_template("dashboard/doctor.html", verdicts=verdicts)

"""Incidents: found, read with their story, and dealt with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from config.holidays import build_office_hours
from ivr_app.console import ConsolePage, current_line, may, needs
from ivr_app.console.calls import engineer_names
from ivr_app.console.calls.timeline import Chapter, split_chapters
from ivr_app.console.deadlines import ResponseDeadline, find_deadline
from ivr_app.console.incidents.actions import (
    find_action,
    list_actions,
    open_incident_actions,
    perform_action,
)
from ivr_app.context import current_call_service, current_services
from ivr_app.whole_numbers import parse_whole_number
from routing.call import Call
from routing.decision import Case
from routing.incident import Incident, IncidentState
from routing.line import Line
from routing.recording import Recording
from service.bootstrap import Services
from store.log.live import present
from store.log.pages import IncidentLogFilter, find_incidents
from store.log.timeline import TimelineStep, read_incident_timeline
from store.people.accounts import Role

page = ConsolePage("incidents", __name__, Role.VIEWER, place=40)


@page.get("/")
@needs(Role.VIEWER)
def show() -> str | Answer:
    """The incidents that were asked for, newest first; a number leads to its incident."""
    looked_at, number = current_line(), request.args.get("number", type=parse_whole_number)
    if number is not None:
        return redirect(url_for("incidents.one", number=number))
    rows, older = (
        list_incidents(current_services(), looked_at, request.args) if looked_at else ([], None)
    )
    return render_template(
        "incidents/show.html",
        rows=rows,
        choices=STATES,
        chosen=choose_state(request.args),
        older=next_page_address(request.args, older),
    )


@page.get("/<int:number>")
@needs(Role.VIEWER)
def one(number: int) -> str:
    """One incident: how it stands, what can be done, what was said, what happened."""
    file = find_incident_detail(current_services(), number, current_call_service().clock())
    if file is None:
        abort(404)
    said = open_incident_actions(current_services(), number) if may(Role.ENGINEER) else None
    actions = list_actions(said) if said is not None else []
    return render_template(
        "incidents/one.html",
        file=file,
        actions=actions,
        engineers=[(each.id, each.name) for each in file.line.engineers],
        names=engineer_names(file.line),
    )


@page.post("/<int:number>/<name>")
@needs(Role.ENGINEER)
def act(number: int, name: str) -> Answer:
    """Do one of the things that can be done with it."""
    action = find_action(name)
    if action is None or current_services().desk.book.matter_of_number(number) is None:
        abort(404)
    flash(*perform_action(current_services(), number, action))
    return redirect(url_for("incidents.one", number=number))


@page.get("/sound/<recording_id>")
@needs(Role.VIEWER)
def sound(recording_id: str) -> Response:
    """What was said, while it is kept."""
    recording = current_services().archive.book.recording(recording_id)
    data = current_services().archive.sound(recording) if recording is not None else None
    if recording is None or recording.sound is None or data is None:
        abort(404)
    return Response(data, mimetype=recording.sound.content_type)


# Which incidents the address asks for, and the address of the older ones.


WAITING, ALL = "waiting", "all"
"""What is asked for when nothing else is: whatever waits for an answer; and everything."""

STATES = (WAITING, IncidentState.RESPONDED.value, IncidentState.CLOSED.value, ALL)
PAGE_SIZE = 50


def list_incidents(
    board: Services, line: Line, args: MultiDict[str, str]
) -> tuple[list[ResponseDeadline], int | None]:
    """The incidents asked for, newest first, and the number that the older ones come before."""
    incidents, older = _find_incidents(board, line, args)
    hours, now = build_office_hours(line), board.desk.clock()
    return [find_deadline(line, hours, incident, now) for incident in incidents], older


def choose_state(args: MultiDict[str, str]) -> str:
    """Which of the choices holds; with a contract asked for, everything of it."""
    state = args.get("state", "")
    if state in STATES:
        return state
    return ALL if args.get("contract", "").strip() else WAITING


def next_page_address(args: MultiDict[str, str], older: int | None) -> str | None:
    """The address of the older ones, or None where there are none."""
    if older is None:
        return None
    asked: dict[str, Any] = {**args.to_dict(), "before": older}
    return url_for("incidents.show", **asked)


def _find_incidents(
    board: Services, line: Line, args: MultiDict[str, str]
) -> tuple[list[Incident], int | None]:
    state, contract = choose_state(args), args.get("contract", "").strip() or None
    if state == WAITING and contract is None:
        waiting = present(board.engine, line.id).incidents
        return sorted(waiting, key=lambda one: one.number, reverse=True), None
    wanted = IncidentLogFilter(
        line=line.id,
        contract=contract,
        state=IncidentState(state)
        if state in (IncidentState.RESPONDED, IncidentState.CLOSED)
        else None,
        after=args.get("before", type=parse_whole_number),
        limit=PAGE_SIZE,
    )
    return find_incidents(board.engine, wanted)


# The file on one incident: how it stands, what was said, and what happened.


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """All that is known of an incident; ``story`` is what happened, oldest first, and ``chapters``
    the same drawn."""

    line: Line
    incident: Incident
    call: Call | None
    promise: ResponseDeadline
    recordings: Sequence[Recording]
    story: Sequence[TimelineStep]
    chapters: Sequence[Chapter]


def find_incident_detail(board: Services, number: int, now: dt.datetime) -> IncidentDetail | None:
    """The file on the incident of this number, if there is one."""
    matter: Case | None = board.desk.book.matter_of_number(number)
    if matter is None or matter.incident is None:
        return None
    line, incident = board.desk.line_of(matter), matter.incident
    timeline = read_incident_timeline(board.engine, number)
    if timeline is None:
        return None
    return IncidentDetail(
        line,
        incident,
        matter.call,
        find_deadline(line, build_office_hours(line), incident, now),
        board.archive.book.recordings(incident.key),
        timeline.steps,
        split_chapters(timeline, now),
    )

"""Incidents: the list, one incident with its timeline and response deadline, and actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from flask import Response, abort, flash, redirect, render_template, request, url_for

from config.holidays import build_office_hours
from ivr_app.console import (
    ConsolePage,
    audit_entry,
    calls,
    current_line,
    current_viewer,
    find_own_engineer,
    may,
    needs,
)
from ivr_app.console.tasks import Export, answer_export
from ivr_app.context import current_call_service, current_services
from ivr_app.thread_share import LONG
from ivr_app.web import PageResponse, language, t
from ivr_app.whole_numbers import parse_whole_number
from routing import events
from routing.call import RequestProgress
from routing.contracts import coverage
from routing.contracts.premium import is_countable
from routing.correspondence import IncidentFile
from routing.incident import ClockState, Incident, IncidentKind, IncidentSource, IncidentState
from routing.incidents import columns, lifecycle, response_clock, text_commands
from routing.incidents.text_commands import Verb
from routing.line import Line
from routing.message import DUTY_MANAGER, Via
from routing.oncall import hours, policy
from service.incident_actions import IncidentActions
from service.refusals import ActionRefusedError, UnknownPersonError
from store.log import reports, timeline
from store.log.exports import MEDIA_TYPES
from store.people.accounts import Role
from store.people.audit import audit_writes
from store.work.tasks import ExportIncidents, Form

page = ConsolePage("incidents", __name__, Role.VIEWER, place=40)

WAITING, ALL = "waiting", "all"
STATES = (WAITING, IncidentState.RESPONDED.value, IncidentState.CLOSED.value, ALL)
"""The choices of the list; ``waiting`` has the open and acknowledged incidents."""

PAGE_SIZE = 50


@page.get("/")
@needs(Role.VIEWER)
def show() -> PageResponse:
    """The incidents that match, newest first; a number redirects to its incident."""
    number = request.args.get("number", type=parse_whole_number)
    if number is not None:
        return redirect(url_for("incidents.one", number=number))
    rows, older = _list_rows(current_line())
    return render_template(
        "incidents/show.html",
        rows=rows,
        columns=columns.list_console_columns(columns.INCIDENT_COLUMNS),
        choices=STATES,
        chosen=_choose_state(),
        sources=list(IncidentSource),
        kinds=list(IncidentKind),
        older=_build_next_address(older),
        forms=list(MEDIA_TYPES),
    )


@page.post("/export")
@needs(Role.MANAGER)
@LONG.limits
def export() -> PageResponse:
    """All matching incidents as a file; of many, a task makes it. The audit log records it."""
    form, line = request.form.get("form", ""), current_line()
    if line is None or form not in MEDIA_TYPES:
        abort(400)
    wanted = _build_filter(line)
    asked = {name for name in ("contract", "source", "kind", "state") if getattr(wanted, name)}
    values = {"as": form, "asked": ", ".join(sorted(asked)) or None}
    return answer_export(
        Export(
            ExportIncidents(wanted, cast(Form, form)),
            "incidents",
            audit_entry("incidents.export").on("line", line.id, None, values),
        ),
        reports.stream_incidents(current_services().engine, wanted),
    )


@page.get("/<int:number>")
@needs(Role.VIEWER)
def one(number: int) -> str:
    """One incident: its state, the possible actions, the recordings, and the timeline."""
    detail = find_incident_detail(number, current_call_service().clock()) or abort(404)
    return render_template(
        "incidents/one.html",
        detail=detail,
        actions=_list_actions(number),
        engineers=[(each.id, each.name) for each in detail.line.engineers],
        files={file.id: file for file in detail.timeline.files},
        find_wanted=lifecycle.find_wanted,
        loose_files=_list_loose_files(detail.timeline),
        merged_into=_find_merged_into(detail.incident),
        names=calls.list_engineer_names(detail.line),
    )


def _list_loose_files(found: timeline.Timeline) -> list[IncidentFile]:
    """Return the files that came with no message."""
    sent = {file_id for message in found.customer_messages for file_id in message.files}
    return [file for file in found.files if file.id not in sent]


def _find_merged_into(incident: Incident) -> int | None:
    """Return the number of the incident that goes on for this one, or None."""
    if incident.merged_into is None:
        return None
    case = current_call_service().calls.find_by_incident(incident.merged_into)
    if case is None or case.incident is None:
        return None
    return case.incident.number


@page.post("/<int:number>/<name>")
@needs(Role.ENGINEER)
def act(number: int, name: str) -> PageResponse:
    """Perform one of the actions."""
    action = next((one for one in ACTIONS if one.name == name), None)
    if action is None or current_call_service().calls.find_by_number(number) is None:
        abort(404)
    flash(*perform_action(number, action))
    return redirect(url_for("incidents.one", number=number))


@page.get("/sound/<recording_id>")
@needs(Role.VIEWER)
def sound(recording_id: str) -> Response:
    """The sound of a recording, while it is kept."""
    archive = current_services().recordings
    recording = archive.recordings.find(recording_id)
    if recording is None or recording.sound is None:
        abort(404)
    data = archive.read_sound(recording)
    if data is None:
        abort(404)
    return Response(data, mimetype=recording.sound.content_type)


def _list_rows(line: Line | None) -> tuple[list[ResponseDeadline], int | None]:
    """Return a page of incidents, and the number before which the next page begins."""
    if line is None:
        return [], None
    found, older = _find_incidents(line)
    office, now = build_office_hours(line), current_call_service().clock()
    return [find_deadline(line, office, incident, now) for incident in found], older


def _choose_state() -> str:
    """Return the chosen state; without a choice, a search for a contract, a source or a kind finds
    all states."""
    state = request.values.get("state", "")
    if state in STATES:
        return state
    if _read_contract() or _read_source() or _read_kind():
        return ALL
    return WAITING


def _build_filter(line: Line) -> reports.IncidentLogFilter:
    """Return the filter of the fields: those that wait are of several states, so of any."""
    state = _choose_state()
    return reports.IncidentLogFilter(
        line=line.id,
        contract=_read_contract(),
        state=IncidentState(state) if state not in (WAITING, ALL) else None,
        oldest_first=True,
        source=_read_source(),
        kind=_read_kind(),
    )


def _read_contract() -> str | None:
    return request.values.get("contract", "").strip() or None


def _read_source() -> IncidentSource | None:
    return next((one for one in IncidentSource if one == request.values.get("source")), None)


def _read_kind() -> IncidentKind | None:
    return next((one for one in IncidentKind if one == request.values.get("kind")), None)


def _build_next_address(older: int | None) -> str | None:
    """Return the address of the older incidents, or None if there are none."""
    if older is None:
        return None
    query: dict[str, Any] = {**request.args.to_dict(), "before": older}
    return url_for("incidents.show", **query)


def _find_incidents(line: Line) -> tuple[list[Incident], int | None]:
    state, contract, engine = _choose_state(), _read_contract(), current_services().engine
    source, kind = _read_source(), _read_kind()
    if state == WAITING and contract is None:
        waiting = [
            one
            for one in reports.read_live_state(engine, line.id).incidents
            if one.source is (source or one.source) and one.kind is (kind or one.kind)
        ]
        return sorted(waiting, key=lambda incident: -incident.number), None
    before = request.args.get("before", type=parse_whole_number)
    wanted = replace(_build_filter(line), after=before, limit=PAGE_SIZE, oldest_first=False)
    return reports.find_incidents(engine, wanted)


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """Everything known of an incident. ``chapters`` are the drawings of its timeline."""

    line: Line
    incident: Incident
    deadline: ResponseDeadline
    timeline: timeline.Timeline
    chapters: Sequence[calls.timeline.Chapter]

    @property
    def plan(self) -> str | None:
        """The name of the plan by which it is served, in the viewer's language."""
        plan = coverage.plan_of(self.line, self.incident)
        if plan is None:
            return None
        return plan.name(language())


def find_incident_detail(number: int, now: dt.datetime) -> IncidentDetail | None:
    """Return the incident of this number, or None."""
    case = current_call_service().calls.find_by_number(number)
    found = timeline.read_incident_timeline(current_services().engine, number)
    if case is None or found is None or found.incident is None:
        return None
    line, incident = current_call_service().line_of(case), found.incident
    deadline = find_deadline(line, build_office_hours(line), incident, now)
    chapters = calls.timeline.split_chapters(found, now)
    return IncidentDetail(line, incident, deadline, found, chapters)


WARNING_SHARE = 80
"""The share of the promised time, in percent, from which the deadline is shown as a warning."""


@dataclass(frozen=True, slots=True)
class ResponseDeadline:
    """An incident, who has acknowledged it, and its response clock; ``left`` is None if no response
    time was promised."""

    incident: Incident
    owner: str
    left: dt.timedelta | None
    tone: str

    @property
    def paused(self) -> bool:
        """True while the incident waits for the customer."""
        return self.incident.clock.state is ClockState.PAUSED


def list_deadlines(
    line: Line, incidents: Sequence[Incident], now: dt.datetime
) -> list[ResponseDeadline]:
    """Return the deadlines of these incidents, level 1 first and then the oldest first."""
    office = build_office_hours(line)
    ordered = sorted(incidents, key=lambda incident: (incident.urgency, incident.opened_at))
    return [find_deadline(line, office, incident, now) for incident in ordered]


def find_deadline(
    line: Line, office: hours.OfficeHours, incident: Incident, now: dt.datetime
) -> ResponseDeadline:
    """Return the response deadline of an incident."""
    owner = policy.name_of(line, incident.acknowledged_by)
    left = response_clock.find_time_left(incident, office, now)
    return ResponseDeadline(incident, owner, left, _choose_tone(incident, now))


def _choose_tone(incident: Incident, now: dt.datetime) -> str:
    clock = incident.clock
    if clock.state is ClockState.NONE:
        return "plain"
    share = clock.reached(now)
    if incident.breached_at is not None or share >= response_clock.WHOLE:
        return "bad"
    if clock.state is not ClockState.RUNNING:
        return "plain"
    if share >= WARNING_SHARE:
        return "warn"
    return "good"


Fields = dict[str, str]
"""The fields of the form of an action."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action on the page of an incident.

    ``verb`` chooses the sentence that confirms it. ``needs`` is the field without which it cannot
    be done; ``reason`` says whether the form asks for a reason.
    """

    name: str
    verb: Verb
    perform: Callable[[IncidentActions, Fields], IncidentActions]
    is_possible: Callable[[IncidentActions], bool]
    needs: str | None = None
    reason: bool = True


def _can_take(it: IncidentActions) -> bool:
    return it.who != DUTY_MANAGER and it.incident.state is IncidentState.OPEN


def _can_call(it: IncidentActions) -> bool:
    return text_commands.why_no_call(it.incident, it.who) is None


def _can_always(_: IncidentActions) -> bool:
    return True


def _can_move(kind: type[lifecycle.Move]) -> Callable[[IncidentActions], bool]:
    return lambda it: lifecycle.why_not(it.incident, it.case.call, kind) is None


def _can_progress(to: RequestProgress) -> Callable[[IncidentActions], bool]:
    return lambda it: lifecycle.why_no_progress(it.incident, to) is None


def _can_uncount(it: IncidentActions) -> bool:
    return it.incident.premium


def _can_count(it: IncidentActions) -> bool:
    return not it.incident.premium and is_countable(it.incident)


ACTIONS = (
    Action("take", Verb.TAKE, lambda it, _: it.take(), _can_take, reason=False),
    Action("call", Verb.CALL, lambda it, _: it.call(), _can_call, reason=False),
    Action(
        "respond",
        Verb.RESPOND,
        lambda it, form: it.respond(form["reason"]),
        _can_move(events.Responded),
    ),
    Action(
        "wait",
        Verb.WAIT,
        lambda it, form: it.wait(form["what"], form["reason"]),
        _can_move(events.WaitsForCustomer),
        needs="what",
    ),
    Action(
        "resume",
        Verb.RESUME,
        lambda it, form: it.resume(form["reason"]),
        _can_move(events.CustomerReplied),
    ),
    Action(
        "close", Verb.CLOSE, lambda it, form: it.close(form["reason"]), _can_move(events.Closed)
    ),
    Action(
        "reassign",
        Verb.TAKE,
        lambda it, form: it.reassign(form["to"], form["reason"]),
        _can_move(events.Reassigned),
        needs="to",
    ),
    Action(
        "note",
        Verb.NOTE,
        lambda it, form: it.note(form["words"]),
        _can_always,
        needs="words",
        reason=False,
    ),
    Action(
        "confirm",
        Verb.CONFIRM,
        lambda it, form: it.advance(RequestProgress.CONFIRMED, form["reason"]),
        _can_progress(RequestProgress.CONFIRMED),
    ),
    Action(
        "release",
        Verb.RELEASE,
        lambda it, form: it.advance(RequestProgress.RELEASED, form["reason"]),
        _can_progress(RequestProgress.RELEASED),
    ),
    Action(
        "standard",
        Verb.NOTE,
        lambda it, form: it.count(form["why"], premium=False),
        _can_uncount,
        needs="why",
        reason=False,
    ),
    Action(
        "premium",
        Verb.NOTE,
        lambda it, form: it.count(form["why"], premium=True),
        _can_count,
        needs="why",
        reason=False,
    ),
)
"""The actions in the order of the page."""

LONGEST_TEXT = 2000
"""Characters of a note or a reason."""

FIELDS = ("reason", "what", "to", "words", "why")
PREMIUM_ACTIONS = ("standard", "premium")
"""The actions that no text command has: the console has its own sentences for them."""

Outcome = tuple[str, str]
"""A sentence and its tone."""


def perform_action(number: int, action: Action) -> Outcome:
    """Perform the action and return the sentence that says what happened."""
    form = {name: request.form.get(name, "").strip()[:LONGEST_TEXT] for name in FIELDS}
    if action.needs is not None and not form[action.needs]:
        return t(f"incidents.missing.{action.needs}"), "bad"
    incident = open_incident_actions(number)
    if incident is None:
        return t("incidents.nobody"), "bad"
    try:
        return _perform(incident, action, form), "good"
    except ActionRefusedError as error:
        return error.render(language()), "bad"
    except UnknownPersonError:
        return t("incidents.no_such_engineer"), "bad"


def _perform(it: IncidentActions, action: Action, form: Fields) -> str:
    number = it.incident.number
    with audit_writes(audit_entry(f"incidents.{action.name}").on("incident", str(number))):
        after = action.perform(it, form)
    if action.name in PREMIUM_ACTIONS:
        return t(f"incidents.done.{action.name}", number=number)
    return after.describe(action.verb, language())


def _list_actions(number: int) -> list[Action]:
    """Return the actions that the viewer can perform now."""
    if not may(Role.ENGINEER):
        return []
    incident = open_incident_actions(number)
    if incident is None:
        return []
    return [action for action in ACTIONS if action.is_possible(incident)]


def open_incident_actions(number: int) -> IncidentActions | None:
    """Return the actions on an incident in the name of the viewer; None if the viewer may only
    look, or if there is no such incident."""
    case = current_call_service().calls.find_by_number(number)
    if case is None:
        return None
    who = find_acting_person(current_call_service().line_of(case))
    if who is None:
        return None
    return IncidentActions.of(current_services(), number, who, Via.CONSOLE)


def find_acting_person(line: Line) -> str | None:
    """Return the engineer to whom the account belongs. A manager without an engineer acts as the
    duty manager. None for a viewer without an engineer, and for an engineer who has left."""
    account = current_viewer().account
    if account.engineer is not None and account.line in (None, line.id):
        return find_own_engineer(line)
    if may(Role.MANAGER):
        return DUTY_MANAGER
    return None

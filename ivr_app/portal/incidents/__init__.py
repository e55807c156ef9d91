"""The incidents of a contract: the list, and one incident as its customer may follow it.

Nothing of an engineer is shown but what a caller would hear, and no note of the staff.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from flask import Response, abort, flash, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.datastructures import MultiDict

from ivr_app.context import current_call_service, current_services
from ivr_app.portal import (
    PortalPage,
    current_contact,
    find_own_case,
    for_contacts,
    open_portal_sessions,
)
from ivr_app.portal.files import (
    ShownUpload,
    describe_refusals,
    find_limits,
    find_uploads,
    list_own_files,
    list_uploads,
    takes_files,
)
from ivr_app.web import Form, Mistakes, PageResponse, read_form, t
from ivr_app.whole_numbers import parse_whole_number
from routing import events
from routing.call import Call, CallOutcome
from routing.caller import urgency
from routing.caller.call_me_now import NoCall, find_numbers, why_not_called
from routing.correspondence import Author, CustomerMessage, IncidentFile
from routing.decision import Case
from routing.incident import Incident, IncidentState
from routing.incidents import lifecycle, response_clock
from routing.incidents.progress import Progress, ProgressKind, describe_progress
from routing.message import Via
from routing.names import name_key
from routing.recording import Purpose, Recording, RecordingState
from store.log.reports import IncidentLogFilter, find_incidents
from store.log.timeline import Timeline, read_incident_timeline

page = PortalPage("incidents", __name__, place=10, path="/")

AT_ONCE = 20
"""Incidents on one page."""


@page.get("/")
@for_contacts
def show() -> str:
    """List the incidents of the contract."""
    contact = current_contact()
    after = request.args.get("after", type=parse_whole_number)
    wanted = IncidentLogFilter(contact.line.id, contact.contract.number, after=after, limit=AT_ONCE)
    incidents, after = find_incidents(current_services().engine, wanted)
    goes_on = {one.key: _find_case(one.number) for one in incidents if one.merged_into}
    return render_template(
        "incidents/show.html",
        incidents=incidents,
        goes_on={key: _incident_of(case).number for key, case in goes_on.items()},
        after=after,
    )


@page.get("/incidents/<int:number>")
@for_contacts
def one(number: int) -> PageResponse:
    """One incident: how far it is, what was said and written, and what the contact can do."""
    case = _find_case(number)
    goes_on = _incident_of(case).number
    if number != goes_on:
        flash(t("portal.incidents.merged", merged=number, number=goes_on), "plain")
        return redirect(url_for("incidents.one", number=goes_on))
    found = read_incident_timeline(current_services().engine, number) or abort(404)
    conversation = _list_conversation(case, found)
    shown = {file.id for saying in conversation for file in saying.files}
    return render_template(
        "incidents/one.html",
        live=_describe_live(case, found),
        conversation=conversation,
        files=[one for one in list_own_files(_incident_of(case)) if one.id not in shown],
    )


@page.get("/incidents/<int:number>/progress")
@for_contacts
def progress(number: int) -> PageResponse:
    """The part of the page that changes while people are rung; nothing while it is as it was."""
    case = _find_case(number)
    found = read_incident_timeline(current_services().engine, _incident_of(case).number)
    live = _describe_live(case, found or abort(404))
    if request.args.get("seen") == live.mark:
        return Response(status=204)
    return render_template("incidents/live.html", live=live)


# What the contact can do.


class AfterAnswer(StrEnum):
    """What a message about an answered incident means. The contact says so before it is sent,
    because the second opens it again and may ring an engineer at night."""

    THANKS = "thanks"
    NOT_SOLVED = "not_solved"


class MessageForm(Form):
    """A message of the contact. Only an answered incident asks what it means."""

    token: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    means: AfterAnswer | None = None
    words: Annotated[str, Field(max_length=20_000)] = ""


@page.get("/incidents/<int:number>/write")
@for_contacts
def write(number: int) -> str:
    """The form for a message, on a page that never refreshes itself. After a mistake it has what
    was written, also for whoever comes back to it."""
    case = _find_case(number)
    draft = open_portal_sessions().find_draft(current_contact().session_id, _name_draft(case))
    if draft is None:
        return _render_message_form(case, MultiDict({"token": secrets.token_hex(16)}), {}, ())
    given: MultiDict[str, str] = MultiDict(draft)
    uploads = list_uploads(given.getlist("upload"))
    _, mistakes = _read_message(case, given, uploads)
    return _render_message_form(case, given, mistakes, uploads)


@page.post("/incidents/<int:number>/write")
@for_contacts
@takes_files
def send(number: int) -> PageResponse:
    """Keep a message with its files. The same form twice is one message."""
    case, uploads, refused = _find_case(number), find_uploads(), describe_refusals()
    form, mistakes = _read_message(case, request.form, uploads)
    incident = _incident_of(case)
    _keep_draft(case, uploads)
    if refused:
        return _render_message_form(case, request.form, mistakes, uploads), 422
    if form is None or mistakes:
        return redirect(url_for("incidents.write", number=incident.number), 303)
    mark = f"portal message {incident.key} {form.token}"
    files = tuple(one.file.id for one in uploads)
    words = form.words
    if form.means is AfterAnswer.THANKS:
        words = words or t("portal.incidents.means.thanks")
    event = events.CustomerWrote(
        incident=incident.key,
        message_id=hashlib.sha256(mark.encode()).hexdigest()[:32],
        by=current_contact().name,
        door=Via.PORTAL,
        words=words,
        files=files,
        thanks=form.means is AfterAnswer.THANKS,
    )
    current_call_service().happen(event)
    open_portal_sessions().keep_draft(current_contact().session_id, _name_draft(case), None)
    flash(t("portal.incidents.written"), "good")
    return redirect(url_for("incidents.one", number=incident.number), 303)


def _read_message(
    case: Case, given: MultiDict[str, str], uploads: Sequence[ShownUpload]
) -> tuple[MessageForm | None, Mistakes]:
    """Return a message, and its mistakes."""
    form, mistakes = read_form(MessageForm, given)
    if form is not None:
        mistakes = _find_mistakes(_incident_of(case), form, has_files=bool(uploads))
    return form, mistakes


def _keep_draft(case: Case, uploads: Sequence[ShownUpload]) -> None:
    """Keep what was written until it is sent."""
    draft = {name: [request.form.get(name, "")] for name in MessageForm.model_fields}
    draft["upload"] = [one.file.id for one in uploads]
    if not re.fullmatch(r"[0-9a-f]{32}", draft["token"][0]):
        draft["token"] = [secrets.token_hex(16)]
    open_portal_sessions().keep_draft(current_contact().session_id, _name_draft(case), draft)


def _name_draft(case: Case) -> str:
    return f"message {_incident_of(case).number}"


def _find_mistakes(incident: Incident, form: MessageForm, *, has_files: bool) -> Mistakes:
    """An answer that came while they wrote makes the form ask again."""
    mistakes: Mistakes = {}
    if incident.state is IncidentState.RESPONDED and form.means is None:
        mistakes["means"] = t("portal.incidents.means_what")
    if not form.words and not has_files and form.means is not AfterAnswer.THANKS:
        mistakes["words"] = t("portal.incidents.nothing_written")
    return mistakes


@page.post("/incidents/<int:number>/raise")
@for_contacts
def raise_level(number: int) -> PageResponse:
    """Make it level 1, as a key does on the telephone."""
    incident = _incident_of(_find_case(number))
    if urgency.can_be_raised(incident):
        current_call_service().happen(events.RaisedByCustomer(incident.key, Via.PORTAL))
        flash(t("portal.incidents.raised"), "good")
    return redirect(url_for("incidents.one", number=incident.number), 303)


@page.post("/incidents/<int:number>/call")
@for_contacts
def call_me(number: int) -> PageResponse:
    """Ring the contact now, at one of their own numbers, which the form names by its place."""
    case, name = _find_case(number), current_contact().name
    incident = _incident_of(case)
    facts = current_call_service().facts(current_contact().line)
    numbers = find_numbers(facts, incident, name)
    place = request.form.get("place", 0, type=int)
    if not 0 <= place < max(len(numbers), 1):
        abort(404)
    why = why_not_called(facts, case, name)
    if why is None:
        wanted = events.CustomerCallWanted(incident.key, name, numbers[place])
        current_call_service().happen(wanted)
    else:
        flash(t(f"portal.incidents.no_call.{why}"), "bad")
    return redirect(url_for("incidents.one", number=incident.number), 303)


@page.post("/incidents/<int:number>/solved")
@for_contacts
def solve(number: int) -> PageResponse:
    """Close it, because the contact says that it is solved."""
    case = _find_case(number)
    incident = _incident_of(case)
    if lifecycle.why_not_solved(incident, case.call) is None:
        current_call_service().happen(events.SolvedByCustomer(incident.key, Via.PORTAL))
        flash(t("portal.incidents.solved"), "good")
    return redirect(url_for("incidents.one", number=incident.number), 303)


@page.get("/incidents/<int:number>/sound/<recording>")
@for_contacts
def sound(number: int, recording: str) -> Response:
    """What the contact said themselves. Nobody hears what somebody else said."""
    case = _find_case(number)
    found = read_incident_timeline(current_services().engine, _incident_of(case).number)
    own = _list_own_recordings(case, found or abort(404))
    theirs = next((one for one in own if one.id == recording), None) or abort(404)
    data = current_services().recordings.read_sound(theirs)
    if data is None or theirs.sound is None:
        abort(404)
    return Response(data, mimetype=theirs.sound.content_type)


def _find_case(number: int) -> Case:
    """Return the case of an own incident; of the one that goes on for it if it was merged."""
    case = find_own_case(number)
    into = _incident_of(case).merged_into
    merged = current_call_service().calls.find_by_incident(into or "")
    if merged is None or merged.incident is None:
        return case
    return find_own_case(merged.incident.number)


def _incident_of(case: Case) -> Incident:
    return case.incident or abort(404)


def _render_message_form(
    case: Case, given: MultiDict[str, str], mistakes: Mistakes, uploads: Sequence[ShownUpload]
) -> str:
    return render_template(
        "incidents/write.html",
        incident=_incident_of(case),
        token=given.get("token", ""),
        words=given.get("words", ""),
        means=given.get("means", ""),
        mistakes=mistakes,
        uploads=uploads,
        refused=describe_refusals(),
        limits=find_limits(),
    )


# How far it is, and what the contact can do about it.

STILL = (
    ProgressKind.CLOSED,
    ProgressKind.RESPONDED,
    ProgressKind.DESK_OPENS,
    ProgressKind.DESK_HAS_IT,
    ProgressKind.REGISTERED,
    ProgressKind.NOBODY_RUNG,
    ProgressKind.WAITS_FOR_YOU,
    ProgressKind.WORKING,
)
"""How far it is while nothing changes by itself for a while."""

SOON, LATER = 2, 20
"""Seconds after which the page looks again."""


@dataclass(frozen=True, slots=True)
class LiveView:
    """The part of the page that changes by itself. ``places`` are the last digits of the numbers at
    which the contact can be called, and ``no_call`` says why not now. ``left`` is the time left for
    the response."""

    incident: Incident
    progress: Progress
    left: dt.timedelta | None
    places: tuple[str, ...]
    no_call: NoCall | None
    can_raise: bool
    can_solve: bool

    @property
    def again_after(self) -> int:
        """Seconds after which the page looks again."""
        if self.progress.headline.kind in STILL:
            return LATER
        return SOON

    @property
    def mark(self) -> str:
        """Changes with what is shown, but for the time that is left."""
        shown = (
            self.incident.number,
            self.incident.urgency,
            self.incident.state,
            self.incident.respond_by,
            self.incident.clock.state,
            self.progress,
            self.places,
            self.no_call,
            self.can_raise,
            self.can_solve,
        )
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _describe_live(case: Case, found: Timeline) -> LiveView:
    incident, contact = _incident_of(case), current_contact()
    facts = current_call_service().facts(contact.line)
    numbers = find_numbers(facts, incident, contact.name)
    return LiveView(
        incident=incident,
        progress=describe_progress(facts, case, found.pages, found.entries),
        left=response_clock.find_time_left(incident, facts.office, facts.now),
        places=tuple(number[-4:] for number in numbers),
        no_call=why_not_called(facts, case, contact.name),
        can_raise=urgency.can_be_raised(incident),
        can_solve=lifecycle.why_not_solved(incident, case.call) is None,
    )


# What was written and said.


@dataclass(frozen=True, slots=True)
class Saying:
    """One message, or one call, in the conversation about an incident."""

    at: dt.datetime
    by: str
    message: CustomerMessage | None = None
    files: Sequence[IncidentFile] = ()
    call: Call | None = None
    recordings: Sequence[Recording] = ()

    @property
    def ours(self) -> bool:
        """True for what the staff wrote."""
        return self.message is not None and self.message.author is Author.STAFF

    @property
    def kind(self) -> str:
        """Which sentence says what it is."""
        if self.message is not None:
            return "answer" if self.ours else f"by_{self.message.door.name.lower()}"
        if self.call is not None and self.call.outcome is CallOutcome.CONNECTED:
            return "talked"
        return "called"


def _list_conversation(case: Case, found: Timeline) -> list[Saying]:
    """Return what was written and said, oldest first. Of a call, that it was, and by whom."""
    incident = _incident_of(case)
    messages = current_call_service().calls.correspondence.find_messages(incident.key)
    files = {file.id: file for file in list_own_files(incident)}
    said = [
        Saying(
            at=one.at,
            by=one.by if one.author is Author.CUSTOMER else "",
            message=one,
            files=[files[file] for file in one.files if file in files],
        )
        for one in messages
    ]
    own = _list_own_recordings(case, found)
    for call in _list_own_calls(case, found):
        name = call.identity.contact if call.identity is not None else ""
        spoken = [one for one in own if one.call == call.id]
        said.append(Saying(call.started_at, name, call=call, recordings=spoken))
    return sorted(said, key=lambda saying: saying.at)


def _list_own_calls(case: Case, found: Timeline) -> list[Call]:
    """Return the calls of contacts of this contract."""
    contract = _incident_of(case).contract
    return [
        call
        for call in found.calls
        if call.identity is not None and call.identity.contract == contract
    ]


def _list_own_recordings(case: Case, found: Timeline) -> list[Recording]:
    """Return what the contact who is signed in said themselves, while it is kept."""
    me = name_key(current_contact().name)
    calls = {
        call.id
        for call in _list_own_calls(case, found)
        if call.identity is not None and name_key(call.identity.contact) == me
    }
    return [
        one
        for one in found.recordings
        if one.call in calls
        and one.by is None
        and one.purpose is not Purpose.NOTE
        and one.state is RecordingState.KEPT
    ]

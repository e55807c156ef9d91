"""Merges two incidents that are one matter: first a preview of what happens, then the merge."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from pydantic import Field

from ivr_app.console import ConsolePage, audit_entry, incidents, needs
from ivr_app.context import current_services
from ivr_app.web import Form, PageResponse, language, read_form, t
from ivr_app.whole_numbers import parse_whole_number
from routing.incident import Incident, IncidentState
from service.incident_actions import IncidentActions
from service.refusals import ActionRefusedError, IncidentNotFoundError
from store.log.reports import IncidentLogFilter, find_incidents
from store.people.accounts import Role
from store.people.audit import audit_writes

page = ConsolePage("merging", __name__, Role.MANAGER, path="/incidents/<int:number>/merge")

RECENT = 50
"""How many of the latest incidents of the contract are offered."""


class MergeForm(Form):
    """The incident that goes on for both, and why."""

    into: int = Field(ge=1, le=10**9)
    reason: str = Field("", max_length=500)


@page.get("/")
@needs(Role.MANAGER)
def show(number: int) -> PageResponse:
    """The other incidents of the contract; with ``into`` what a merge would do, or why it cannot be
    done."""
    actions = incidents.open_incident_actions(number) or abort(404)
    return _render(actions, request.args.get("into", type=parse_whole_number))


@page.post("/")
@needs(Role.MANAGER)
def merge(number: int) -> PageResponse:
    """Merge the two, and show the one that goes on."""
    actions = incidents.open_incident_actions(number) or abort(404)
    form, _ = read_form(MergeForm)
    if form is None:
        return _render(actions, None), 422
    entry = audit_entry("incidents.merge").on("incident", str(number), None, {"into": form.into})
    try:
        with audit_writes(entry):
            actions.merge(form.into, form.reason)
    except (ActionRefusedError, IncidentNotFoundError):
        return _render(actions, form.into), 409
    flash(t("merging.done", number=number, into=form.into), "good")
    return redirect(url_for("incidents.one", number=form.into))


def _render(actions: IncidentActions, into: int | None) -> str:
    other, why = None, None
    if into is not None:
        other, why = _find_other(actions, into)
    return render_template(
        "merging/show.html",
        it=actions.incident,
        others=_list_others(actions.incident),
        into=into,
        other=other,
        why=why,
        premium_twice=other is not None and actions.incident.premium and other.premium,
    )


def _find_other(actions: IncidentActions, into: int) -> tuple[Incident | None, str | None]:
    """Return the other incident, and the sentence that says why the two cannot be merged."""
    try:
        other = actions.find_other(into)
    except IncidentNotFoundError:
        return None, t("merging.unknown", number=into)
    refused = actions.why_no_merge(other)
    if refused is None:
        return other.incident, None
    return other.incident, refused.render(language())


def _list_others(incident: Incident) -> list[Incident]:
    """Return the incidents of the same contract that are not closed."""
    if incident.contract is None:
        return []
    wanted = IncidentLogFilter(incident.line, incident.contract, limit=RECENT)
    found, _ = find_incidents(current_services().engine, wanted)
    unclosed = (one for one in found if one.state is not IncidentState.CLOSED)
    return [one for one in unclosed if one.key != incident.key]

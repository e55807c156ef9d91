"""The incidents of the contact's contract, newest first."""

from __future__ import annotations

from flask import render_template, request

from ivr_app.context import current_services
from ivr_app.portal import PortalPage, current_contact, for_contacts
from ivr_app.whole_numbers import parse_whole_number
from store.log.reports import IncidentLogFilter, find_incidents

page = PortalPage("incidents", __name__, place=10, path="/")

AT_ONCE = 20
"""Incidents on one page."""


@page.get("/")
@for_contacts
def show() -> str:
    """List the incidents of the contract."""
    contact = current_contact()
    wanted = IncidentLogFilter(
        contact.line.id, contact.contract.number, after=_read_after(), limit=AT_ONCE
    )
    incidents, after = find_incidents(current_services().engine, wanted)
    return render_template("incidents/show.html", incidents=incidents, after=after)


def _read_after() -> int | None:
    try:
        return parse_whole_number(request.args.get("after", ""))
    except ValueError:
        return None

"""Calendar feeds and the vCard of the line, under secret links."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, abort, request

from ivr_app.context import current_call_service, current_services
from routing.oncall.policy import language_of
from service.calendar_feed import find_monday, render_feed, render_vcard
from service.signed_urls import CalendarSubject, find_subject
from store.people.calendar_links import read_generations

blueprint = Blueprint("calendars", __name__, url_prefix="/calendar")

MAX_AGE = dt.timedelta(minutes=15)
"""How long a client can use a response without asking again."""


@blueprint.get("/<token>.ics")
def calendar(token: str) -> Response:
    """The calendar of a schedule or an engineer."""
    subject, now = _find_subject(token), current_call_service().clock()
    changed_at = current_services().lines.read_changed_at(subject.line.id) or now
    response = Response(render_feed(subject, token, now, changed_at), mimetype="text/calendar")
    return _add_cache_headers(response, max(changed_at, find_monday(subject.line.timezone, now)))


@blueprint.get("/<token>.vcf")
def contact(token: str) -> Response:
    """The numbers of the line as a vCard, for the phone of an engineer."""
    subject, now = _find_subject(token), current_call_service().clock()
    if subject.kind != "engineer":
        abort(404)
    text = render_vcard(subject.line, language_of(subject.line, subject.id))
    response = Response(text.encode(), mimetype="text/vcard")
    response.headers["Content-Disposition"] = "attachment; filename=line.vcf"
    return _add_cache_headers(
        response, current_services().lines.read_changed_at(subject.line.id) or now
    )


def _find_subject(token: str) -> CalendarSubject:
    """Return the schedule or engineer of a link; 404 for an unknown link."""
    services = current_services()
    known, lines = read_generations(services.engine), services.lines.list_lines()
    return find_subject(services.settings.secret_key, lines, known, token) or abort(404)


def _add_cache_headers(response: Response, changed_at: dt.datetime) -> Response:
    """Let a client keep the response; 304 if it has the latest already."""
    response.cache_control.private = True
    response.cache_control.max_age = int(MAX_AGE.total_seconds())
    response.last_modified = changed_at
    response.add_etag()
    response.make_conditional(request)
    return response

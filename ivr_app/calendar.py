"""Calendars that people subscribe to, and the card of the line, each under a secret link."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, abort, request

from ivr_app.context import current_call_service, current_services
from routing.oncall.policy import language_of
from service.calendar_feed import find_monday, render_feed, render_vcard
from service.signed_urls import CalendarSubject, find_subject
from store.people.calendar_links import generations
from store.people.lines import SqlLineRepository

blueprint = Blueprint("calendars", __name__, url_prefix="/calendar")

MAX_AGE = dt.timedelta(minutes=15)
"""How long a client need not ask again."""


@blueprint.get("/<token>.ics")
def calendar(token: str) -> Response:
    """The calendar of a schedule or an engineer."""
    people = current_services().lines
    subject, now = _find_subject(people, token), current_call_service().clock()
    changed_at = people.changed_at(subject.line.id) or now
    answer = Response(render_feed(subject, token, now, changed_at), mimetype="text/calendar")
    return _add_cache_headers(answer, max(changed_at, find_monday(subject.line.timezone, now)))


@blueprint.get("/<token>.vcf")
def contact(token: str) -> Response:
    """The line's numbers, for an engineer's telephone."""
    people = current_services().lines
    subject = _find_subject(people, token)
    if subject.kind != "engineer":
        abort(404)
    text = render_vcard(subject.line, language_of(subject.line, subject.id))
    answer = Response(text.encode(), mimetype="text/vcard")
    answer.headers["Content-Disposition"] = "attachment; filename=line.vcf"
    return _add_cache_headers(
        answer, people.changed_at(subject.line.id) or current_call_service().clock()
    )


def _find_subject(people: SqlLineRepository, token: str) -> CalendarSubject:
    known = generations(current_services().engine)
    return find_subject(
        current_services().settings.secret_key, people.all_lines(), known, token
    ) or abort(404)


def _add_cache_headers(answer: Response, changed_at: dt.datetime) -> Response:
    """Whoever has this answer already is told so, and need not ask again at once."""
    answer.cache_control.private = True
    answer.cache_control.max_age = int(MAX_AGE.total_seconds())
    answer.last_modified = changed_at
    answer.add_etag()
    answer.make_conditional(request)
    return answer

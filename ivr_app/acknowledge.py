"""The page behind the link in a text or mail: shows an incident, and a button that takes it.

Mail scanners open links, so a GET changes nothing and names no company.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, abort, render_template
from werkzeug.exceptions import NotFound

from carrier import prompts
from ivr_app.context import current_call_service, current_services
from routing import events
from routing.incident import Incident, IncidentState
from routing.line import Line
from routing.message import Via
from routing.notify.text_codes import lacks_proof
from routing.oncall.policy import language_of, name_of

blueprint = Blueprint("acknowledge", __name__, url_prefix="/ack")

STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.25rem/1.5 system-ui,sans-serif;color:#16211c;background:#fff;"
    "max-width:26rem;margin:10vh auto 2rem;padding:0 1.25rem}"
    "h1{font-size:1.6rem;line-height:1.25;margin:0 0 1.25rem;overflow-wrap:anywhere;"
    "text-wrap:balance}"
    "p{margin:0 0 1rem;overflow-wrap:anywhere}"
    "header{font-size:1rem;color:#54605a;margin-bottom:.25rem}"
    "button{font:inherit;font-weight:600;width:100%;min-height:3.5rem;margin-top:.5rem;border:0;"
    "border-radius:.6rem;color:#fff;background:#0b5d3b;cursor:pointer}"
    "button:focus-visible{outline:3px solid #16211c;outline-offset:3px}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#151515}header{color:#a5b0aa}"
    "button{background:#1f7a54}button:focus-visible{outline-color:#eee}}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True)
class AcknowledgeRequest:
    """What a link is about, and for whom."""

    line: Line
    incident: Incident
    engineer: str

    @property
    def language(self) -> str:
        """The language of this person."""
        return language_of(self.line, self.engineer)


@blueprint.after_request
def add_security_headers(answer: Response) -> Response:
    """Nothing of the page is kept, framed, or told to others."""
    answer.headers.update(HEADERS)
    return answer


@blueprint.errorhandler(404)
def render_expired(_: NotFound) -> tuple[str, int]:
    """A link that is too old, or never was one: what to do instead, in every language."""
    titles = {lang: prompts.text(lang, "ack_worn_out", {}) for lang in prompts.SPOKEN}
    advice = {lang: prompts.text(lang, "ack_instead", {}) for lang in prompts.SPOKEN}
    first = prompts.SPOKEN[0]
    page = {"language": first, "title": titles[first], "style": STYLE}
    return render_template("worn_out.html", **page, titles=titles, advice=advice), 404


@blueprint.get("/<token>")
def look(token: str) -> str:
    """The incident as it stands, and the button; for whom a text put it in their name, one that
    shows that they are there themselves."""
    invited = _read_token(token)
    incident, engineer = invited.incident, invited.engineer
    if incident.state is IncidentState.OPEN:
        return _render_page(invited, _describe_state(invited), button="ack_button")
    theirs = incident.state is IncidentState.ACKNOWLEDGED and incident.acknowledged_by == engineer
    proves = theirs and lacks_proof(incident, engineer)
    return _render_page(invited, _describe_state(invited), button="ack_prove" if proves else None)


@blueprint.post("/<token>")
def take(token: str) -> str:
    """The button, the same as a text back; no other site knows the token, so none can press it."""
    invited = _read_token(token)
    key, engineer = invited.incident.key, invited.engineer
    matter = current_call_service().happen(events.TextedBack(key, engineer, Via.LINK))
    after = AcknowledgeRequest(invited.line, matter.incident or invited.incident, engineer)
    if after.incident.acknowledged_by != engineer:
        return _render_page(after, _describe_state(after))
    waits = matter.call is not None and matter.call.holds
    say = partial(prompts.text, after.language)
    follows = "acknowledged_waits" if waits else "acknowledged"
    company = after.incident.customer or say("unverified", {})
    said = [company, say(follows, {"number": after.incident.number})]
    return _render_page(after, said if waits else [*said, say("ack_next", {})])


def _read_token(token: str) -> AcknowledgeRequest:
    """What the link is about; 404 once it is too old, or its person or incident is unknown."""
    number, engineer = current_services().acknowledge_links.read(
        token, current_call_service().clock()
    ) or abort(404)
    matter = current_call_service().calls.find_by_number(number)
    if matter is None or matter.incident is None:
        abort(404)
    line = current_call_service().line_of(matter)
    if line.engineer(engineer) is None:
        abort(404)
    return AcknowledgeRequest(line, matter.incident, engineer)


def _describe_state(invited: AcknowledgeRequest) -> list[str]:
    """How far the incident has come, in a sentence."""
    incident, say = invited.incident, partial(prompts.text, invited.language)
    if incident.state is IncidentState.OPEN:
        return [say("ack_open", {})]
    number = {"number": incident.number}
    if incident.acknowledged_by == invited.engineer:
        return [say("acknowledged", number)]
    return [say("taken", number | {"name": name_of(invited.line, incident.acknowledged_by)})]


def _render_page(invited: AcknowledgeRequest, said: list[str], *, button: str | None = None) -> str:
    say, incident = partial(prompts.text, invited.language), invited.incident
    words = prompts.for_level("mail_subject", incident.urgency)
    title = say(words, {"number": incident.number, "level": incident.urgency})
    return render_template(
        "acknowledge.html",
        language=invited.language,
        style=STYLE,
        line=invited.line.name,
        title=title,
        said=said,
        button=say(button, {}) if button else None,
    )

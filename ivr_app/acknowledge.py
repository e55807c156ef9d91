"""The page of the link in a text or mail: an incident, and a button that acknowledges it.

Mail scanners open links, so a GET changes nothing, and names neither the company nor the subject.
An engineer who takes it sees both. The link to the console asks them to sign in.
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
from ivr_app.mounted import CONSOLE_ADDRESS
from routing import events
from routing.call_service import find_survivor
from routing.incident import Incident, IncidentState
from routing.line import Line
from routing.message import Via
from routing.notify.text_codes import lacks_proof
from routing.oncall.policy import language_of, name_of
from routing.recording import Transcription, lacks_words, list_customer_words

blueprint = Blueprint("acknowledge", __name__, url_prefix="/ack")

STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.25rem/1.5 system-ui,sans-serif;color:#16211c;background:#fff;"
    "max-width:26rem;margin:10vh auto 2rem;padding:0 1.25rem}"
    "h1{font-size:1.6rem;line-height:1.25;margin:0 0 1.25rem;overflow-wrap:anywhere;"
    "text-wrap:balance}"
    "p{margin:0 0 1rem;overflow-wrap:anywhere}"
    "a{color:inherit}"
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
    """The incident of a link, and the engineer for whom it is."""

    line: Line
    incident: Incident
    engineer: str

    @property
    def language(self) -> str:
        """The language of the engineer."""
        return language_of(self.line, self.engineer)


@blueprint.after_request
def add_security_headers(response: Response) -> Response:
    """Add security headers: the page is not cached, framed or indexed."""
    response.headers.update(HEADERS)
    return response


@blueprint.errorhandler(404)
def render_expired(_: NotFound) -> tuple[str, int]:
    """The page of an expired or unknown link: what to do instead, in every language."""
    languages = prompts.list_languages()
    titles = {lang: prompts.render_text(lang, "ack_worn_out", {}) for lang in languages}
    advice = {lang: prompts.render_text(lang, "ack_instead", {}) for lang in languages}
    first = languages[0]
    page = {"language": first, "title": titles[first], "style": STYLE}
    return render_template("expired.html", **page, titles=titles, advice=advice), 404


@blueprint.get("/<token>")
def look(token: str) -> str:
    """The incident with its state, and a button. An engineer who acknowledged it by text, without
    the code, gets a button that proves who they are."""
    asked = _read_token(token)
    return _render_page(asked, _describe_state(asked), button=_choose_button(asked))


@blueprint.post("/<token>")
def take(token: str) -> str:
    """Acknowledge the incident, like a text back. Other sites do not know the token, so they cannot
    forge this request."""
    asked = _read_token(token)
    key, engineer = asked.incident.key, asked.engineer
    case = current_call_service().happen(events.AcknowledgedWithoutKey(key, engineer, Via.LINK))
    after = AcknowledgeRequest(asked.line, case.incident or asked.incident, engineer)
    state, owner = after.incident.state, after.incident.acknowledged_by
    if state is not IncidentState.ACKNOWLEDGED or owner != engineer:
        return _render_page(after, _describe_state(after))
    say, number = partial(prompts.render_text, after.language), {"number": after.incident.number}
    about = [after.incident.customer or say("unverified", {})]
    if after.incident.subject:
        about.append(say("ack_subject", {"subject": after.incident.subject}))
    spoken = current_call_service().calls.recordings.find_all(after.incident.key)
    about += [say("ack_words", {"words": words}) for words in list_customer_words(spoken)]
    again = None
    if after.line.transcribe is not Transcription.OFF and any(lacks_words(one) for one in spoken):
        again = "ack_again"
    if case.call is not None and case.call.holds:
        return _render_page(after, [*about, say("acknowledged_waits", number)], button=again)
    told = [*about, say("acknowledged", number), say("ack_next", {})]
    return _render_page(after, told, button=again)


def _read_token(token: str) -> AcknowledgeRequest:
    """Return the request of a link; 404 if it has expired, or its engineer or incident is
    unknown."""
    links, now = current_services().acknowledge_links, current_call_service().clock()
    number, engineer = links.read(token, now) or abort(404)
    calls = current_call_service().calls
    case = calls.find_by_number(number)
    if case is not None and case.incident is not None:
        case = find_survivor(calls, case.incident.key)
    if case is None or case.incident is None:
        abort(404)
    line = current_call_service().line_of(case)
    if line.engineer(engineer) is None:
        abort(404)
    return AcknowledgeRequest(line, case.incident, engineer)


def _choose_button(asked: AcknowledgeRequest) -> str | None:
    incident = asked.incident
    if incident.state is IncidentState.OPEN:
        return "ack_button"
    owned = incident.acknowledged_by == asked.engineer
    acknowledged = incident.state is IncidentState.ACKNOWLEDGED
    if acknowledged and owned and lacks_proof(incident, asked.engineer):
        return "ack_prove"
    return None


def _describe_state(asked: AcknowledgeRequest) -> list[str]:
    """Return the state of the incident as sentences."""
    incident, say = asked.incident, partial(prompts.render_text, asked.language)
    if incident.state is IncidentState.OPEN:
        return [say("ack_open", {})]
    number = {"number": incident.number}
    if incident.state in (IncidentState.RESPONDED, IncidentState.CLOSED):
        return [say(f"is_{incident.state}", number)]
    if incident.acknowledged_by == asked.engineer:
        return [say("acknowledged", number)]
    return [say("taken", number | {"name": name_of(asked.line, incident.acknowledged_by)})]


def _render_page(
    asked: AcknowledgeRequest, sentences: list[str], *, button: str | None = None
) -> str:
    say, incident = partial(prompts.render_text, asked.language), asked.incident
    words = prompts.choose_by_level("mail_subject", incident.urgency)
    title = say(words, {"number": incident.number, "level": incident.urgency})
    label = None
    if button is not None:
        label = say(button, {})
    return render_template(
        "acknowledge.html",
        language=asked.language,
        style=STYLE,
        line=asked.line.name_in(asked.language),
        title=title,
        said=sentences,
        button=label,
        address=f"{CONSOLE_ADDRESS}/incidents/{incident.number}",
        link=say("ack_console", {}),
    )

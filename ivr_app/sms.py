"""Texts from engineers, and what becomes of texts to them."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response
from twilio.twiml.messaging_response import MessagingResponse

from carrier import prompts
from ivr_app.confirmation import confirmation
from ivr_app.switch import desk, given, nothing, xml
from routing import events as ev
from routing.course import replies
from routing.course.answers import answer
from routing.course.replies import Reply
from routing.incident import Incident, Result
from routing.line import Engineer, Line
from routing.numbers import normalise
from routing.schedule.escalation import language_of

blueprint = Blueprint("sms", __name__, url_prefix="/sms")

Sender = tuple[Line, Engineer]
"""Somebody who texts, and on which line."""

RESULTS = {
    "sent": Result.SENT,
    "delivered": Result.DELIVERED,
    "undelivered": Result.UNDELIVERED,
    "failed": Result.FAILED,
}


@blueprint.post("/incoming")
def incoming() -> Response:
    """An engineer texts back; anybody else is not answered."""
    senders = _senders(given("From"), given("To"))
    if not senders:
        return _reply(None)
    confirmed = (confirmation(line, engineer.id) for line, engineer in senders)
    return _reply(next(filter(None, confirmed), None) or _answer(senders, given("Body")))


@blueprint.post("/<page_id>/status")
def status(page_id: str) -> Response:
    """What became of a text of ours."""
    result = RESULTS.get(given("MessageStatus"))
    sid = given("MessageSid") or None
    if result is not None and desk().book.matter_of_leg(page_id) is not None:
        desk().happen(ev.PageSent(page_id, result, sid))
    elif result is not None:
        desk().book.letter_became(page_id, result, sid)
    return nothing()


def _senders(shown: str, to: str) -> list[Sender]:
    """Who texts: on each line that texts from this number, the engineer with theirs."""
    found = []
    for line in desk().people.lines_of_texts(to):
        sender = normalise(shown, line.country)
        found += [(line, engineer) for engineer in line.engineers if sender in engineer.phones]
    return found


def _answer(senders: list[Sender], body: str) -> str:
    """Do what the text means, and say in one sentence how the incident stands."""
    said = replies.read(body)
    found = _meant(senders, said)
    if isinstance(found, str):
        (line, engineer), *_ = senders
        return prompts.text(language_of(line, engineer.id), found, {})
    (line, engineer), incident = found
    text_id = given("MessageSid") or secrets.token_hex(16)
    after = desk().happen(replies.event_of(said, incident.key, engineer.id, text_id))
    answered = answer(said.verb, engineer.id, after, line)
    return prompts.text(language_of(line, engineer.id), answered.words, answered.values)


def _meant(senders: list[Sender], said: Reply) -> tuple[Sender, Incident] | str:
    """The incident that a text is about, or the key of the sentence that asks for its number."""
    book = desk().book
    if said.number is not None:
        matter = book.matter_of_number(said.number)
        found = matter.incident if matter is not None else None
        of_line = (one for one in senders if found is not None and one[0].id == found.line)
        sender = next(of_line, None)
        return (sender, found) if sender is not None and found is not None else "no_incident"
    meant = [
        (sender, incident)
        for sender in senders
        for incident in replies.named(said, sender[1].id, book.open_incidents(sender[0].id))
    ]
    if len(meant) > 1:
        return "which"
    return meant[0] if meant else "no_incident"


def _reply(text: str | None) -> Response:
    response = MessagingResponse()
    if text is not None:
        response.message(text)
    return xml(str(response))

"""Texts from engineers, and what becomes of texts to them."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response
from twilio.twiml.messaging_response import MessagingResponse

from carrier import prompts
from ivr_app.confirmation import confirmation
from ivr_app.switch import desk, given, nothing, xml
from routing import events as ev
from routing.engineer import replies
from routing.engineer.answers import answer
from routing.engineer.escalation import language_of
from routing.engineer.replies import Reply
from routing.incident import Incident, Result
from routing.line import Engineer, Line
from routing.numbers import normalise

blueprint = Blueprint("sms", __name__, url_prefix="/sms")

RESULTS = {
    "sent": Result.SENT,
    "delivered": Result.DELIVERED,
    "undelivered": Result.UNDELIVERED,
    "failed": Result.FAILED,
}


@blueprint.post("/incoming")
def incoming() -> Response:
    """An engineer texts back; anybody else is not answered."""
    line = desk().people.line_of_texts(given("To"))
    if line is None:
        return _reply(None)
    sender = normalise(given("From"), line.country)
    engineer = next((e for e in line.engineers if sender in e.phones), None) if sender else None
    if engineer is None:
        return _reply(None)
    return _reply(confirmation(line, engineer.id) or _answer(line, engineer, given("Body")))


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


def _answer(line: Line, engineer: Engineer, body: str) -> str:
    """Do what the text means, and say in one sentence how the incident stands."""
    language = language_of(line, engineer.id)
    said = replies.read(body)
    found = _meant(line, engineer, said)
    if isinstance(found, str):
        return prompts.text(language, found, {})
    text_id = given("MessageSid") or secrets.token_hex(16)
    after = desk().happen(replies.event_of(said, found.key, engineer.id, text_id))
    answered = answer(said.verb, engineer.id, after, line)
    return prompts.text(language, answered.words, answered.values)


def _meant(line: Line, engineer: Engineer, said: Reply) -> Incident | str:
    """The incident that a text is about, or the key of the sentence that asks for its number."""
    if said.number is not None:
        matter = desk().book.matter_of_number(said.number)
        found = matter.incident if matter is not None else None
        return found if found is not None and found.line == line.id else "no_incident"
    meant = replies.named(said, engineer.id, desk().book.open_incidents(line.id))
    if len(meant) > 1:
        return "which"
    return meant[0] if meant else "no_incident"


def _reply(text: str | None) -> Response:
    response = MessagingResponse()
    if text is not None:
        response.message(text)
    return xml(str(response))

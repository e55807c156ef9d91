"""Texts from engineers, and what becomes of texts to them."""

from __future__ import annotations

import re

from flask import Blueprint, Response
from twilio.twiml.messaging_response import MessagingResponse

from carrier import prompts
from ivr_app.confirmation import confirmation
from ivr_app.switch import desk, given, nothing, xml
from routing import events as ev
from routing.engineer.escalation import language_of, name_of
from routing.incident import Incident, Result, State
from routing.line import Engineer, Line
from routing.numbers import normalise

blueprint = Blueprint("sms", __name__, url_prefix="/sms")

RESULTS = {
    "sent": Result.SENT,
    "delivered": Result.DELIVERED,
    "undelivered": Result.UNDELIVERED,
    "failed": Result.FAILED,
}
NUMBER = re.compile(r"\d+", re.ASCII)


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
    """Acknowledge the incident that the text names, or the only one there is."""
    language = language_of(line, engineer.id)
    waiting = desk().book.open_incidents(line.id)
    numbers = [int(n) for n in NUMBER.findall(body[:160]) if len(n) < 12]
    named = next((i for i in waiting if i.number in numbers), None)
    if named is None and not numbers:
        unclaimed = [i for i in waiting if i.state is State.OPEN]
        if len(unclaimed) > 1:
            return prompts.text(language, "which", {})
        named = next(iter(unclaimed), None)
    if named is None:
        return prompts.text(language, "no_incident", {})
    return _acknowledge(line, engineer, named, language)


def _acknowledge(line: Line, engineer: Engineer, incident: Incident, language: str) -> str:
    matter = desk().happen(ev.TextedBack(incident.key, engineer.id))
    after = matter.incident or incident
    if after.acknowledged_by != engineer.id:
        name = name_of(line, after.acknowledged_by)
        return prompts.text(language, "taken", {"number": after.number, "name": name})
    waits = matter.call is not None and matter.call.holds
    which = "acknowledged_waits" if waits else "acknowledged"
    return prompts.text(language, which, {"number": after.number})


def _reply(text: str | None) -> Response:
    response = MessagingResponse()
    if text is not None:
        response.message(text)
    return xml(str(response))

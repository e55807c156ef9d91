"""Texts from engineers, and what becomes of texts to them."""

from __future__ import annotations

import secrets

import structlog
from flask import Blueprint, Response
from twilio.twiml.messaging_response import MessagingResponse

from carrier import prompts
from carrier.sms import plain
from ivr_app.context import desk, given, nothing, reason, xml
from routing import incident_events, texting
from routing.incidents.text_commands import CarrierWord
from routing.line import Channel
from routing.oncall.policy import language_of
from routing.page import PageResult
from routing.phone_numbers import normalise
from routing.texting import IncomingText, TextAnswer, TextSender
from service.logging import unreached

blueprint = Blueprint("sms", __name__, url_prefix="/sms")
_log = structlog.get_logger("texts")

RESULTS = {
    "sent": PageResult.SENT,
    "delivered": PageResult.DELIVERED,
    "undelivered": PageResult.UNDELIVERED,
    "failed": PageResult.FAILED,
}
FINAL = (PageResult.DELIVERED, PageResult.UNDELIVERED, PageResult.FAILED, PageResult.CANCELED)
LOST = (PageResult.UNDELIVERED, PageResult.FAILED)


@blueprint.post("/incoming")
def incoming() -> Response:
    """An engineer texts back; anybody else is not answered."""
    senders = _senders(given("From"), given("To"))
    if not senders:
        return _reply(None)
    known = given("MessageSid") or given("SmsSid") or given("SmsMessageSid")
    text_id = known or secrets.token_hex(16)
    said = texting.receive(desk(), senders, IncomingText(text_id, given("Body"), _carrier_word()))
    if isinstance(said, TextAnswer):
        return _reply(said)
    _log.info("a text is not answered", line=senders[0].line.id, why=said.why)
    return _reply(None)


@blueprint.post("/<page_id>/status")
def status(page_id: str) -> Response:
    """What became of a text of ours."""
    result = RESULTS.get(given("MessageStatus") or given("SmsStatus"))
    sid = given("MessageSid") or given("SmsSid") or None
    why = reason() if result in LOST else None
    matter = desk().book.matter_of_leg(page_id)
    if result is None:
        return nothing()
    if matter is None:
        letter = desk().book.letter(page_id)
        before = letter.result if letter is not None else result
        desk().book.letter_became(page_id, result, sid, why)
    else:
        page = matter.incident.page(page_id) if matter.incident is not None else None
        before = page.result if page is not None else result
        desk().happen(incident_events.PageSent(page_id, result, sid, why))
    if result in LOST and before not in FINAL:
        unreached(Channel.SMS, why)
    return nothing()


def _senders(shown: str, to: str) -> list[TextSender]:
    """Who texts: on each line that has this number, the engineer with theirs."""
    found = []
    for line in desk().people.lines_of_texts(to):
        number = normalise(shown, line.country)
        found += [TextSender(line, one) for one in line.engineers if number in one.phones]
    return found


def _carrier_word() -> CarrierWord | None:
    """What the carrier says that the text was to it, where it says so."""
    said = given("OptOutType").casefold()
    return CarrierWord(said) if said in set(CarrierWord) else None


def _reply(answer: TextAnswer | None) -> Response:
    response = MessagingResponse()
    if answer is not None:
        line, engineer = answer.sender.line, answer.sender.engineer
        language = language_of(line, engineer.id)
        response.message(plain(prompts.text(language, answer.words, answer.values)))
    return xml(str(response))

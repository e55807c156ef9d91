"""Texts from engineers, and what becomes of texts to them."""

from __future__ import annotations

import secrets

import structlog
from flask import Blueprint, Response

from carrier import prompts
from carrier.sms import simplify
from carrier.twiml import render_text_reply
from ivr_app.context import (
    current_call_service,
    empty_response,
    failure_reason,
    form_value,
    twiml_response,
)
from routing import events
from routing.engineer import texting
from routing.engineer.texting import IncomingText, TextAnswer, TextSender
from routing.incidents.text_commands import CarrierWord
from routing.line import Channel
from routing.oncall.policy import language_of
from routing.page import PageResult
from routing.phone_numbers import normalise
from service.counters import count_unreached

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
    senders = _find_senders(form_value("From"), form_value("To"))
    if not senders:
        return _send_reply(None)
    known = form_value("MessageSid") or form_value("SmsSid") or form_value("SmsMessageSid")
    text_id = known or secrets.token_hex(16)
    said = texting.receive(
        current_call_service(),
        senders,
        IncomingText(text_id, form_value("Body"), _carrier_status()),
    )
    if isinstance(said, TextAnswer):
        return _send_reply(said)
    _log.info("a text is not answered", line=senders[0].line.id, why=said.why)
    return _send_reply(None)


@blueprint.post("/<page_id>/status")
def status(page_id: str) -> Response:
    """What became of a text of ours."""
    result = RESULTS.get(form_value("MessageStatus") or form_value("SmsStatus"))
    sid = form_value("MessageSid") or form_value("SmsSid") or None
    why = failure_reason() if result in LOST else None
    matter = current_call_service().calls.find_by_page(page_id)
    if result is None:
        return empty_response()
    if matter is None:
        letter = current_call_service().calls.messages.find(page_id)
        before = letter.result if letter is not None else result
        current_call_service().calls.messages.record_result(page_id, result, sid, why)
    else:
        page = matter.incident.page(page_id) if matter.incident is not None else None
        before = page.result if page is not None else result
        current_call_service().happen(events.PageSent(page_id, result, sid, why))
    if result in LOST and before not in FINAL:
        count_unreached(Channel.SMS, why)
    return empty_response()


def _find_senders(shown: str, to: str) -> list[TextSender]:
    """Who texts: on each line that has this number, the engineer with theirs."""
    found = []
    for line in current_call_service().lines.lines_of_texts(to):
        number = normalise(shown, line.country)
        found += [TextSender(line, one) for one in line.engineers if number in one.phones]
    return found


def _carrier_status() -> CarrierWord | None:
    """What the carrier says that the text was to it, where it says so."""
    said = form_value("OptOutType").casefold()
    return CarrierWord(said) if said in set(CarrierWord) else None


def _send_reply(answer: TextAnswer | None) -> Response:
    if answer is None:
        return twiml_response(render_text_reply(None))
    line, engineer = answer.sender.line, answer.sender.engineer
    language = language_of(line, engineer.id)
    reply = simplify(prompts.text(language, answer.words, answer.values))
    return twiml_response(render_text_reply(reply))

"""Texts from engineers, and the delivery status of texts to them."""

from __future__ import annotations

import secrets

import structlog
from flask import Blueprint, Response

from carrier import prompts, sms, twiml
from ivr_app.context import (
    build_empty_response,
    build_twiml_response,
    current_call_service,
    read_failure_reason,
    read_form_value,
)
from routing import events
from routing.engineer import texting
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
    senders = _find_senders(read_form_value("From"), read_form_value("To"))
    if not senders:
        return _send_reply(None)
    known = (
        read_form_value("MessageSid")
        or read_form_value("SmsSid")
        or read_form_value("SmsMessageSid")
    )
    text_id = known or secrets.token_hex(16)
    said = texting.receive(
        current_call_service(),
        senders,
        texting.IncomingText(text_id, read_form_value("Body"), _carrier_status()),
    )
    if isinstance(said, texting.TextAnswer):
        return _send_reply(said)
    _log.info("a text is not answered", line=senders[0].line.id, why=said.why)
    return _send_reply(None)


@blueprint.post("/<page_id>/status")
def status(page_id: str) -> Response:
    """The carrier reports the status of a text of ours."""
    result = RESULTS.get(read_form_value("MessageStatus") or read_form_value("SmsStatus"))
    if result is None:
        return build_empty_response()
    sid, why = read_form_value("MessageSid") or read_form_value("SmsSid") or None, None
    if result in LOST:
        why = read_failure_reason()
    is_news = _record_result(events.PageSent(page_id, result, sid, why))
    if result in LOST and is_news:
        count_unreached(Channel.SMS, why)
    return build_empty_response()


def _record_result(event: events.PageSent) -> bool:
    """Store the status of a text. Returns True when its final status was not known yet."""
    service = current_call_service()
    case = service.calls.find_by_page(event.page)
    if case is None:
        message = service.calls.messages.find(event.page)
        service.calls.messages.record_result(event.page, event.result, event.sid, event.why)
        return message is not None and message.result not in FINAL
    service.happen(event)
    page = case.incident.page(event.page) if case.incident is not None else None
    return page is not None and page.result not in FINAL


def _find_senders(shown: str, to: str) -> list[texting.TextSender]:
    """The engineers who have this number, one for each line that it texts."""
    found = []
    for line in current_call_service().lines.find_lines_by_text_number(to):
        number = normalise(shown, line.country)
        found += [texting.TextSender(line, one) for one in line.engineers if number in one.phones]
    return found


def _carrier_status() -> CarrierWord | None:
    """The command to the carrier that the carrier recognised in the text, if any."""
    said = read_form_value("OptOutType").casefold()
    return next((word for word in CarrierWord if word == said), None)


def _send_reply(answer: texting.TextAnswer | None) -> Response:
    if answer is None:
        return build_twiml_response(twiml.render_text_reply(None))
    line, engineer = answer.sender.line, answer.sender.engineer
    language = language_of(line, engineer.id)
    reply = sms.simplify(prompts.render_text(language, answer.words, answer.values))
    return build_twiml_response(twiml.render_text_reply(reply))

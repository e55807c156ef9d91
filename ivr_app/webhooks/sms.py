"""Texts from engineers and customers, and the delivery status of texts to them."""

from __future__ import annotations

import secrets

import structlog
from flask import Blueprint, Response

from carrier import prompts, sms, twiml
from ivr_app.context import (
    build_empty_response,
    build_twiml_response,
    current_call_service,
    current_services,
    read_failure_reason,
    read_form_value,
)
from routing import events
from routing.caller.identify import find_contacts, select_contract
from routing.engineer import texting
from routing.incidents.text_commands import CarrierWord, find_carrier_word
from routing.line import Channel
from routing.notify import customer
from routing.oncall.local_time import wall
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
    """An engineer texts back. A customer hears, once a day, that nobody reads texts here."""
    senders = _find_senders(read_form_value("From"), read_form_value("To"))
    if not senders:
        _answer_customer(read_form_value("From"), read_form_value("To"))
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


def _answer_customer(shown: str, to: str) -> None:
    """Tell a customer where to turn, unless the carrier answers the text itself."""
    service = current_call_service()
    line = next(iter(service.lines.find_lines_by_text_number(to)), None)
    if line is None or _carrier_status() or find_carrier_word(read_form_value("Body")):
        return
    sender, facts = normalise(shown, line.country), service.facts(line)
    if sender is None:
        return  # a short code or a name: a machine
    found = service.lines.find_contracts_by_phone(line.id, sender)
    today = wall(facts.now, line.timezone).date()
    if not any(sender in c.phones for one in found for c in find_contacts(one, today, sender)):
        return  # a stranger's number may be forged, or cost money
    _, language = select_contract(found, sender, today)
    portal = f"{current_services().urls.public_url}/portal"
    message = customer.answer_text(facts, sender, language, portal)
    if message is not None:
        service.notifier.notify(service.calls.messages.send([message], facts.now))
        _log.info("a customer is told that nobody reads texts", line=line.id)


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

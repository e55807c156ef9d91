"""Job handlers for pages and messages: render them at the last moment, and send them on their
channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from carrier import prompts
from routing import decision, drill, events, jobs
from routing.call import Call
from routing.caller import reception
from routing.contracts.plans import Door
from routing.correspondence import Author
from routing.escalation import steps
from routing.facts import QUIET_NOTICE
from routing.incident import Incident
from routing.line import Channel, Line
from routing.message import CONTACT, Message, Phrase, SentenceValue
from routing.notify import addresses, customer, messages, paging, replying, text_codes
from routing.oncall.local_time import wall
from routing.page import Page, PageResult
from routing.phone_numbers import format_international
from service.channels.letter import Letter
from service.channels.sender import DeliveryRefusedError, Notice
from service.counters import count_unreached
from workers import letters
from workers.context import JobContext, NotYet

_log = structlog.get_logger("messages")


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result of sending a notice; ``sid`` is the id of the service that took it."""

    result: PageResult
    sid: str | None = None
    why: str | None = None


def deliver(channel: Channel, notice: Notice, context: JobContext) -> Delivery:
    """Send a notice on a channel; raises an error if it is to be tried again."""
    sender = context.senders.get(channel)
    if sender is None:
        return Delivery(PageResult.FAILED, why=f"{channel} is not set up")
    try:
        return Delivery(PageResult.SENT, sender.send(notice))
    except DeliveryRefusedError as refusal:
        count_unreached(channel, refusal.code)
        return Delivery(PageResult.FAILED, why=str(refusal))


# Messages.


def send_message(command: jobs.SendMessage, context: JobContext, attempt: int) -> None:
    """Send a message that has no result yet."""
    stored = context.call_service.calls.messages
    message = stored.find(command.message)
    if message is None or message.result is not None:
        return
    line = context.call_service.lines.find_line(message.line)
    if line is None:
        raise LookupError("the line of this message is not known")
    if _is_superseded(message, context):
        stored.record_result(message.id, PageResult.CANCELED, reason="a later text says more")
        return
    incident = _find_incident(message, context)
    more = None
    if incident is not None:
        more = _point_to_more(line, incident, context)
    notice = Notice(
        id=message.id,
        to=message.to,
        line=line,
        company=_name_company(incident, message.language),
        write=lambda company: render_message(message, incident, company, more),
        write_letter=lambda: write_letter(message, line, incident, context),
    )
    done = deliver(message.channel, notice, context)
    stored.record_result(message.id, done.result, done.sid, done.why)
    if done.result is PageResult.FAILED and incident is not None:
        _text_instead(message, line, incident, context)


def _is_superseded(message: Message, context: JobContext) -> bool:
    """True for a text to a customer that waited for the day with a later one about the same
    incident: that one is enough, because it leads to all of them."""
    can_wait = message.words in customer.WAITS_FOR_MORNING and message.channel is Channel.SMS
    if not can_wait or message.incident is None:
        return False
    unsent = context.call_service.calls.messages.find_unsent_to_contact(message.incident)
    later = [one for one in unsent if one.channel is Channel.SMS and one.at > message.at]
    return any(one.at - message.at < customer.TOGETHER for one in later)


def _text_instead(message: Message, line: Line, incident: Incident, context: JobContext) -> None:
    """Text a customer whose mail is refused for good."""
    facts = context.call_service.facts(line)
    text = customer.build_text_instead(facts, incident, message)
    if message.reader == CONTACT and text is not None:
        due = context.call_service.calls.messages.send([text], facts.now)
        context.call_service.notifier.notify(due)


def give_up_message(command: jobs.SendMessage, context: JobContext, why: str) -> None:
    """Record that a message failed and is not tried again."""
    message = context.call_service.calls.messages.find(command.message)
    if message is not None and message.result is None:
        context.call_service.calls.messages.record_result(message.id, PageResult.FAILED, reason=why)


def render_message(
    message: Message, incident: Incident | None, company: str = "", more: Phrase | None = None
) -> str:
    """The sentence of a message, with the number, level and company of its incident; ``more``
    tells a customer where to read on."""
    values: dict[str, SentenceValue] = {"reply": (), **dict(message.values), "company": company}
    if more is not None:
        values["more"] = (more,)
    if incident is not None:
        values |= {"number": incident.number, "level": incident.urgency}
    return prompts.render_text(message.language, message.words, values)


def _point_to_more(line: Line, incident: Incident, context: JobContext) -> Phrase:
    """Where the customer reads on: the portal, or else the telephone."""
    if customer.has_door(line, incident, Door.PORTAL):
        link = context.mail_addresses.portal(incident.number)
        return Phrase("more_portal", (("link", link),))
    return Phrase("more_call", (("phone", format_international(line.number)),))


def write_letter(
    message: Message, line: Line, incident: Incident | None, context: JobContext
) -> Letter:
    """The mail of a message."""
    addresses = context.mail_addresses
    if message.reader != CONTACT:
        return letters.write_staff_letter(message, line, incident, addresses)
    before = _find_correspondence(message, incident, context)
    return letters.write_customer_letter(message, line, incident, before, addresses)


def _find_correspondence(
    message: Message, incident: Incident | None, context: JobContext
) -> letters.Correspondence:
    """What the mail quotes, and the customer's own mails that it follows."""
    if incident is None:
        return letters.Correspondence()
    calls = context.call_service.calls
    written = calls.correspondence.find_messages(incident.key)
    received = (one.mail_id for one in written if one.author is Author.CUSTOMER)
    answer = next((one for one in written if one.id == message.about), None)
    mails = tuple(mail_id for mail_id in received if mail_id)
    if answer is None:
        return letters.Correspondence(received=mails)
    return letters.Correspondence(answer.words, len(answer.files), mails)


def _find_incident(message: Message, context: JobContext) -> Incident | None:
    if not message.incident:
        return None
    case = context.call_service.calls.find_by_incident(message.incident)
    if case is None:
        return None
    return case.incident


def _name_company(incident: Incident | None, language: str) -> str:
    """The customer's name, or words for an unverified caller; empty without an incident."""
    if incident is None:
        return ""
    return incident.customer or prompts.render_text(language, "unverified", {})


# Pages: they hold incident, level and company, and nothing more.


def send_page(command: jobs.SendPage, context: JobContext, attempt: int) -> events.Event | None:
    """Send a page, or cancel it with a reason when it is no longer due."""
    case, incident, page = find_page(command.page, context)
    if page.result is not None:
        return None
    facts = context.call_service.facts(context.call_service.line_of(case))
    void = paging.why_void(facts, incident, page)
    if void is not None:
        return events.PageSent(page.id, PageResult.CANCELED, why=void)
    notice = Notice(
        id=page.id,
        to=page.to,
        line=context.call_service.line_of(case),
        company=_name_company(incident, page.language),
        write=build_page_body(case, incident, page, context),
        write_letter=lambda: write_page_letter(case, page, context),
    )
    done = deliver(page.channel, notice, context)
    return events.PageSent(page.id, done.result, done.sid, why=done.why)


def give_up_page(command: jobs.SendPage, context: JobContext, why: str) -> None:
    """Record that a page failed and is not tried again."""
    context.call_service.happen(events.PageSent(command.page, PageResult.FAILED, why=why))


def find_page(page_id: str, context: JobContext) -> tuple[decision.Case, Incident, Page]:
    """The page of a job, with its case and incident."""
    case = context.call_service.leg(page_id)
    if case.incident is None or (page := case.incident.page(page_id)) is None:
        raise LookupError("this page is not in its incident")
    return case, case.incident, page


def build_page_body(
    case: decision.Case, incident: Incident, page: Page, context: JobContext
) -> Callable[[str], str]:
    """The text of a page in the engineer's language, as a function of the company name."""
    if drill.is_waking(incident.line):
        return lambda name: prompts.render_text(page.language, "page_drill", {})
    line, number = context.call_service.line_of(decision.Case(incident=incident)), incident.number
    values: dict[str, SentenceValue] = {"number": number, "level": incident.urgency, "code": ()}
    values["waits"] = _say_waits(case.call)
    values["reply"] = (replying.explain_accept(line, number),)
    code = text_codes.find_code(incident, page.engineer)
    if code is not None and replying.can_receive_texts(line):
        values["code"] = (Phrase("its_code", (("code", code),)),)
    sentence = "page"
    if context.links is not None:
        sentence = "page_link"
        values["link"] = context.links.of(incident.number, page.engineer, page.at)
    words = prompts.choose_by_level(sentence, incident.urgency)
    return lambda name: prompts.render_text(page.language, words, values | {"company": name})


def _say_waits(call: Call | None) -> tuple[Phrase, ...]:
    """Whether the caller is on the line, which tells an engineer how fast to be."""
    if call is None:
        return ()
    return (Phrase("page_waits" if call.holds else "page_gone"),)


def write_page_letter(case: decision.Case, page: Page, context: JobContext) -> Letter:
    """The mail of a page."""
    line, link = context.call_service.line_of(case), None
    if context.links is not None and case.incident is not None:
        link = context.links.of(case.incident.number, page.engineer, page.at)
    return letters.write_page_letter(page, line, case, link, context.mail_addresses)


# Reports to the duty manager, or to the engineers on call.


def report_text_cap(command: jobs.ReportDailyCap, context: JobContext, attempt: int) -> None:
    """Notify the duty manager, once a day, that an engineer reached the daily cap of texts."""
    line = context.call_service.lines.find_line(command.line)
    if line is None or (engineer := line.engineer(command.engineer)) is None:
        return
    facts = context.call_service.facts(line)
    if addresses.texts_left(facts, engineer.id) > 0:
        return  # the last of them was never sent
    _log.error("an engineer reached the daily cap", line=line.id)
    today = wall(facts.now, line.timezone).date()
    values = (("name", engineer.name), ("cap", line.paging.daily_cap))
    news = messages.News("daily_cap", values, once=f"daily cap {engineer.id} {today}")
    due = context.call_service.calls.messages.send(
        messages.build_manager_messages(facts, news), facts.now
    )
    context.call_service.notifier.notify(due)


def report_wrong_pins(command: jobs.ReportWrongPins, context: JobContext, attempt: int) -> None:
    """Notify the duty manager that PINs are being guessed, once while the rate lasts."""
    line = context.call_service.lines.find_line(command.line)
    if line is None:
        return
    facts = context.call_service.facts(line)
    due = context.call_service.calls.messages.send(
        reception.build_alert(facts, command.contract), facts.now
    )
    if due:
        _log.error("PINs are being guessed", line=line.id)  # the message names the contract
    context.call_service.notifier.notify(due)


def report_unrung(command: jobs.ReportUnrung, context: JobContext, attempt: int) -> None:
    """Notify the engineers on call of an incident for which nobody was rung.

    Not if an engineer has it by now, or another message named it. Repeated every quarter of an
    hour while nobody can be notified.
    """
    service = context.call_service
    case = service.calls.find_by_incident(command.incident)
    if case is None or (incident := case.incident) is None:
        return
    facts = service.facts(service.line_of(case))
    if not steps.is_unknown(facts, incident):
        return
    service.notifier.notify(
        service.calls.messages.send(steps.write_notices(facts, incident), facts.now)
    )
    if steps.is_unknown(service.facts(service.line_of(case)), incident):
        _log.error("nobody can be notified of a level 1", incident=incident.number)
        again = jobs.ReportUnrung(command.incident, command.again + 1)
        later = jobs.Job(facts.now + QUIET_NOTICE, again, again.name)
        service.notifier.notify(service.calls.plan_jobs([later], facts.now))


# Announces a release: to the contacts of the plans of the first rank, and to those of the next once
# these messages are sent. Messages are written in batches, each once: after a kill nobody is left
# out or notified twice.


_releases_log = structlog.get_logger("releases")


def announce_release(command: jobs.SendReleaseMessages, context: JobContext, attempt: int) -> None:
    """Write to the subscribers of the next plans by rank; then those of the plans after them."""
    book, now = context.call_service.calls, context.call_service.clock()
    case = book.find_by_incident(command.incident)
    if case is None or case.incident is None:
        return
    line = context.call_service.line_of(case)
    ranks = sorted({plan.rank for plan in line.plans})
    rank = next((rank for rank in ranks if rank >= command.rank), ranks[-1])
    if rank > ranks[0]:
        waits = bool(book.messages.find_unsent_to_contact(command.incident))
        until = customer.waits_until(case.incident, now, messages_wait=waits)
        if until is not None:
            raise NotYet(until)
    plans = [plan.id for plan in line.plans if plan.rank == rank]
    written = _write_messages(case.incident, line, plans, context)
    _releases_log.info(
        "release announced", incident=case.incident.number, plans=plans, messages=written
    )
    if rank < ranks[-1]:
        others = jobs.SendReleaseMessages(command.incident, rank + 1)
        context.call_service.notifier.notify(
            book.plan_jobs([jobs.Job(now, others, others.name)], now)
        )


def _write_messages(
    incident: Incident, line: Line, plans: Sequence[str], context: JobContext
) -> int:
    """Write the messages in batches; returns their number."""
    service, facts = context.call_service, context.call_service.facts(line)
    today = wall(facts.now, line.timezone).date()
    written, last = 0, 0
    while found := service.lines.find_subscribers(line.id, plans, today, last):
        context.check_lease()
        written_now = customer.build_release_messages(facts, incident, found)
        service.notifier.notify(service.calls.messages.send(written_now, facts.now))
        written, last = written + len(written_now), found[-1].id
    return written

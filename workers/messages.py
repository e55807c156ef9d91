"""Job handlers for messages and pages: render them at the last moment, then text or mail."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from carrier import prompts
from carrier.client import RefusedError
from carrier.sms import fit_name
from routing import events, jobs
from routing import jobs as er
from routing.caller.guessing import letters_about
from routing.contracts import Plan
from routing.decision import Case
from routing.drill import wakes
from routing.escalation.unrung import is_unknown
from routing.escalation.unrung import write_notices as unrung_letters
from routing.facts import QUIET_NOTICE
from routing.incident import Incident
from routing.line import Channel, Line
from routing.message import Message, Phrase, Told
from routing.notify.customer import letters_to, waits_until
from routing.notify.messages import News, manager_letters
from routing.notify.paging import texts_left, void
from routing.notify.replying import hears_texts, sender_of, to_accept
from routing.notify.text_codes import code_of
from routing.oncall.local_time import wall
from routing.page import Page, PageResult
from service.counters import count_unreached
from service.mailer import Mail, MailRefusedError
from workers.calls import NotYet
from workers.context import JobContext

_log = structlog.get_logger("letters")


def send_message(
    command: jobs.TextMessage | jobs.MailMessage, context: JobContext, attempt: int
) -> None:
    """Send a message that has no result yet."""
    book = context.desk.calls
    letter = book.messages.find(command.letter)
    if letter is None or letter.result is not None:
        return
    line = context.desk.lines.line(letter.line)
    if line is None:
        raise LookupError("the line of this letter is not known")
    if letter.channel is Channel.EMAIL:
        _send_mail(letter, line, context)
    else:
        _send_text(letter, line, context)


def letter_failed(
    command: jobs.TextMessage | jobs.MailMessage, context: JobContext, why: str
) -> None:
    """No other try is made of a letter."""
    letter = context.desk.calls.messages.find(command.letter)
    if letter is not None and letter.result is None:
        context.desk.calls.messages.record_result(letter.id, PageResult.FAILED, reason=why)


def page_failed(command: jobs.TextPage | jobs.MailPage, context: JobContext, why: str) -> None:
    """No other try is made of a page."""
    context.desk.happen(events.PageSent(command.page, PageResult.FAILED, why=why))


def report_text_cap(command: jobs.Alarm, context: JobContext, attempt: int) -> None:
    """Notify the duty manager, once a day, that an engineer reached the daily cap of texts."""
    line = context.desk.lines.line(command.line)
    engineer = line.engineer(command.engineer) if line is not None else None
    if line is None or engineer is None:
        return
    facts = context.desk.facts(line)
    if texts_left(facts, engineer.id) > 0:
        return  # the last of them was never sent
    _log.error("somebody gets no more texts today", line=line.id)
    today = wall(facts.now, line.timezone).date()
    values = (("name", engineer.name), ("cap", line.paging.daily_cap))
    news = News("daily_cap", values, once=f"daily cap {engineer.id} {today}")
    due = context.desk.calls.messages.send(manager_letters(facts, news), facts.now)
    context.desk.notifier.ring(due)


def report_wrong_pins(command: jobs.WrongPins, context: JobContext, attempt: int) -> None:
    """Notify the duty manager that PINs are being guessed, once while the rate lasts."""
    line = context.desk.lines.line(command.line)
    if line is None:
        return
    facts = context.desk.facts(line)
    wanted = letters_about(facts, command.contract)
    due = context.desk.calls.messages.send(wanted, facts.now)
    if due:
        _log.error("PINs are being guessed", line=line.id)  # which contract, the letter says
    context.desk.notifier.ring(due)


def report_unrung(command: jobs.TellUnrung, context: JobContext, attempt: int) -> None:
    """Nobody was rung for this incident: those on call are told, unless somebody has it or a letter
    about another one told it too. While nobody can be told it comes back each quarter."""
    desk = context.desk
    case = desk.calls.find_by_incident(command.incident)
    incident = case.incident if case is not None else None
    if case is None or incident is None:
        return
    facts = desk.facts(desk.line_of(case))
    if not is_unknown(facts, incident):
        return
    desk.notifier.ring(desk.calls.messages.send(unrung_letters(facts, incident), facts.now))
    if is_unknown(desk.facts(desk.line_of(case)), incident):
        _log.error("nobody can be told of a level 1", incident=incident.number)
        again = jobs.TellUnrung(command.incident, command.again + 1)
        later = er.Job(facts.now + QUIET_NOTICE, again, again.name)
        desk.notifier.ring(desk.calls.plan_jobs([later], facts.now))


def render_message(letter: Message, incident: Incident | None) -> str:
    """The sentence of a letter, with the number, level and company of what it is about.

    In a text a long company name is shortened; a mail has it whole.
    """
    values: dict[str, Told] = {"reply": (), **dict(letter.values)}  # an older letter has none
    company = ""
    if incident is not None:
        company = company_name(incident, letter.language)
        values |= {"number": incident.number, "level": incident.urgency}

    def write(name: str) -> str:
        return prompts.text(letter.language, letter.words, values | {"company": name})

    return write(company) if letter.channel is Channel.EMAIL else fit_name(write, company)


def _send_text(letter: Message, line: Line, context: JobContext) -> None:
    sender, status = sender_of(line), context.addresses.text_status_url(letter.id)
    try:
        sid = context.telephone.text(letter.to, sender, _render(letter, context), status)
    except RefusedError as refusal:
        count_unreached(Channel.SMS, refusal.code)
        why = f"the carrier refuses: {refusal.code}"
        context.desk.calls.messages.record_result(letter.id, PageResult.FAILED, reason=why)
        return
    context.desk.calls.messages.record_result(letter.id, PageResult.SENT, sid)


def _send_mail(letter: Message, line: Line, context: JobContext) -> None:
    book = context.desk.calls
    if context.mailer is None:
        book.messages.record_result(letter.id, PageResult.FAILED, reason=MAIL_IS_OFF)
        return
    try:
        context.mailer.send(Mail(letter.to, line.name, _render(letter, context), letter.id))
    except MailRefusedError as refusal:
        count_unreached(Channel.EMAIL, refusal.reason)
        book.messages.record_result(letter.id, PageResult.FAILED, reason=describe_refusal(refusal))
        return
    book.messages.record_result(letter.id, PageResult.SENT)


def _render(letter: Message, context: JobContext) -> str:
    case = context.desk.calls.find_by_incident(letter.incident) if letter.incident else None
    return render_message(letter, case.incident if case else None)


# Pages by text and mail; they hold incident, level and company, no more.


MAIL_IS_OFF = "e-mail is off"


def describe_refusal(refusal: MailRefusedError) -> str:
    """Why a mail was not sent, as it is kept."""
    return f"the mail server refuses: {refusal.reason}"


def find_page(page_id: str, context: JobContext) -> tuple[Case, Incident, Page]:
    """The page of a job, with its case and incident."""
    case = context.desk.leg(page_id)
    page = case.incident.page(page_id) if case.incident is not None else None
    if case.incident is None or page is None:
        raise LookupError("this page is not in its incident")
    return case, case.incident, page


def is_still_due(case: Case, page: Page, context: JobContext) -> bool:
    """Whether a page is still to be sent; a void page is canceled with a reason."""
    if case.incident is None or page.result is not None:
        return False
    facts = context.desk.facts(context.desk.line_of(case))
    why = void(facts, case.incident, page)
    if why is not None:
        context.desk.happen(events.PageSent(page.id, PageResult.CANCELED, why=why))
    return why is None


def build_page_body(incident: Incident, page: Page, context: JobContext) -> Callable[[str], str]:
    """The text of a page in the engineer's language, as a function of the company name."""
    if wakes(incident.line):
        return lambda name: prompts.text(page.language, "page_drill", {})
    line, number = context.desk.line_of(Case(incident=incident)), incident.number
    values: dict[str, Told] = {"number": number, "level": incident.urgency, "code": ()}
    values["reply"] = (to_accept(line, number),)
    code = code_of(incident, page.engineer)
    if code is not None and hears_texts(line):
        values["code"] = (Phrase("its_code", (("code", code),)),)
    sentence = "page"
    if context.links is not None:
        sentence = "page_link"
        values["link"] = context.links.of(incident.number, page.engineer, page.at)
    words = prompts.for_level(sentence, incident.urgency)
    return lambda name: prompts.text(page.language, words, values | {"company": name})


def company_name(incident: Incident, language: str) -> str:
    """The company's name, or words for an unverified caller."""
    return incident.customer or prompts.text(language, "unverified", {})


def send_page_text(command: jobs.TextPage, context: JobContext, attempt: int) -> None:
    """Send a text, from the number or name that can send texts; a long name is shortened in it."""
    case, incident, page = find_page(command.page, context)
    if not is_still_due(case, page, context):
        return
    line = context.desk.line_of(case)
    status = context.addresses.text_status_url(page.id)
    words = fit_name(
        build_page_body(incident, page, context), company_name(incident, page.language)
    )
    try:
        sid = context.telephone.text(page.to, sender_of(line), words, status)
    except RefusedError as refusal:
        count_unreached(Channel.SMS, refusal.code)
        why = f"the carrier refuses: {refusal.code}"
        context.desk.happen(events.PageSent(page.id, PageResult.FAILED, why=why))
        return
    context.desk.happen(events.PageSent(page.id, PageResult.SENT, sid))


def send_page_mail(command: jobs.MailPage, context: JobContext, attempt: int) -> None:
    """Send a mail, where a mail server is named."""
    case, incident, page = find_page(command.page, context)
    if not is_still_due(case, page, context):
        return
    if context.mailer is None:
        context.desk.happen(events.PageSent(page.id, PageResult.FAILED, why=MAIL_IS_OFF))
        return
    values = {"number": incident.number, "level": incident.urgency}
    practised = wakes(incident.line)
    words = (
        "mail_subject_drill" if practised else prompts.for_level("mail_subject", incident.urgency)
    )
    subject = prompts.text(page.language, words, values)
    try:
        company = company_name(incident, page.language)
        written = build_page_body(incident, page, context)(company)
        context.mailer.send(Mail(page.to, subject, written, page.id))
    except MailRefusedError as refusal:
        count_unreached(Channel.EMAIL, refusal.reason)
        context.desk.happen(
            events.PageSent(page.id, PageResult.FAILED, why=describe_refusal(refusal))
        )
        return
    context.desk.happen(events.PageSent(page.id, PageResult.SENT))


# Announces a release: to contacts of MSA Plus first, to the others once those messages are sent.
# Messages are written in batches, each once: after a kill nobody is left out or notified twice.


_releases_log = structlog.get_logger("releases")


def announce_release(command: jobs.TellRelease, context: JobContext, attempt: int) -> None:
    """Write to the subscribers of this plan; those of plan standard come after MSA Plus."""
    book, now = context.desk.calls, context.desk.clock()
    case = book.find_by_incident(command.incident)
    if case is None or case.incident is None:
        return
    if command.plan is Plan.STANDARD:
        waits = book.messages.has_unsent_to_contact(command.incident)
        until = waits_until(case.incident, now, letters_wait=waits)
        if until is not None:
            raise NotYet(until)
    written = _write_messages(case.incident, context.desk.line_of(case), command.plan, context)
    _releases_log.info(
        "release told", incident=case.incident.number, plan=command.plan, letters=written
    )
    if command.plan is Plan.MSA_PLUS:
        others = jobs.TellRelease(command.incident, Plan.STANDARD)
        context.desk.notifier.ring(book.plan_jobs([er.Job(now, others, others.name)], now))


def _write_messages(incident: Incident, line: Line, plan: Plan, context: JobContext) -> int:
    """Write the messages in batches; returns their number."""
    desk, facts = context.desk, context.desk.facts(line)
    today = wall(facts.now, line.timezone).date()
    written, last = 0, 0
    while found := desk.lines.subscribers(line.id, plan, today, last):
        context.check_lease()
        letters = letters_to(facts, incident, found)
        desk.notifier.ring(desk.calls.messages.send(letters, facts.now))
        written, last = written + len(letters), found[-1].id
    return written

"""Letters on their way: the sentence filled in at the last moment, then text or mail."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from carrier import prompts
from carrier.client import RefusedError
from carrier.sms import fitted
from routing import incident_events, jobs
from routing import jobs as er
from routing.caller.guessing import letters_about
from routing.caller.unrung import letters_about as unrung_letters
from routing.caller.unrung import unknown
from routing.contract import Plan
from routing.decision import Case
from routing.drill import wakes
from routing.facts import QUIET_NOTICE
from routing.incident import Incident
from routing.line import Channel, Line
from routing.message import Message, Phrase, Told
from routing.notify.customer import letters_to, waits_until
from routing.notify.messages import News, manager_letters
from routing.notify.paging import texts_left, void
from routing.notify.replying import hears_texts, sender_of, to_accept
from routing.oncall.local_time import wall
from routing.page import Page, PageResult
from routing.proof import code_of
from service.logging import unreached
from service.mailer import Mail, MailRefusedError
from workers.calls import NotYet
from workers.context import JobContext

_log = structlog.get_logger("letters")


def send(deed: jobs.TextMessage | jobs.MailMessage, bench: JobContext, attempt: int) -> None:
    """Send a letter that nothing became of yet."""
    book = bench.desk.book
    letter = book.letter(deed.letter)
    if letter is None or letter.result is not None:
        return
    line = bench.desk.people.line(letter.line)
    if line is None:
        raise LookupError("the line of this letter is not known")
    if letter.channel is Channel.EMAIL:
        _mail(letter, line, bench)
    else:
        _text(letter, line, bench)


def letter_failed(deed: jobs.TextMessage | jobs.MailMessage, bench: JobContext, why: str) -> None:
    """No other try is made of a letter."""
    letter = bench.desk.book.letter(deed.letter)
    if letter is not None and letter.result is None:
        bench.desk.book.letter_became(letter.id, PageResult.FAILED, reason=why)


def page_failed(deed: jobs.TextPage | jobs.MailPage, bench: JobContext, why: str) -> None:
    """No other try is made of a page."""
    bench.desk.happen(incident_events.PageSent(deed.page, PageResult.FAILED, why=why))


def alarm(deed: jobs.Alarm, bench: JobContext, attempt: int) -> None:
    """Somebody has had the texts of a day: the duty manager is told, once a day, and the log."""
    line = bench.desk.people.line(deed.line)
    engineer = line.engineer(deed.engineer) if line is not None else None
    if line is None or engineer is None:
        return
    facts = bench.desk.facts(line)
    if texts_left(facts, engineer.id) > 0:
        return  # the last of them was never sent
    _log.error("somebody gets no more texts today", line=line.id)
    today = wall(facts.now, line.timezone).date()
    values = (("name", engineer.name), ("cap", line.paging.daily_cap))
    news = News("daily_cap", values, once=f"daily cap {engineer.id} {today}")
    due = bench.desk.book.write(manager_letters(facts, news), facts.now)
    bench.desk.bell.ring(due)


def wrong_pins(deed: jobs.WrongPins, bench: JobContext, attempt: int) -> None:
    """Somebody guesses PINs: the duty manager is told, once for as long as the rate lasts, and the
    log."""
    line = bench.desk.people.line(deed.line)
    if line is None:
        return
    facts = bench.desk.facts(line)
    wanted = letters_about(facts, deed.contract)
    due = bench.desk.book.write(wanted, facts.now)
    if due:
        _log.error("PINs are being guessed", line=line.id)  # which contract, the letter says
    bench.desk.bell.ring(due)


def unrung(deed: jobs.TellUnrung, bench: JobContext, attempt: int) -> None:
    """Nobody was rung for this incident: those on call are told, unless somebody has it or a letter
    about another one told it too. While nobody can be told it comes back each quarter."""
    desk = bench.desk
    matter = desk.book.matter_of_incident(deed.incident)
    incident = matter.incident if matter is not None else None
    if matter is None or incident is None:
        return
    facts = desk.facts(desk.line_of(matter))
    if not unknown(facts, incident):
        return
    desk.bell.ring(desk.book.write(unrung_letters(facts, incident), facts.now))
    if unknown(desk.facts(desk.line_of(matter)), incident):
        _log.error("nobody can be told of a level 1", incident=incident.number)
        again = jobs.TellUnrung(deed.incident, deed.again + 1)
        later = er.Job(facts.now + QUIET_NOTICE, again, again.name)
        desk.bell.ring(desk.book.plan([later], facts.now))


def words_of(letter: Message, incident: Incident | None) -> str:
    """The sentence of a letter, with the number, level and company of what it is about.

    In a text a long company name is shortened; a mail has it whole.
    """
    values: dict[str, Told] = {"reply": (), **dict(letter.values)}  # an older letter has none
    company = ""
    if incident is not None:
        company = company_of(incident, letter.language)
        values |= {"number": incident.number, "level": incident.urgency}

    def write(name: str) -> str:
        return prompts.text(letter.language, letter.words, values | {"company": name})

    return write(company) if letter.channel is Channel.EMAIL else fitted(write, company)


def _text(letter: Message, line: Line, bench: JobContext) -> None:
    sender, status = sender_of(line), bench.addresses.of_text_status(letter.id)
    try:
        sid = bench.telephone.text(letter.to, sender, _words(letter, bench), status)
    except RefusedError as refusal:
        unreached(Channel.SMS, refusal.code)
        why = f"the carrier refuses: {refusal.code}"
        bench.desk.book.letter_became(letter.id, PageResult.FAILED, reason=why)
        return
    bench.desk.book.letter_became(letter.id, PageResult.SENT, sid)


def _mail(letter: Message, line: Line, bench: JobContext) -> None:
    book = bench.desk.book
    if bench.mailer is None:
        book.letter_became(letter.id, PageResult.FAILED, reason=MAIL_IS_OFF)
        return
    try:
        bench.mailer.send(Mail(letter.to, line.name, _words(letter, bench), letter.id))
    except MailRefusedError as refusal:
        unreached(Channel.EMAIL, refusal.reason)
        book.letter_became(letter.id, PageResult.FAILED, reason=mail_refused(refusal))
        return
    book.letter_became(letter.id, PageResult.SENT)


def _words(letter: Message, bench: JobContext) -> str:
    matter = bench.desk.book.matter_of_incident(letter.incident) if letter.incident else None
    return words_of(letter, matter.incident if matter else None)


# Texts and mails beside the ringing: incident, level and company, no more.


MAIL_IS_OFF = "e-mail is off"


def mail_refused(refusal: MailRefusedError) -> str:
    """Why a mail was not sent, as it is kept."""
    return f"the mail server refuses: {refusal.reason}"


def page_of(page_id: str, bench: JobContext) -> tuple[Case, Incident, Page]:
    """The page of an errand, with what it belongs to."""
    matter = bench.desk.leg(page_id)
    page = matter.incident.page(page_id) if matter.incident is not None else None
    if matter.incident is None or page is None:
        raise LookupError("this page is not in its incident")
    return matter, matter.incident, page


def due(matter: Case, page: Page, bench: JobContext) -> bool:
    """Whether a notice is still to be sent; one that has become void is canceled, and says why."""
    if matter.incident is None or page.result is not None:
        return False
    facts = bench.desk.facts(bench.desk.line_of(matter))
    why = void(facts, matter.incident, page)
    if why is not None:
        bench.desk.happen(incident_events.PageSent(page.id, PageResult.CANCELED, why=why))
    return why is None


def body(incident: Incident, page: Page, bench: JobContext) -> Callable[[str], str]:
    """What a notice says in the engineer's language, of a company of this name."""
    if wakes(incident.line):
        return lambda name: prompts.text(page.language, "page_drill", {})
    line, number = bench.desk.line_of(Case(incident=incident)), incident.number
    values: dict[str, Told] = {"number": number, "level": incident.urgency, "code": ()}
    values["reply"] = (to_accept(line, number),)
    code = code_of(incident, page.engineer)
    if code is not None and hears_texts(line):
        values["code"] = (Phrase("its_code", (("code", code),)),)
    sentence = "page"
    if bench.links is not None:
        sentence = "page_link"
        values["link"] = bench.links.of(incident.number, page.engineer, page.at)
    words = prompts.for_level(sentence, incident.urgency)
    return lambda name: prompts.text(page.language, words, values | {"company": name})


def company_of(incident: Incident, language: str) -> str:
    """The company's name; who is not identified has none."""
    return incident.customer or prompts.text(language, "unverified", {})


def text(deed: jobs.TextPage, bench: JobContext, attempt: int) -> None:
    """Send a text, from the number or name that can send texts; a long name is shortened in it."""
    matter, incident, page = page_of(deed.page, bench)
    if not due(matter, page, bench):
        return
    line = bench.desk.line_of(matter)
    status = bench.addresses.of_text_status(page.id)
    words = fitted(body(incident, page, bench), company_of(incident, page.language))
    try:
        sid = bench.telephone.text(page.to, sender_of(line), words, status)
    except RefusedError as refusal:
        unreached(Channel.SMS, refusal.code)
        why = f"the carrier refuses: {refusal.code}"
        bench.desk.happen(incident_events.PageSent(page.id, PageResult.FAILED, why=why))
        return
    bench.desk.happen(incident_events.PageSent(page.id, PageResult.SENT, sid))


def mail(deed: jobs.MailPage, bench: JobContext, attempt: int) -> None:
    """Send a mail, where a mail server is named."""
    matter, incident, page = page_of(deed.page, bench)
    if not due(matter, page, bench):
        return
    if bench.mailer is None:
        bench.desk.happen(incident_events.PageSent(page.id, PageResult.FAILED, why=MAIL_IS_OFF))
        return
    values = {"number": incident.number, "level": incident.urgency}
    practised = wakes(incident.line)
    words = (
        "mail_subject_drill" if practised else prompts.for_level("mail_subject", incident.urgency)
    )
    subject = prompts.text(page.language, words, values)
    try:
        company = company_of(incident, page.language)
        written = body(incident, page, bench)(company)
        bench.mailer.send(Mail(page.to, subject, written, page.id))
    except MailRefusedError as refusal:
        unreached(Channel.EMAIL, refusal.reason)
        bench.desk.happen(
            incident_events.PageSent(page.id, PageResult.FAILED, why=mail_refused(refusal))
        )
        return
    bench.desk.happen(incident_events.PageSent(page.id, PageResult.SENT))


# A release is told: to contacts of MSA Plus first, and to the others once those have been sent.
# Letters are written some at a time, each once: a worker that is killed leaves nobody out, and
# the next one tells nobody twice.


_releases_log = structlog.get_logger("releases")


def tell(deed: jobs.TellRelease, bench: JobContext, attempt: int) -> None:
    """Write to everybody of this plan who asked; those of plan standard come after."""
    book, now = bench.desk.book, bench.desk.clock()
    matter = book.matter_of_incident(deed.incident)
    if matter is None or matter.incident is None:
        return
    if deed.plan is Plan.STANDARD:
        waits = book.letters_wait(deed.incident)
        until = waits_until(matter.incident, now, letters_wait=waits)
        if until is not None:
            raise NotYet(until)
    written = _write(matter.incident, bench.desk.line_of(matter), deed.plan, bench)
    _releases_log.info(
        "release told", incident=matter.incident.number, plan=deed.plan, letters=written
    )
    if deed.plan is Plan.MSA_PLUS:
        others = jobs.TellRelease(deed.incident, Plan.STANDARD)
        bench.desk.bell.ring(book.plan([er.Job(now, others, others.name)], now))


def _write(incident: Incident, line: Line, plan: Plan, bench: JobContext) -> int:
    """Write the letters, some at a time; gives back how many."""
    desk, facts = bench.desk, bench.desk.facts(line)
    today = wall(facts.now, line.timezone).date()
    written, last = 0, 0
    while found := desk.people.subscribers(line.id, plan, today, last):
        bench.hold_on()
        letters = letters_to(facts, incident, found)
        desk.bell.ring(desk.book.write(letters, facts.now))
        written, last = written + len(letters), found[-1].id
    return written

"""Texts and mails beside the ringing: incident, level and company, no more."""

from __future__ import annotations

from collections.abc import Callable

from carrier import prompts
from carrier.request import RefusedError
from carrier.segments import fitted
from mailer import Mail, MailRefusedError
from routing import errands as er
from routing import events as ev
from routing.drill import wakes
from routing.incident import Incident, Page, Result
from routing.letter import Phrase, Told
from routing.line import Channel
from routing.ports import Matter
from routing.proof import code_of
from routing.written.notices import void
from routing.written.replying import hears_texts, sender_of, to_accept
from tally import unreached
from workers.bench import Bench

MAIL_IS_OFF = "e-mail is off"


def mail_refused(refusal: MailRefusedError) -> str:
    """Why a mail was not sent, as it is kept."""
    return f"the mail server refuses: {refusal.reason}"


def page_of(page_id: str, bench: Bench) -> tuple[Matter, Incident, Page]:
    """The page of an errand, with what it belongs to."""
    matter = bench.desk.leg(page_id)
    page = matter.incident.page(page_id) if matter.incident is not None else None
    if matter.incident is None or page is None:
        raise LookupError("this page is not in its incident")
    return matter, matter.incident, page


def due(matter: Matter, page: Page, bench: Bench) -> bool:
    """Whether a notice is still to be sent; one that has become void is canceled, and says why."""
    if matter.incident is None or page.result is not None:
        return False
    facts = bench.desk.facts(bench.desk.line_of(matter))
    why = void(facts, matter.incident, page)
    if why is not None:
        bench.desk.happen(ev.PageSent(page.id, Result.CANCELED, why=why))
    return why is None


def body(incident: Incident, page: Page, bench: Bench) -> Callable[[str], str]:
    """What a notice says in the engineer's language, of a company of this name."""
    if wakes(incident.line):
        return lambda name: prompts.text(page.language, "page_drill", {})
    line, number = bench.desk.line_of(Matter(incident=incident)), incident.number
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


def text(deed: er.Text, bench: Bench, attempt: int) -> None:
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
        bench.desk.happen(ev.PageSent(page.id, Result.FAILED, why=why))
        return
    bench.desk.happen(ev.PageSent(page.id, Result.SENT, sid))


def mail(deed: er.Mail, bench: Bench, attempt: int) -> None:
    """Send a mail, where a mail server is named."""
    matter, incident, page = page_of(deed.page, bench)
    if not due(matter, page, bench):
        return
    if bench.mailer is None:
        bench.desk.happen(ev.PageSent(page.id, Result.FAILED, why=MAIL_IS_OFF))
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
        bench.desk.happen(ev.PageSent(page.id, Result.FAILED, why=mail_refused(refusal)))
        return
    bench.desk.happen(ev.PageSent(page.id, Result.SENT))

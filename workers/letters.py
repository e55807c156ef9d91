"""Writes what mails say: to customers about their incidents, and to engineers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parseaddr
from functools import partial

from carrier import prompts
from routing import drill
from routing.contracts.plans import Door
from routing.decision import Case
from routing.incident import (
    ClockState,
    EscalationPhase,
    Incident,
    IncidentKind,
    IncidentSource,
    IncidentState,
)
from routing.line import Line
from routing.message import Message, Phrase, SentenceValue
from routing.notify.customer import TO_STRANGERS, CustomerNews, has_door
from routing.notify.text_codes import find_code
from routing.oncall.local_time import LocalMoment
from routing.page import Page
from routing.phone_numbers import format_international
from service.channels.letter import Button, Letter
from service.mail_threads import Thread, build_thread, engineer_address, reply_address
from settings import Settings

Values = dict[str, SentenceValue]


@dataclass(frozen=True, slots=True)
class MailAddresses:
    """What links, reply addresses and Message-IDs are made of. ``sender`` is the address of
    MAIL_FROM; a reply goes there as it is where nobody ``reads`` mail."""

    public_url: str
    secret: str = field(repr=False)
    sender: str = ""
    reads: bool = False

    def of_customer(self, number: int) -> str | None:
        """Where a customer answers about this incident."""
        if not self.reads:
            return None
        return reply_address(self.secret, self.sender, number)

    def of_engineer(self, number: int, engineer: str) -> str | None:
        """Where this engineer answers about this incident."""
        if not self.reads:
            return None
        return engineer_address(self.secret, self.sender, number, engineer)

    def thread(self, number: int, received: Sequence[str] = ()) -> Thread:
        """The thread of an incident."""
        return build_thread(self.secret, self.sender, number, received)

    def portal(self, number: int) -> str:
        """The page of an incident in the customer portal."""
        return f"{self.public_url}/portal/incidents/{number}"

    def console(self, path: str) -> str:
        """A page of the console."""
        return f"{self.public_url}/console/{path}"


def build_mail_addresses(settings: Settings) -> MailAddresses:
    """The addresses of an installation."""
    sender = parseaddr(settings.mail_from or "")[1]
    reads = settings.mailbox_address is not None
    return MailAddresses(settings.public_url, settings.secret_key, sender, reads)


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What a mail to a customer refers to: the words that it quotes, the number of files with
    them, and the Message-IDs of the customer's own mails, oldest first."""

    quote: str = ""
    files: int = 0
    received: tuple[str, ...] = ()


@dataclass(frozen=True)
class CustomerLetter:
    """A mail to a customer while it is written: each step adds a paragraph."""

    message: Message
    line: Line
    incident: Incident | None
    before: Correspondence
    paragraphs: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    quote: str = ""

    def say(self, words: str, **values: SentenceValue) -> str:
        """A sentence in the reader's language."""
        known: Values = {
            "phone": format_international(self.line.number),
            "line": self.line.name_in(self.message.language),
            **dict(self.message.values),
            **values,
        }
        if self.incident is not None:
            known |= {"number": self.incident.number, "level": self.incident.urgency}
        return prompts.render_mail(self.message.language, words, known)

    def add(self, words: str, **values: SentenceValue) -> CustomerLetter:
        """Add a paragraph."""
        return replace(self, paragraphs=(*self.paragraphs, self.say(words, **values)))

    def close(self, words: str, **values: SentenceValue) -> CustomerLetter:
        """Add a paragraph after the button."""
        return replace(self, closing=(*self.closing, self.say(words, **values)))


def write_customer_letter(
    message: Message,
    line: Line,
    incident: Incident | None,
    before: Correspondence,
    addresses: MailAddresses,
) -> Letter:
    """The mail of a message to a contact. Nothing but the news about their own incident is in it:
    no name of an engineer, no note."""
    letter = _greet(CustomerLetter(message, line, incident, before))
    letter = _BODIES.get(message.words, _write_sentence)(letter)
    whole = Letter(
        language=message.language,
        subject=_write_subject(letter),
        paragraphs=letter.paragraphs,
        quote=letter.quote,
        closing=letter.closing,
        footer=_sign(line, message.language),
        phone=line.number,
        answer=message.words in TO_STRANGERS,
    )
    if incident is None or message.words == CustomerNews.RELEASE_NEWS:
        return whole
    return _join_thread(letter, incident, whole, addresses)


def _join_thread(
    letter: CustomerLetter, incident: Incident, whole: Letter, addresses: MailAddresses
) -> Letter:
    """The letter in the thread of its incident, with its links."""
    received, button = letter.before.received, None
    if _is_to_stranger(letter):
        received = ()
    if not whole.answer and has_door(letter.line, incident, Door.PORTAL):
        button = Button(letter.say("portal_button"), addresses.portal(incident.number))
    reply_to = addresses.of_customer(incident.number)
    if reply_to is not None:
        letter = letter.close("reply_here")
    return replace(
        whole,
        button=button,
        closing=letter.closing,
        number=incident.number,
        reply_to=reply_to,
        thread=addresses.thread(incident.number, received),
    )


def _write_subject(letter: CustomerLetter) -> str:
    """The same for every mail of an incident: some programs begin a new thread otherwise."""
    words, incident = letter.message.words, letter.incident
    if incident is None or words == CustomerNews.RELEASE_NEWS:
        return letter.say("subject_release")
    if _is_to_stranger(letter):
        return letter.say("subject")
    if incident.source is IncidentSource.EMAIL and incident.subject:
        return f"Re: {incident.subject}"
    if incident.kind is IncidentKind.SIGNATURE_REQUEST:
        return letter.say("subject_request")
    if incident.subject:
        return letter.say("subject_named", subject=incident.subject)
    return letter.say("subject")


def _is_to_stranger(letter: CustomerLetter) -> bool:
    """True for the answer to somebody who is not known to be the customer of the incident: they
    learn nothing of it that they did not write."""
    incident = letter.incident
    received = letter.message.words in TO_STRANGERS
    return received and incident is not None and incident.contract is not None


def _greet(letter: CustomerLetter) -> CustomerLetter:
    incident, words = letter.incident, letter.message.words
    to_contact = words not in (CustomerNews.RELEASE_NEWS, *TO_STRANGERS)
    if incident is None or not to_contact or not incident.contact:
        return letter.add("greeting_nobody")
    return letter.add("greeting", name=incident.contact)


def _write_opened(letter: CustomerLetter) -> CustomerLetter:
    incident = letter.incident
    letter = letter.add("opened")
    if incident is None:
        return letter
    letter = letter.add(_choose_next_step(incident, letter.message))
    if incident.respond_by is not None and incident.clock.state is ClockState.RUNNING:
        by = LocalMoment(incident.respond_by, letter.line.timezone)
        letter = letter.add("due", by=by)
    if incident.urgency == 1:
        return letter.close("call_us")
    return letter.close("stopped")


def _choose_next_step(incident: Incident, message: Message) -> str:
    """The sentence that says what happens next."""
    if incident.state is not IncidentState.OPEN:
        return "opened_has"
    if incident.urgency == 1:
        return "opened_rings" if incident.escalation.phase.seeking else "opened_unrung"
    waits = incident.escalation.phase is EscalationPhase.LATER
    if waits and "at" in dict(message.values):
        return "opened_later"
    return "opened_soon"


def _write_asked(letter: CustomerLetter) -> CustomerLetter:
    if letter.before.quote:
        letter = replace(letter.add("asked"), quote=letter.before.quote)
    else:
        letter = letter.add("asked_plain")
    letter, incident = _mention_files(letter), letter.incident
    if incident is not None and incident.clock.state is ClockState.PAUSED:
        letter = letter.close("paused")
    return letter.close("call_us")


def _write_answered(letter: CustomerLetter) -> CustomerLetter:
    letter = replace(letter.add("answered"), quote=letter.before.quote)
    return _mention_files(letter).close("call_us")


def _mention_files(letter: CustomerLetter) -> CustomerLetter:
    """Say that files belong to what we wrote: no mail has them."""
    if letter.before.files == 1:
        return letter.close("answer_file")
    if letter.before.files:
        return letter.close("answer_files", count=letter.before.files)
    return letter


def _write_closed(letter: CustomerLetter) -> CustomerLetter:
    return letter.add("closed").close("closed_open").close("call_us")


def _write_merged(letter: CustomerLetter) -> CustomerLetter:
    return letter.add("merged").close("call_us")


def _write_received(letter: CustomerLetter) -> CustomerLetter:
    """The answer to a mail whose sender is not proven: nothing of a contract is in it."""
    return letter.add("received").add("received_unverified").add("received_wakes")


def _write_received_reply(letter: CustomerLetter) -> CustomerLetter:
    """The same about a known incident: a signed address proves the incident, not the person."""
    return letter.add("received_reply").add("received_reply_unverified").add("received_wakes")


def _write_sentence(letter: CustomerLetter) -> CustomerLetter:
    return letter.add(letter.message.words)


_BODIES: Mapping[str, Callable[[CustomerLetter], CustomerLetter]] = {
    CustomerNews.OPENED: _write_opened,
    CustomerNews.ASKED: _write_asked,
    CustomerNews.ANSWERED: _write_answered,
    CustomerNews.CLOSED: _write_closed,
    CustomerNews.MERGED: _write_merged,
    CustomerNews.RECEIVED: _write_received,
    CustomerNews.RECEIVED_REPLY: _write_received_reply,
}


def _sign(line: Line, language: str) -> str:
    return f"{line.name_in(language)} · {format_international(line.number)}"


# Mails to engineers and the duty manager.


DUTY = ("handover", "swap", "shift")
"""How the names of messages about somebody's shifts begin."""


def write_staff_letter(
    message: Message, line: Line, incident: Incident | None, addresses: MailAddresses
) -> Letter:
    """The mail of a message to the people of a line."""
    say = partial(prompts.render_mail, message.language)
    engineer = message.reader if line.engineer(message.reader) is not None else None
    reply_to, button = None, None
    values: Values = {"line": line.name_in(message.language)}
    if incident is not None and engineer is not None:
        reply_to = addresses.of_engineer(incident.number, engineer)
    subject = say("subject_duty" if message.words.startswith(DUTY) else "subject_warning", values)
    values |= {"reply": "", "company": _name_company(incident, say)}
    values |= _speak_replies(message, say, can_reply=reply_to is not None)
    if incident is not None:
        values |= {"number": incident.number, "level": incident.urgency}
        subject = say("mail_subject_desk", values)
        page = addresses.console(f"incidents/{incident.number}")
        button = Button(say("console_button", {}), page)
    elif message.words.startswith("handover"):
        button = Button(say("duty_button", {}), addresses.console("my-duty"))
    return Letter(
        language=message.language,
        subject=subject,
        paragraphs=(say(message.words, values),),
        button=button,
        footer=_sign(line, message.language),
        phone=line.number,
        number=incident.number if incident is not None else None,
        reply_to=reply_to,
    )


def _speak_replies(
    message: Message, say: Callable[[str, Values], str], *, can_reply: bool
) -> Values:
    """The values of a message; a way to answer a text becomes a way to answer a mail."""
    values = dict(message.values)
    for name, value in message.values:
        if name == "reply" and isinstance(value, tuple):
            values[name] = ", ".join(_speak_reply(part, say, can_reply=can_reply) for part in value)
    return values


def _speak_reply(part: Phrase, say: Callable[[str, Values], str], *, can_reply: bool) -> str:
    words = part.words.removesuffix("_text").removesuffix("_call")
    if words != "reply_ok" and not can_reply:
        words = "reply_console"
    return say(words, dict(part.values))


def _name_company(incident: Incident | None, say: Callable[[str, Values], str]) -> str:
    if incident is None:
        return ""
    return incident.customer or say("unverified", {})


def write_page_letter(
    page: Page, line: Line, case: Case, link: str | None, addresses: MailAddresses
) -> Letter:
    """The mail of a page: who waits since when, and a button that takes the incident."""
    incident, call = case.incident, case.call
    if incident is None:
        raise LookupError("this page has no incident")
    say = partial(prompts.render_mail, page.language)
    footer = _sign(line, page.language)
    if drill.is_waking(line.id):
        subject = say("mail_subject_drill", {})
        return Letter(page.language, subject, (say("page_drill", {}),), footer=footer)
    values: Values = {
        "number": incident.number,
        "level": incident.urgency,
        "company": _name_company(incident, say),
        "phone": format_international(line.number),
    }
    opening = "page_open"
    if call is not None and call.holds:
        opening = "page_waiting"
    reply_to, button = addresses.of_engineer(incident.number, page.engineer), None
    closing, code = [say("page_call", values)], find_code(incident, page.engineer)
    if reply_to is not None and code is not None:
        closing.insert(0, say("page_reply_code", values | {"code": code}))
    elif reply_to is not None:
        closing.insert(0, say("page_reply", values))
    if link is not None:
        button = Button(say("ack_button", {}), link)
    return Letter(
        language=page.language,
        subject=say(prompts.choose_by_level("mail_subject", incident.urgency), values),
        paragraphs=(say(opening, values),),
        facts=tuple(_list_facts(page, line, incident, say)),
        button=button,
        closing=tuple(closing),
        footer=footer,
        phone=line.number,
        number=incident.number,
        reply_to=reply_to,
    )


def _list_facts(
    page: Page, line: Line, incident: Incident, say: Callable[[str, Values], str]
) -> Sequence[tuple[str, str]]:
    since = prompts.format_moment(page.language, incident.opened_at, line.timezone)
    facts = [
        ("fact_incident", str(incident.number)),
        ("fact_level", str(incident.urgency)),
        ("fact_company", _name_company(incident, say)),
        ("fact_since", since),
    ]
    if incident.respond_by is not None:
        by = prompts.format_moment(page.language, incident.respond_by, line.timezone)
        facts.append(("fact_due", by))
    code = find_code(incident, page.engineer)
    if code is not None:
        facts.append(("fact_code", code))
    return [(say(name, {}), value) for name, value in facts]

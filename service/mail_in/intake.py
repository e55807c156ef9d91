"""Puts a mail in its place: a new incident, a message about a known one, or a list for people.

A mail is stored as it came first. Then it is read, and its event gets ids that derive from the mail
itself: whoever reads it twice, after a crash or on two hosts, makes the same incident and the same
message. A signed address proves which incident a reply is about; only the report of the receiving
server proves who wrote it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.exc import DBAPIError

from routing import events
from routing.call import Entitlement
from routing.call_service import lodge
from routing.caller.identify import build_identity, find_contacts, find_entitlement
from routing.contracts import Contact, Contract, EmailLevel1, has_email
from routing.incident import Incident, IncidentSource
from routing.line import Line
from routing.message import CONTACT, Via
from routing.notify import customer
from routing.notify.customer import CustomerNews
from routing.oncall.local_time import wall
from routing.page import PageResult
from service import mail_threads
from service.bootstrap import Services
from service.counters import COUNTERS, RECEIVED_MAILS
from service.mail_in.engineer_reply import EngineerMail, MailBox, handle_engineer_reply
from service.mail_in.limits import LARGEST, MAIL, MailLimits, cut
from service.mail_in.parse import ParsedMail, read_mail
from service.mail_in.sender import find_automatic_sign, read_sender
from settings import Settings
from store.db.engine import is_unavailable
from store.log.received_mails import (
    MailResult,
    MailState,
    ReceivedMail,
    ReceivedMails,
    find_sent_mails,
)

MAILBOX, FORM = "mailbox", "form"
"""The doors of a mail."""

LONGEST_WORDS = 20_000
"""Characters of a message; a longer text is in the file of the whole mail."""

LONGEST_SUBJECT = 200
RETRY_AFTER = dt.timedelta(seconds=10)
MOST_ATTEMPTS = 5
"""Attempts to read a mail. After that it is shown to people as it is."""

_TAG = re.compile(
    r"\[\s*(?:(?:niveau|level|prio(?:riteit|rity)?|p)\s*)?([1-4])\s*\]"
    r"|\b(?:niveau|level)\s*:?\s*([1-4])\b",
    re.IGNORECASE,
)
_LEVEL_LINE = re.compile(r"\s*\**(?:niveau|level)\**\s*[:=]\s*\**([1-4])\b.{0,80}", re.IGNORECASE)
DEFAULT_LEVEL = 3
_log = structlog.get_logger("mail")


@dataclass(frozen=True, slots=True)
class Writer:
    """The contact who wrote a mail, as the receiving server has proven."""

    line: Line
    contract: Contract
    contact: Contact


class MailIntake:
    """Takes in mails. Any number may run: a lease gives each mail to one of them."""

    def __init__(self, services: Services) -> None:
        """Touches no database yet."""
        self._services = services
        self._mails = ReceivedMails(services.engine)
        self._service = services.call_service

    def store(
        self, chunks: Iterable[bytes], door: str, size: int = 0, level: int | None = None
    ) -> str:
        """Store a mail as it came, to be read soon; returns its id. The same mail is stored once.

        ``size`` is its size if only a part of it comes.
        """
        now, files = self._service.clock(), self._service.calls.correspondence
        file = files.write_file(MAIL, cut(chunks, LARGEST), LARGEST, now)
        mail = ReceivedMail(
            id=file.sha256[:32], door=door, at=now, state=MailState.WAITING, attempts=0,
            size=max(size, file.size), file=file.id, level=level,
        )  # fmt: skip
        self._mails.add(mail)
        return mail.id

    def read_again(self, mail_id: str) -> bool:
        """Take a mail that was kept as one of a customer: a person says that it is. False if it is
        not kept any more."""
        return self._mails.put_back(mail_id, self._service.clock())

    def read_next(self) -> bool:
        """Read the next mail that waits; False when there is none."""
        mail = self._mails.lease(self._service.clock())
        if mail is None:
            return False
        result = self._read(mail)
        self._mails.settle(mail, result)
        COUNTERS.count(RECEIVED_MAILS, result.state)
        return True

    def _read(self, mail: ReceivedMail) -> MailResult:
        """Read a mail. An error that does not go away leaves it to people, as it is."""
        why = "the process ended while it was read"
        try:
            if mail.attempts <= MOST_ATTEMPTS:
                content = self._service.calls.correspondence.read_file(mail.file or "")
                return MailReader(self._services, mail, read_mail(b"".join(content))).read()
        except Exception as error:
            away = isinstance(error, DBAPIError) and is_unavailable(error)
            if away or mail.attempts < MOST_ATTEMPTS:
                self._mails.put_off(mail, self._service.clock() + RETRY_AFTER * mail.attempts)
                raise
            why = f"the line could not handle it ({type(error).__name__})"
        _log.error("a mail is left to people", mail=mail.id, why=why)
        files = self._service.calls.correspondence
        limits = MailLimits(self._mails, files, mail, self._service.clock())
        return limits.limit_kept(MailResult(MailState.UNREADABLE, why))


class MailReader:
    """Decides about one mail, and tells the line."""

    def __init__(self, services: Services, stored: ReceivedMail, mail: ParsedMail) -> None:
        """``stored`` is what is known of it, ``mail`` what it says."""
        self._services, self._stored, self._mail = services, stored, mail
        self._service, self._book = services.call_service, services.call_service.calls
        self._mails = ReceivedMails(services.engine)
        self._address = services.settings.mailbox_address or ""
        self._secret = services.settings.secret_key
        self._sender = read_sender(mail, find_trusted(services.settings, stored.door))
        self._identity = identify_mail(mail)
        now = self._service.clock()
        self._limits = MailLimits(self._mails, self._book.correspondence, stored, now)
        self._verified, self._kept = False, 0
        self._named: Incident | None = None  # by the address it came to, before any merge

    def read(self) -> MailResult:
        """Handle the mail; the result says what became of it."""
        result = self._decide()
        message = result.state in (MailState.LODGED, MailState.THREADED)
        if self._verified or (not message and any(self._list_writers())):
            return result
        return self._limits.limit_kept(result, self._kept)

    def _decide(self) -> MailResult:
        known = self._mails.claim_identity(self._stored, self._identity)
        if known is not None:
            why = "a copy of a mail that came in before"
            return self._result(MailState.DUPLICATE, why, known.line, known.incident)
        sign = find_automatic_sign(self._mail, self._sender.address, (self._address,))
        if self._mail.bounces and not self._stored.forced:
            return self._record_bounces()
        if self._stored.forced:
            return self._take_message() or self._lodge()
        if sign:
            return self._result(MailState.AUTOMATIC, sign)
        if not self._sender.address:
            return self._result(MailState.UNREADABLE, self._sender.why)
        return self._follow_engineer() or self._take_message() or self._lodge()

    def _result(
        self, state: MailState, why: str, line: str | None = None, incident: str | None = None
    ) -> MailResult:
        return MailResult(
            state, why, line, incident, self._sender.address, self._mail.subject[:LONGEST_SUBJECT]
        )

    def _follow_engineer(self) -> MailResult | None:
        """An engineer answers the mail of a page, at an address that only they have."""
        mailbox = MailBox(self._address, self._secret)
        for address in self._mail.recipients:
            words, sender = self._mail.words.own, self._sender.address
            mail = EngineerMail(self._identity, address, sender, words)
            followed = handle_engineer_reply(self._service, mailbox, mail)
            if followed is None:
                continue
            incident = self._find_incident(followed.reply.number)
            key = None if incident is None else incident.key
            if followed.why:
                return self._result(MailState.REFUSED, followed.why, incident=key)
            why = f"an answer of {followed.reply.engineer}"
            return self._result(MailState.FOLLOWED, why, incident=key)
        return None

    def _take_message(self) -> MailResult | None:
        """A customer writes about a known incident."""
        thread = self._find_thread()
        return None if thread is None else self._add_to(*thread)

    # The thread: a reply about a known incident.

    def _find_thread(self) -> tuple[Incident, Writer | None] | None:
        """The incident that the mail is about, and its writer if they are a contact of it.

        A signed address is enough to store a message. A reference is not: whoever got a copy of a
        mail has it too, so it counts for a proven contact of the same contract only.
        """
        tagged = self._find_tagged()
        if tagged is not None:
            return tagged, self._find_writer_of(tagged)
        referred = self._find_referred()
        if referred is not None:
            writer = self._find_writer_of(referred)
            if writer is not None:
                return referred, writer
        return None

    def _find_tagged(self) -> Incident | None:
        for address in self._mail.recipients:
            number = mail_threads.read_reply_address(self._secret, self._address, address)
            case = None if number is None else self._book.find_by_number(number)
            if case is not None and (found := self._follow(case.incident)) is not None:
                self._named = case.incident
                return found
        return None

    def _find_referred(self) -> Incident | None:
        references = self._mail.references
        number = mail_threads.read_message_ids(self._secret, self._address, references)
        if number is not None:
            return self._find_incident(number)
        for mail_id in reversed(references):
            message = self._book.correspondence.find_by_mail_id(mail_id)
            if message is not None:
                case = self._book.find_by_incident(message.incident)
                return None if case is None else self._follow(case.incident)
        return None

    def _find_incident(self, number: int) -> Incident | None:
        case = self._book.find_by_number(number)
        return None if case is None else self._follow(case.incident)

    def _follow(self, incident: Incident | None) -> Incident | None:
        """The incident into which this one was merged, if it was."""
        while incident is not None and incident.merged_into is not None:
            case = self._book.find_by_incident(incident.merged_into)
            incident = None if case is None else case.incident
        return incident

    def _find_writer_of(self, incident: Incident) -> Writer | None:
        """The writer, if they are a contact of the incident's contract."""
        writers = (each for each in self._list_writers() if each.line.id == incident.line)
        return next((each for each in writers if each.contract.number == incident.contract), None)

    # The writer: a contact with this address, if the receiving server has proven it.

    def _list_writers(self) -> Iterator[Writer]:
        if not self._sender.proven:
            return
        address = self._sender.address
        for line in self._services.lines.list_lines():
            today = wall(self._service.clock(), line.timezone).date()
            for contract in self._service.lines.find_contracts_by_email(line.id, address):
                current = find_contacts(contract, today, None)
                owners = [contact for contact in current if has_email(contact, address)]
                if owners:
                    yield Writer(line, contract, owners[0])

    def _find_writer(self) -> Writer | None:
        """The writer of a new report. Of several contracts with their address, the mail must name
        one, also when only one is valid: another company may have set the address."""
        found = list(self._list_writers())
        if len(found) > 1:
            said = f"{self._mail.subject} {self._mail.words.own[:LONGEST_WORDS]}"
            named = set(re.findall(r"\d+", said, re.ASCII))
            found = [each for each in found if each.contract.number in named]
        return found[0] if len(found) == 1 else None

    def _entitle(self, writer: Writer) -> Entitlement:
        return find_entitlement(writer.contract, writer.line, self._service.clock())

    # What follows.

    def _add_to(self, incident: Incident, writer: Writer | None) -> MailResult:
        """A message about a known incident. Of a writer who is not proven it moves no clock."""
        verified = self._verified = writer is not None
        held = "" if verified else self._limits.why_not_added(incident.key)
        if held:
            return self._result(MailState.HELD, held, incident.line, incident.key)
        by = writer.contact.name if writer is not None else self._sender.address
        contract = incident.contract if verified else None
        self._service.happen(
            events.CustomerWrote(
                incident=incident.key,
                message_id=self._identity,
                by=by,
                door=Via.EMAIL,
                words=self._words,
                files=self._write_files(incident.line, by, contract),
                verified=verified,
                mail_id=self._mail.message_id or None,
            )
        )
        if not verified:
            self._answer(self._named or incident, CustomerNews.RECEIVED_REPLY)
        why = self._sender.why if verified else f"unverified: {self._why_unverified()}"
        return self._result(MailState.THREADED, why, incident.line, incident.key)

    def _lodge(self) -> MailResult:
        writer = self._find_writer()
        line, verified = self._choose_line(writer), writer is not None
        self._verified = verified
        held = self._limits.why_not_lodged(self._sender.address, verified=verified)
        if held:
            return self._result(MailState.HELD, held, line.id)
        urgency = self._find_level()
        entitlement, identity, contract = Entitlement.UNVERIFIED, None, None
        by, language, rings = self._sender.address, line.languages[0], urgency > 1
        if writer is not None:
            entitlement, contract = self._entitle(writer), writer.contract.number
            identity = build_identity(writer.contract, writer.contact, entitlement, line)
            by = writer.contact.name
            language = customer.choose_language(writer.contact, line.languages, language)
            rings = rings or writer.contract.email_level_1 is EmailLevel1.PAGE
        opened = lodge(
            self._service,
            events.Lodged(
                key=self._identity,
                line=line.id,
                source=IncidentSource.EMAIL,
                urgency=urgency,
                language=language,
                entitlement=entitlement,
                identity=identity,
                words=self._words,
                by=by,
                subject=self._mail.subject[:LONGEST_SUBJECT],
                files=self._write_files(line.id, by, contract),
                mail_id=self._mail.message_id or None,
                rings=rings,
            ),
        ).incident
        if opened is not None and writer is None:
            self._answer(opened, CustomerNews.RECEIVED)
        why = self._sender.why if writer is not None else f"unverified: {self._why_unverified()}"
        return self._result(MailState.LODGED, why, line.id, self._identity)

    def _why_unverified(self) -> str:
        if self._sender.proven:
            return "the address is not that of one contact of one contract"
        return self._sender.why

    def _choose_line(self, writer: Writer | None) -> Line:
        """The line of the writer, or the first one."""
        if writer is not None:
            return writer.line
        return self._services.lines.list_lines()[0]

    def _find_level(self) -> int:
        """The level that the form, the subject, or a line of the text says; 3 if none does."""
        if self._stored.level is not None:
            return self._stored.level
        return read_level(self._mail.subject, self._mail.words.own)

    @property
    def _words(self) -> str:
        """The words of the message, the new part first. A mail without words has its subject."""
        whole = self._mail.words.whole
        if len(whole) > LONGEST_WORDS:
            whole = f"{whole[:LONGEST_WORDS]} …"
        return whole or self._mail.subject[:LONGEST_SUBJECT] or "…"

    def _write_files(self, line: str, by: str, contract: str | None) -> tuple[str, ...]:
        """Store the attachments, and the mail itself if not all of it was read. Of a sender who is
        not proven only its head is stored once the budget is used up."""
        files, now = self._book.correspondence, self._service.clock()
        mail = replace(MAIL, line=line, by=by, contract=contract)
        partly = self._mail.cut or len(self._mail.words.whole) > LONGEST_WORDS
        if not (partly or self._mail.attachments):
            return ()
        if not self._verified and not self._limits.has_room():
            found = [files.write_file(mail, self._limits.read_head(), LARGEST, now)]
        else:
            found = [
                files.write_file(
                    replace(mail, name=each.name, media_type=each.media_type),
                    each.chunks(),
                    LARGEST,
                    now,
                )
                for each in self._mail.attachments
            ]
            if partly:
                whole = files.read_file(self._stored.file or "")
                found.append(files.write_file(mail, whole, LARGEST, now))
        self._kept = sum(file.size for file in found)
        return tuple(file.id for file in found)

    def _answer(self, incident: Incident, news: CustomerNews) -> None:
        """Answer a sender who is not proven, a few times an hour: the From line may be anybody's,
        and a program may answer back."""
        now, to = self._service.clock(), self._sender.address
        if not self._limits.may_answer(to):
            return
        line = self._service.lines.find_line(incident.line)
        if line is None:
            return
        facts = self._service.facts(line)
        message = customer.answer_mail(facts, incident, to, incident.language, self._identity)
        message = replace(message, words=news)
        self._service.notifier.notify(self._book.messages.send([message], now))
        self._mails.mark_answered(self._stored, now)

    def _record_bounces(self) -> MailResult:
        """Mark our mails that did not arrive."""
        found = [self._record_bounce(each.message_id, each.status) for each in self._mail.bounces]
        incident = next((each for each in found if each is not None), None)
        why = f"a mail did not arrive: {self._mail.bounces[0].status}"
        if incident is None:
            return self._result(MailState.BOUNCE, f"{why}; it is none that we know")
        return self._result(MailState.BOUNCE, why, incident.line, incident.key)

    def _record_bounce(self, mail_id: str, status: str) -> Incident | None:
        number = mail_threads.read_message_ids(self._secret, self._address, [mail_id])
        incident = None if number is None else self._find_incident(number)
        if incident is None:
            return None
        reason = f"the mail came back: {status}"
        sent = find_sent_mails(self._services.engine, incident.key)
        for message in sent.messages:
            if self._has_id(mail_id, message, number):
                self._book.messages.record_result(message, PageResult.UNDELIVERED, reason=reason)
                self._text_instead(message, incident)
        for page in sent.pages:
            if self._has_id(mail_id, page, number):
                self._service.happen(events.PageSent(page, PageResult.UNDELIVERED, why=reason))
        return incident

    def _text_instead(self, message_id: str, incident: Incident) -> None:
        """Text a customer who did not get a mail."""
        message = self._book.messages.find(message_id)
        line = self._service.lines.find_line(incident.line)
        if message is None or message.reader != CONTACT or line is None:
            return
        facts = self._service.facts(line)
        text = customer.build_text_instead(facts, incident, message)
        if text is not None:
            self._service.notifier.notify(self._book.messages.send([text], facts.now))

    def _has_id(self, mail_id: str, key: str, number: int | None) -> bool:
        ours = mail_threads.message_id(self._secret, self._address, key, number)
        return secrets.compare_digest(ours, mail_id.lower())


def find_trusted(settings: Settings, door: str) -> str | None:
    """The server whose report about a sender counts for the mails of this door; None if nobody's
    does. The other door's server has not seen them, so its name in one is anybody's word."""
    if door == MAILBOX:
        return settings.mailbox_trusts
    if door == FORM:
        return settings.mail_form_trusts
    return None


def read_level(subject: str, words: str) -> int:
    """The level that a mail asks for: a tag in its subject, such as [1] or "niveau 2", or a line of
    its text such as "Level: 2". Level 3 if it says nothing."""
    if tag := _TAG.search(subject):
        return int(tag[1] or tag[2])
    for line in words.split("\n")[:20]:
        if said := _LEVEL_LINE.fullmatch(line):
            return int(said[1])
    return DEFAULT_LEVEL


def identify_mail(mail: ParsedMail) -> str:
    """An id that is the same for each copy of a mail, by whatever way it came. A Message-ID alone
    is not enough: some programs use one again for another mail, which must not be lost."""
    said = (
        mail.message_id,
        mail.list_values("from"),
        mail.get("date"),
        mail.subject,
        mail.words.whole,
        [(each.name, hashlib.sha256(each.data).hexdigest()) for each in mail.attachments],
        [each.message_id for each in mail.bounces],
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]

"""Follows an engineer's answer to the mail of a page or message, as the same words in a text.

The address names the incident and the engineer, and only mails to this engineer hold it. The mail
must also come from the engineer's own address. It proves no more than a text does: to end a level 1
for good it needs the code, the link, a key or the console. Automatic answers must be sorted out
before.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from routing.call_service import CallService
from routing.engineer import texting
from routing.engineer.texting import IncomingText, TextAnswer, TextSender
from routing.facts import SeededRandom
from routing.incident import Incident
from routing.incidents import text_commands
from routing.incidents.text_commands import Verb
from routing.line import Channel
from routing.message import Message, Via
from routing.oncall.policy import language_of
from service.mail_threads import EngineerReply, read_engineer_address

LONGEST_NOTE = 2000
"""Characters of a mail that are noted on the incident."""


@dataclass(frozen=True, slots=True)
class EngineerMail:
    """A mail to a reply address. ``id`` is its Message-ID, ``sender`` the address in From, and
    ``words`` are the new ones, without what is quoted."""

    id: str
    to: str
    sender: str
    words: str


@dataclass(frozen=True, slots=True)
class MailBox:
    """The address of the line's mailbox, and the key of the reply addresses."""

    address: str
    secret: str


@dataclass(frozen=True, slots=True)
class FollowedMail:
    """What became of the mail: ``why`` is a reason to follow it no further, or empty."""

    reply: EngineerReply
    why: str = ""


def handle_engineer_reply(
    service: CallService, mailbox: MailBox, mail: EngineerMail
) -> FollowedMail | None:
    """Follow the mail, and answer it in one sentence. None if the address is no engineer's.

    The same mail again does nothing and is not answered again.
    """
    reply = find_engineer_reply(service, mailbox, mail.to)
    if reply is None:
        return None
    case = service.calls.find_by_number(reply.number)
    if case is None or case.incident is None:
        return FollowedMail(reply, "the incident is gone")
    line = service.line_of(case)
    engineer = line.engineer(reply.engineer)
    if engineer is None or engineer.email is None:
        return FollowedMail(reply, "the engineer has no mail address")
    if engineer.email.casefold() != mail.sender.strip().casefold():
        return FollowedMail(reply, "it does not come from the engineer's own address")
    sender = TextSender(line, engineer)
    text = IncomingText(_derive_id(mail.id), _choose_words(mail, case.incident), how=Via.EMAIL)
    said = texting.receive(service, [sender], text)
    if not isinstance(said, TextAnswer):
        return FollowedMail(reply, said.why)
    answer = _build_answer(service, said, case.incident, mail)
    service.notifier.notify(service.calls.messages.send([answer], answer.at))
    return FollowedMail(reply)


def find_engineer_reply(
    service: CallService, mailbox: MailBox, address: str
) -> EngineerReply | None:
    """The incident and the engineer of a reply address, or None for any other address."""

    def list_engineers(number: int) -> list[str]:
        if number > texting.LARGEST or (case := service.calls.find_by_number(number)) is None:
            return []
        return [engineer.id for engineer in service.line_of(case).engineers]

    return read_engineer_address(mailbox.secret, mailbox.address, address, list_engineers)


def _choose_words(mail: EngineerMail, incident: Incident) -> str:
    """The first line if it is a command, because a signature may follow it; the first paragraph if
    it is for the customer, who must not read the signature either; else all of it."""
    paragraphs = [" ".join(each.split()) for each in re.split(r"\n\s*\n", mail.words.strip())]
    first_line = mail.words.strip().partition("\n")[0]
    number = str(incident.number)
    own_number = re.compile(rf"^#?{number}(?![0-9])[\s:;,.-]*")
    if not first_line:
        return ""
    said = f"{number} {own_number.sub('', first_line.strip())}"
    verb = text_commands.read(said, {incident.number: None}).verb
    if verb is Verb.NOTE:
        said = f"{number} {own_number.sub('', ' '.join(paragraphs))}"
    elif verb in (Verb.ANSWER, Verb.NOT_SENT):
        said = f"{number} {own_number.sub('', paragraphs[0])}"
    return said[:LONGEST_NOTE]


def _build_answer(
    service: CallService, said: TextAnswer, incident: Incident, mail: EngineerMail
) -> Message:
    line, engineer = said.sender.line, said.sender.engineer
    return Message(
        SeededRandom(b"once").token(f"answer {mail.id} {engineer.id}"),
        line.id,
        service.clock(),
        engineer.id,
        Channel.EMAIL,
        engineer.email or "",
        language_of(line, engineer.id),
        said.words,
        tuple(said.values.items()),
        incident.key,
    )


def _derive_id(mail_id: str) -> str:
    return hashlib.sha256(mail_id.encode()).hexdigest()[:32]

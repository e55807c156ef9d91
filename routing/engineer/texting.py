"""A text from an engineer: read, acted on, and answered in one sentence.

The sender of a text is easily forged, so a text reaches only incidents that its sender was told
about. A telephone may answer our texts by itself, so repeated words and many texts end in silence.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from routing import call_service
from routing.call_service import CallService, find_survivor
from routing.decision import Case
from routing.draft import DecisionDraft
from routing.escalation.steps import find_announced
from routing.events import CodeTexted
from routing.incident import Incident, IncidentState
from routing.incidents import text_commands
from routing.incidents.text_commands import (
    CarrierWord,
    CommandSource,
    TextCommand,
    Verb,
    answer,
    why_no_call,
)
from routing.line import Engineer, HandoverState, Line
from routing.message import UNRUNG, ReceivedText, SentenceValue, Via
from routing.names import unify_spelling
from routing.notify import customer, messages, paging, text_codes
from routing.oncall.policy import find_desks, find_people

MANY = 5
"""So many texts within ``A_MOMENT`` come from a machine."""

A_MOMENT = dt.timedelta(minutes=10)
A_DAY = dt.timedelta(days=1)
"""A note in the same words on the same incident comes from a machine during this time."""

HANDOVER = "handover"
"""The stored command of a text that confirmed a handover."""

MANY_TEXTS = "many texts in a moment"

LARGEST = 2**31 - 1
"""The largest number of an incident."""


@dataclass(frozen=True, slots=True)
class TextSender:
    """An engineer who texts, and the line."""

    line: Line
    engineer: Engineer


@dataclass(frozen=True, slots=True)
class IncomingText:
    """A text as the carrier delivers it, with the carrier's own reading of it; or a mail."""

    id: str
    body: str
    carrier_word: CarrierWord | None = None
    how: Via = Via.TEXT


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """The key of the sentence that is texted back, and its reader."""

    sender: TextSender
    words: str
    values: Mapping[str, SentenceValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No text is sent back, for this reason."""

    why: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A text that was read, with the incident that it is about. Without one, ``instead`` is the
    sentence that says why."""

    sender: TextSender
    reply: TextCommand
    incident: Incident | None = None
    instead: str = ""

    @property
    def key(self) -> str | None:
        """The key of the incident, if there is one."""
        return self.incident.key if self.incident is not None else None

    @property
    def commands(self) -> bool:
        """True for a command that names or has an incident. A note is no command."""
        if self.reply.verb in (Verb.NOTE, Verb.NOT_SENT, Verb.NOTHING):
            return False
        return self.incident is not None or self.reply.number is not None


@dataclass(frozen=True, slots=True)
class _RecentTexts:
    """Earlier texts of the same person, and the digest of the new one."""

    texts: Sequence[ReceivedText]
    now: dt.datetime
    digest: str

    @property
    def many(self) -> bool:
        """True when a machine sends the texts, because they are too many."""
        return sum(one.at > self.now - A_MOMENT for one in self.texts) >= MANY

    def automatic(self, read: _Read) -> str | None:
        """The reason to think that a machine sent the text, or None. A person may send many
        commands in a moment, but not the same one many times."""
        if read.commands:
            return MANY_TEXTS if self._count_same(read, A_MOMENT) >= MANY else None
        repeated_for = A_MOMENT if read.incident is None else A_DAY
        if self._count_same(read, repeated_for):
            return "the same words again"
        return MANY_TEXTS if self.many else None

    def _count_same(self, read: _Read, within: dt.timedelta) -> int:
        late = [one for one in self.texts if one.at > self.now - within]
        return sum((one.digest, one.incident) == (self.digest, read.key) for one in late)


def receive(
    service: CallService, senders: Sequence[TextSender], text: IncomingText
) -> TextAnswer | Unanswered:
    """Follow a text. ``senders`` is one person, on each line that has their number."""
    word = text.carrier_word or text_commands.find_carrier_word(text.body)
    if word is not None:
        _tell_manager(service, senders[0], word)
        return Unanswered(f"the carrier answers {word}")
    before = service.calls.received_texts.find(text.id)
    if before is not None and before.verb != HANDOVER:
        return _answer_again(service, senders, text, before)
    recent = _find_recent(service, senders[0], text.body)
    confirmed = _confirm_handover(service, senders, text)
    if confirmed is not None:
        _store(service, senders[0], text, HANDOVER, None)
        if recent.many:
            return Unanswered(MANY_TEXTS)
        return confirmed
    read = _read(service, senders, text.body)
    why = recent.automatic(read)
    said: TextAnswer | Unanswered = Unanswered(why or MANY_TEXTS)
    if why is None:
        said = _act(service, read, text)
    elif read.commands:
        _act(service, read, text)
    _store(service, senders[0], text, read.reply.verb, read.key)
    return said


def _read(service: CallService, senders: Sequence[TextSender], body: str) -> _Read:
    """The command of a text, with its incident and its line."""
    theirs = []
    for sender in senders:
        knows = _build_check(service, sender)
        theirs += [(sender, one) for one in _find_incidents(service, sender, body) if knows(one)]
    of_sender = {
        incident.number: text_codes.find_code(incident, s.engineer.id) for s, incident in theirs
    }
    merged = _find_merged(service, body)
    of_sender |= {old: of_sender[now] for old, now in merged.items() if now in of_sender}
    reply = text_commands.read(body, of_sender)
    first = text_commands.find_first_number(body) or 0
    if first not in of_sender and reply.code != f"{first:04}" and _is_incident(service, first):
        # The rest of the text is never noted on another incident.
        return _refuse_number(service, senders, replace(reply, number=first))
    if reply.number in merged:
        reply = replace(reply, number=merged[reply.number])
    if reply.verb is Verb.NOTHING:
        return _Read(senders[0], reply, instead="nothing_said")
    if reply.number is None and reply.verb is Verb.ANSWER:
        return _Read(senders[0], reply, instead="answer_which")  # nobody guesses who reads it
    if reply.number is None:
        return _choose_incident(senders[0], reply, theirs)
    for sender, incident in theirs:
        if incident.number == reply.number:
            return _Read(sender, reply, incident)
    return _refuse_number(service, senders, reply)


def _find_merged(service: CallService, body: str) -> dict[int, int]:
    """The numbers in a text of incidents that were merged, each with the number of the one that
    goes on for it."""
    named = (
        (number, _find_by_number(service, number)) for number in text_commands.find_numbers(body)
    )
    return {
        number: found.number
        for number, found in named
        if found is not None and found.number != number
    }


def _build_check(service: CallService, sender: TextSender) -> Callable[[Incident], bool]:
    """A check whether the sender was told about an incident: it was assigned to them, they were
    rung or written to about it, or they came on call and were told what is open. The people of a
    desk know what waits for it."""
    engineer, facts = sender.engineer.id, service.facts(sender.line)
    written = {
        key
        for key, page in facts.notices(engineer)
        if page.at <= facts.now and page.result in (None, *paging.WENT_OUT)
    }
    found = service.calls.messages.find_general(sender.line.id, UNRUNG, facts.now - A_DAY)
    written |= find_announced(one for one in found if one.reader == engineer)
    reliefs = service.calls.handovers.find_current(sender.line.id, engineer, facts.now)
    on = [r for r in reliefs if r.state not in (HandoverState.LAPSED, HandoverState.SKIPPED)]
    since = max((r.confirmed_at or r.told_at or r.at for r in on), default=None)

    def knows(incident: Incident) -> bool:
        people = (incident.acknowledged_by, incident.responded_by, *incident.escalation.rung)
        read_it = since is not None and incident.opened_at <= since
        told = not written.isdisjoint((incident.key, *incident.merged))
        if engineer in people or told or read_it:
            return True
        if incident.urgency == 1:
            return False
        desks = find_desks(sender.line, incident)
        return any(engineer in find_people(desk, facts, incident.language) for desk in desks)

    return knows


def _find_incidents(service: CallService, sender: TextSender, body: str) -> list[Incident]:
    """The open incidents on the sender's line, and those with a response that the text names."""
    undone = list(service.calls.find_open(sender.line.id))
    known = {incident.number for incident in undone}
    named = [number for number in text_commands.find_numbers(body) if number not in known]
    for found in (_find_by_number(service, number) for number in named):
        if found is None or found.line != sender.line.id:
            continue
        if found.state is IncidentState.RESPONDED:
            undone.append(found)
    return undone


def _choose_incident(
    sender: TextSender, reply: TextCommand, theirs: Sequence[tuple[TextSender, Incident]]
) -> _Read:
    """The incident of a text without a number. A command to take one means an incident that nobody
    has. The other commands mean the sender's own, or the only one that they were told about."""
    undone = [
        (s, i) for s, i in theirs if i.state in (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
    ]
    own = [(s, i) for s, i in undone if i.acknowledged_by == s.engineer.id]
    free = [(s, i) for s, i in undone if i.state is IncidentState.OPEN]
    meant = own or undone
    if reply.verb is Verb.TAKE:
        meant = free or own
    if not meant:
        return _Read(sender, reply, instead="none_waits")
    if len(meant) > 1:
        return _Read(sender, reply, instead="which")
    ((sender, incident),) = meant
    return _Read(sender, reply, incident)


def _refuse_number(
    service: CallService, senders: Sequence[TextSender], reply: TextCommand
) -> _Read:
    """A command with a number that is no incident of the sender's."""
    found = _find_by_number(service, reply.number or 0)
    for sender in senders:
        if found is None or found.line != sender.line.id:
            continue
        if found.state is not IncidentState.CLOSED:
            return _Read(sender, reply, instead="not_told")
        if _build_check(service, sender)(found):
            return _Read(sender, reply, instead="is_closed")
    return _Read(senders[0], reply, instead="no_incident")


def _is_incident(service: CallService, number: int) -> bool:
    return _find_by_number(service, number) is not None


def _act(service: CallService, read: _Read, text: IncomingText) -> TextAnswer:
    """Follow the command, and answer with the new state of the incident."""
    sender, reply, incident = read.sender, read.reply, read.incident
    if incident is None:
        return _refuse(read)
    engineer = sender.engineer.id
    if reply.verb is Verb.ANSWER:
        draft = DecisionDraft(service.facts(sender.line), None, incident)
        unread = customer.why_not_readable(draft)
        if unread is not None:
            return TextAnswer(sender, unread, {"number": incident.number})
    if reply.code is not None and incident.urgency == 1:
        service.happen(CodeTexted(incident.key, engineer, reply.code))
    source = CommandSource(text.id, text.how)
    after = service.happen(text_commands.make_event(reply, incident.key, engineer, source))
    return _answer(sender, reply.verb, incident, after)


def _answer(sender: TextSender, verb: Verb, before: Incident, after: Case) -> TextAnswer:
    engineer, now = sender.engineer.id, after.incident
    said = answer(verb, engineer, after, sender.line)
    words = said.words
    if now is not None and verb is Verb.CALL:
        is_refused = now.rung_back == before.rung_back and why_no_call(now, engineer) is None
        words = "rung_often" if is_refused else words
    return TextAnswer(sender, words, said.values)


def _answer_again(
    service: CallService, senders: Sequence[TextSender], text: IncomingText, before: ReceivedText
) -> TextAnswer | Unanswered:
    """The carrier delivers a text again: nothing happens, and the answer gives the current
    state."""
    if before.incident is None:
        read = _read(service, senders, text.body)
        if read.incident is None:
            return _refuse(read)
        return Unanswered("brought twice")
    case = service.calls.find_by_incident(before.incident)
    for sender in senders:
        if case is not None and case.incident and case.incident.line == sender.line.id:
            said = answer(Verb(before.verb), sender.engineer.id, case, sender.line)
            return TextAnswer(sender, said.words, said.values)
    return Unanswered("brought twice")


def _refuse(read: _Read) -> TextAnswer:
    return TextAnswer(read.sender, read.instead, {"number": read.reply.number or 0})


def _confirm_handover(
    service: CallService, senders: Sequence[TextSender], text: IncomingText
) -> TextAnswer | None:
    """The answer to a text about a handover. None for any other text."""
    for sender in senders:
        said = call_service.confirm_by_text(
            service, sender.line, sender.engineer.id, text.body, text.id
        )
        if said is not None:
            return TextAnswer(sender, said.words, dict(said.values))
    return None


def _tell_manager(service: CallService, sender: TextSender, word: CarrierWord) -> None:
    """Tell the duty manager, once an hour, that an engineer texted STOP, START or HELP."""
    facts = service.facts(sender.line)
    hour = f"{facts.now:%Y-%m-%dT%H}"
    values = (("name", sender.engineer.name),)
    news = messages.News(
        f"carrier_{word}", values, once=f"carrier {word} {sender.engineer.id} {hour}"
    )
    service.notifier.notify(
        service.calls.messages.send(messages.build_manager_messages(facts, news), facts.now)
    )


def _find_recent(service: CallService, sender: TextSender, body: str) -> _RecentTexts:
    now = service.clock()
    texts = service.calls.received_texts.find_since(sender.line.id, sender.engineer.id, now - A_DAY)
    return _RecentTexts(texts, now, _digest(body))


def _store(
    service: CallService, sender: TextSender, text: IncomingText, verb: str, incident: str | None
) -> None:
    line, engineer = sender.line.id, sender.engineer.id
    digest, now = _digest(text.body), service.clock()
    service.calls.received_texts.add(
        ReceivedText(text.id, line, engineer, now, verb, digest, incident)
    )


def _find_by_number(service: CallService, number: int) -> Incident | None:
    if not 0 < number <= LARGEST:
        return None
    case = service.calls.find_by_number(number)
    if case is None or case.incident is None:
        return None
    survivor = find_survivor(service.calls, case.incident.key)
    return survivor.incident if survivor is not None else None


def _digest(body: str) -> str:
    words = unify_spelling(body).casefold()
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()

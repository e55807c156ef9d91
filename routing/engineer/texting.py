"""A text of an engineer at the desk: read, acted on, and answered in one sentence.

The sender of a text is easily forged, so a text reaches only what its sender was told about. A
telephone may answer our texts by itself, so the same words, or many texts, end in silence.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from routing import call_service
from routing.call_service import CallService
from routing.decision import Case
from routing.escalation.steps import find_announced
from routing.events import CodeTexted
from routing.incident import Incident, IncidentState
from routing.incidents import text_commands
from routing.incidents.text_commands import CarrierWord, TextCommand, Verb, answer, why_no_call
from routing.line import Engineer, HandoverState, Line
from routing.message import UNRUNG, ReceivedText, Told
from routing.names import one_spelling
from routing.notify.messages import News, build_manager_messages
from routing.notify.paging import WENT_OUT
from routing.notify.text_codes import code_of
from routing.oncall.policy import desk_for, people_of

MANY = 5
"""More texts than so many within ``A_MOMENT`` come from a machine."""

A_MOMENT = dt.timedelta(minutes=10)
A_DAY = dt.timedelta(days=1)
"""A note in the same words on the same incident comes from a machine for so long."""

HANDOVER = "handover"
"""What a text was about that confirmed a handover."""

MANY_TEXTS = "many texts in a moment"

LARGEST = 2**31 - 1
"""Numbers of incidents are no larger."""


@dataclass(frozen=True, slots=True)
class TextSender:
    """Somebody who texts, and on which line."""

    line: Line
    engineer: Engineer


@dataclass(frozen=True, slots=True)
class IncomingText:
    """What the carrier brings: its id, the words, and what the carrier made of them by itself."""

    id: str
    body: str
    carrier_word: CarrierWord | None = None


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """The key of the sentence that is texted back, and who hears it."""

    sender: TextSender
    words: str
    values: Mapping[str, Told] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing is texted back, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A text, understood, with the incident that it is about; or the sentence that says why there
    is none."""

    sender: TextSender
    reply: TextCommand
    incident: Incident | None = None
    instead: str = ""

    @property
    def commands(self) -> bool:
        """True when something is to be done with an incident, other than to note words."""
        return self.incident is not None and self.reply.verb is not Verb.NOTE


@dataclass(frozen=True, slots=True)
class _Lately:
    """What came from the same person before a text of this digest."""

    texts: Sequence[ReceivedText]
    now: dt.datetime
    digest: str

    @property
    def many(self) -> bool:
        """True when so many came in a moment that a machine sends them."""
        return sum(one.at > self.now - A_MOMENT for one in self.texts) >= MANY

    def automatic(self, read: _Read) -> str | None:
        """Why a machine is thought to have sent the text, or None. A person may well send many
        commands in a moment, but not many times the same."""
        if read.commands:
            return MANY_TEXTS if self.many and self._same(read, A_MOMENT) else None
        if self._same(read, A_MOMENT if read.incident is None else A_DAY):
            return "the same words again"
        return MANY_TEXTS if self.many else None

    def _same(self, read: _Read, within: dt.timedelta) -> bool:
        key = read.incident.key if read.incident is not None else None
        late = (one for one in self.texts if one.at > self.now - within)
        return any((one.digest, one.incident) == (self.digest, key) for one in late)


def receive(
    service: CallService, senders: Sequence[TextSender], text: IncomingText
) -> TextAnswer | Unanswered:
    """Do what a text means; ``senders`` is one person, on each line that has their number."""
    word = text.carrier_word or text_commands.find_carrier_word(text.body)
    if word is not None:
        _tell_manager(service, senders[0], word)
        return Unanswered(f"the carrier answers {word}")
    before = service.calls.received_texts.find(text.id)
    if before is not None and before.verb != HANDOVER:
        return _again(service, senders, text, before)
    lately = _lately(service, senders[0], text.body)
    confirmed = _confirmation(service, senders, text)
    if confirmed is not None:
        _keep(service, senders[0], text, HANDOVER, None)
        return Unanswered(MANY_TEXTS) if lately.many else confirmed
    understood = _understood(service, senders, text.body)
    why = lately.automatic(understood)
    acts = why is None or understood.commands
    said = _act(service, understood, text) if acts else None
    incident = understood.incident
    key = incident.key if incident is not None else None
    _keep(service, senders[0], text, understood.reply.verb, key)
    return said if said is not None and why is None else Unanswered(why or MANY_TEXTS)


def _understood(service: CallService, senders: Sequence[TextSender], body: str) -> _Read:
    """What the text says, of which incident, and for which of the lines."""
    theirs = []
    for sender in senders:
        told = _told(service, sender)
        theirs += [(sender, one) for one in _of(service, sender, body) if told(one)]
    of_sender = {incident.number: code_of(incident, s.engineer.id) for s, incident in theirs}
    reply = text_commands.read(body, of_sender)
    if reply.verb is Verb.NOTHING:
        return _Read(senders[0], reply, instead="nothing_said")
    if reply.number is None:
        return _unnumbered(senders[0], reply, theirs)
    for sender, incident in theirs:
        if incident.number == reply.number:
            return _Read(sender, reply, incident)
    return _not_theirs(service, senders, reply)


def _told(service: CallService, sender: TextSender) -> Callable[[Incident], bool]:
    """Whether the sender was told about an incident: it was put in their name, they were rung or
    written to about it, or they came on duty and were told what is open. Of what waits for a desk
    (levels 2 to 4) the people of that desk know."""
    engineer, facts = sender.engineer.id, service.facts(sender.line)
    written = {
        key
        for key, page in facts.notices(engineer)
        if page.at <= facts.now and page.result in (None, *WENT_OUT)
    }
    letters = service.calls.messages.find_general(sender.line.id, UNRUNG, facts.now - A_DAY)
    written |= find_announced(one for one in letters if one.reader == engineer)
    reliefs = service.calls.handovers.find_current(sender.line.id, engineer, facts.now)
    on = [r for r in reliefs if r.standing not in (HandoverState.LAPSED, HandoverState.SKIPPED)]
    since = max((r.confirmed_at or r.told_at or r.at for r in on), default=None)

    def told(incident: Incident) -> bool:
        people = (incident.acknowledged_by, incident.responded_by, *incident.hunt.sought)
        read_it = since is not None and incident.opened_at <= since
        if engineer in people or incident.key in written or read_it:
            return True
        desk_step = desk_for(sender.line, incident) if incident.urgency != 1 else None
        return desk_step is not None and engineer in people_of(desk_step, facts, incident.language)

    return told


def _of(service: CallService, sender: TextSender, body: str) -> list[Incident]:
    """What is open on the line of this sender, and what the text may name beside it."""
    undone = list(service.calls.find_open(sender.line.id))
    known = {incident.number for incident in undone}
    for number in text_commands.find_numbers(body):
        matter = _numbered(service, number) if number not in known else None
        found = matter.incident if matter is not None else None
        if (
            found is not None
            and found.line == sender.line.id
            and found.state is IncidentState.RESPONDED
        ):
            undone.append(found)
    return undone


def _unnumbered(
    sender: TextSender, reply: TextCommand, theirs: Sequence[tuple[TextSender, Incident]]
) -> _Read:
    """What a text without a number is about: to take one, those that nobody has; for the rest the
    sender's own, or else the only one of which they were told."""
    undone = [
        (s, i) for s, i in theirs if i.state in (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
    ]
    own = [(s, i) for s, i in undone if i.acknowledged_by == s.engineer.id]
    free = [(s, i) for s, i in undone if i.state is IncidentState.OPEN]
    meant = (free or own) if reply.verb is Verb.TAKE else (own or undone)
    if len(meant) == 1:
        ((sender, incident),) = meant
        return _Read(sender, reply, incident)
    return _Read(sender, reply, instead="which" if meant else "none_waits")


def _not_theirs(service: CallService, senders: Sequence[TextSender], reply: TextCommand) -> _Read:
    """A command with a number that is no incident of the sender's."""
    matter = _numbered(service, reply.number or 0)
    found = matter.incident if matter is not None else None
    for sender in senders:
        if found is None or found.line != sender.line.id:
            continue
        if found.state is not IncidentState.CLOSED:
            return _Read(sender, reply, instead="not_told")
        if _told(service, sender)(found):
            return _Read(sender, reply, instead="is_closed")
    return _Read(senders[0], reply, instead="no_incident")


def _act(service: CallService, read: _Read, text: IncomingText) -> TextAnswer:
    """Do what the text says, and answer how the incident stands then."""
    sender, reply, incident = read.sender, read.reply, read.incident
    if incident is None:
        return _refusal(read)
    engineer = sender.engineer.id
    if reply.code is not None and incident.urgency == 1:
        service.happen(CodeTexted(incident.key, engineer, reply.code))
    after = service.happen(text_commands.make_event(reply, incident.key, engineer, text.id))
    return _answer(sender, reply.verb, incident, after)


def _answer(sender: TextSender, verb: Verb, before: Incident, after: Case) -> TextAnswer:
    engineer, now = sender.engineer.id, after.incident
    said = answer(verb, engineer, after, sender.line)
    words = said.words
    if verb is Verb.CALL and now is not None and why_no_call(now, engineer) is None:
        words = words if now.rung_back != before.rung_back else "rung_often"
    return TextAnswer(sender, words, said.values)


def _again(
    service: CallService, senders: Sequence[TextSender], text: IncomingText, before: ReceivedText
) -> TextAnswer | Unanswered:
    """The carrier brings a text again: nothing happens, and the answer says how things stand."""
    if before.incident is None:
        read = _understood(service, senders, text.body)
        return _refusal(read) if read.incident is None else Unanswered("brought twice")
    matter = service.calls.find_by_incident(before.incident)
    for sender in senders:
        if matter is not None and matter.incident and matter.incident.line == sender.line.id:
            said = answer(Verb(before.verb), sender.engineer.id, matter, sender.line)
            return TextAnswer(sender, said.words, said.values)
    return Unanswered("brought twice")


def _refusal(read: _Read) -> TextAnswer:
    return TextAnswer(read.sender, read.instead, {"number": read.reply.number or 0})


def _confirmation(
    service: CallService, senders: Sequence[TextSender], text: IncomingText
) -> TextAnswer | None:
    """What is answered to a text about a handover."""
    for sender in senders:
        said = call_service.confirm_by_text(
            service, sender.line, sender.engineer.id, text.body, text.id
        )
        if said is not None:
            return TextAnswer(sender, said.words, dict(said.values))
    return None


def _tell_manager(service: CallService, sender: TextSender, word: CarrierWord) -> None:
    """The duty manager is told once an hour that an engineer texted STOP, START or HELP."""
    facts = service.facts(sender.line)
    hour = f"{facts.now:%Y-%m-%dT%H}"
    values = (("name", sender.engineer.name),)
    news = News(f"carrier_{word}", values, once=f"carrier {word} {sender.engineer.id} {hour}")
    service.notifier.ring(
        service.calls.messages.send(build_manager_messages(facts, news), facts.now)
    )


def _lately(service: CallService, sender: TextSender, body: str) -> _Lately:
    now = service.clock()
    texts = service.calls.received_texts.find_since(sender.line.id, sender.engineer.id, now - A_DAY)
    return _Lately(texts, now, _digest(body))


def _keep(
    service: CallService, sender: TextSender, text: IncomingText, verb: str, incident: str | None
) -> None:
    line, engineer = sender.line.id, sender.engineer.id
    digest, now = _digest(text.body), service.clock()
    service.calls.received_texts.add(
        ReceivedText(text.id, line, engineer, now, verb, digest, incident)
    )


def _numbered(service: CallService, number: int) -> Case | None:
    return service.calls.find_by_number(number) if 0 < number <= LARGEST else None


def _digest(body: str) -> str:
    words = one_spelling(body).casefold()
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()

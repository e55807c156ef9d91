"""Messages to the people of a line: on a channel that works, and after their quiet hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from routing.draft import DecisionDraft
from routing.facts import DecisionFacts, SeededRandom
from routing.journal import JournalEvent
from routing.line import LAST_RESORT, DutyManager, Engineer
from routing.message import DUTY_MANAGER, Message, SentenceValue
from routing.notify import addresses, replying, text_codes
from routing.notify.channels import Address, LastResort
from routing.oncall import hours, policy
from routing.oncall.local_time import LocalMoment


@dataclass(frozen=True, slots=True)
class News:
    """What a message says: the key of a sentence, its values, and the incident it is about.

    Only ``level`` 1 is sent in quiet hours. ``once`` names the news, so that nobody receives it
    twice (a message of one id is written once). ``at`` is when it is to be sent, if not now.
    """

    sentence_key: str
    values: tuple[tuple[str, SentenceValue], ...] = ()
    incident: str | None = None
    level: int | None = None
    once: str | None = None
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who reads a message, in which language; ``place`` numbers the messages of one news."""

    id: str
    language: str
    place: int = 0


def build_message(facts: DecisionFacts, engineer: Engineer, news: News) -> Message:
    """The message to an engineer, on the first of their channels that works.

    It waits for the end of their quiet hours unless it is about level 1. The caller saves it.
    """
    recipient = Recipient(engineer.id, policy.language_of(facts.line, engineer.id))
    later = replace(news, at=find_delivery_time(facts, engineer, news))
    return _build(facts, recipient, addresses.find_address(facts, engineer), later)


def build_manager_messages(facts: DecisionFacts, news: News) -> tuple[Message, ...]:
    """The messages to the duty manager, one on each channel; may be none.

    Without a duty manager who can be reached, they go to the mobile numbers of the last resort.
    """
    line = facts.line
    manager = line.duty_manager or DutyManager()
    recipient = Recipient(DUTY_MANAGER, manager.language or line.languages[0])
    found = list(addresses.list_addresses(facts, manager))
    if not found:
        recipient = replace(recipient, id=LAST_RESORT)
        found = list(addresses.list_addresses(facts, LastResort(line.last_resort)))
    return tuple(_build_each(facts, recipient, found, news))


def find_delivery_time(facts: DecisionFacts, engineer: Engineer, news: News) -> dt.datetime:
    """The time of the news, or the end of the engineer's quiet hours at that time."""
    at = news.at or facts.now
    if news.level == 1:
        return at
    return hours.quiet_until(engineer, at, facts.line.timezone) or at


def _build_each(
    facts: DecisionFacts, recipient: Recipient, found: Sequence[Address], news: News
) -> Iterator[Message]:
    for place, address in enumerate(found):
        yield _build(facts, replace(recipient, place=place), address, news)


def _build(facts: DecisionFacts, recipient: Recipient, address: Address, news: News) -> Message:
    chance = facts.chance
    if news.once is not None:
        chance = SeededRandom(b"once")
    name = f"letter {facts.line.id} {news.once or news} {recipient.id} {recipient.place}"
    return Message(
        chance.token(name),
        facts.line.id,
        news.at or facts.now,
        recipient.id,
        *address,
        recipient.language,
        news.sentence_key,
        news.values,
        news.incident,
    )


# Warnings that a promised response is due or was not given: to the engineer who has the incident,
# and to the duty manager. They carry the incident's level, so at level 1 they are sent in quiet
# hours.


BREACH = 100


def warn_of_deadline(draft: DecisionDraft, share: int) -> DecisionDraft:
    """Warn that a share of the promised time, in percent, is used up.

    Notifies the engineer who has the incident and the duty manager; the duty manager alone if
    nobody has it.
    """
    incident, line = draft.the_incident, draft.facts.line
    what = "response_due"
    if share == BREACH:
        what = "response_broken"
    by = LocalMoment(incident.respond_by or draft.facts.now, line.timezone)
    values: tuple[tuple[str, SentenceValue], ...] = (("share", share), ("by", by))
    notified = []
    engineer = line.engineer(incident.acknowledged_by or "")
    if engineer is not None:
        draft = _warn_engineer(draft, engineer, News(what, values, incident.key, incident.urgency))
        notified.append(engineer.id)
    news = News(f"{what}_nobody", values, incident.key, incident.urgency)
    name = policy.name_of(line, incident.acknowledged_by)
    if name:
        news = replace(news, sentence_key=f"{what}_had", values=(*values, ("name", name)))
    for message in build_manager_messages(draft.facts, news):
        draft = send_message(draft, message)
        notified.append(message.reader)
    who = ", ".join(dict.fromkeys(notified)) or "nobody: the duty manager cannot be reached"
    why = f"{share} % of the promised time is used up; notified: {who}"
    return draft.note(JournalEvent.CLOCK, why)


def _warn_engineer(draft: DecisionDraft, engineer: Engineer, news: News) -> DecisionDraft:
    incident, line = draft.the_incident, draft.facts.line
    if incident.urgency == 1:
        draft = text_codes.give_code(draft, engineer.id)
    reply = replying.explain_done(
        line, incident.number, text_codes.find_code(draft.the_incident, engineer.id)
    )
    news = replace(news, values=(*news.values, ("reply", (reply,))))
    return send_message(draft, build_message(draft.facts, engineer, news))


def tell_manager(draft: DecisionDraft, news: News) -> DecisionDraft:
    """Tell the duty manager, each news once. Without one, the last resort is told."""
    written = build_manager_messages(draft.facts, news)
    for message in written:
        if not draft.facts.is_message_sent(message.id):
            draft = send_message(draft, message)
    if not written:
        return draft.note(JournalEvent.NOBODY_TOLD, "the duty manager cannot be reached")
    return draft.note(JournalEvent.TOLD, f"{written[0].reader} is told: {news.sentence_key}")


def send_message(draft: DecisionDraft, message: Message) -> DecisionDraft:
    """Add a message to the decision, to be sent when it is due."""
    return draft.write(message, message.at - draft.facts.now)

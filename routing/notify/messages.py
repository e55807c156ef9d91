"""Letters to the people of the line: by a way that works, in their language, in their time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from routing.draft import DecisionDraft
from routing.facts import DecisionFacts, SeededRandom
from routing.journal import JournalEvent
from routing.line import LAST_RESORT, Channel, DutyManager, Engineer
from routing.message import DUTY_MANAGER, Message, Told
from routing.notify.paging import Way, mail_works, phone_for, rules_of, text_works
from routing.notify.replying import when_done
from routing.notify.text_codes import code_of, with_code
from routing.oncall.hours import quiet_until
from routing.oncall.local_time import wall
from routing.oncall.policy import language_of, name_of
from routing.phone_numbers import takes_texts


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told: the key of a sentence, what fills it in, and the incident it is about.

    ``level`` 1 breaks into anybody's quiet; everything else waits. ``once`` names the news, so that
    nobody is told it twice (``messages.send`` keeps one once). ``at`` is when it is to be told,
    if not now.
    """

    words: str
    values: tuple[tuple[str, Told], ...] = ()
    incident: str | None = None
    level: int | None = None
    once: str | None = None
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who reads a letter, in which language; ``place`` counts the letters of one piece of news."""

    id: str
    language: str
    place: int = 0


def letter_to(facts: DecisionFacts, engineer: Engineer, news: News) -> Message:
    """The letter that tells an engineer, by the first of their ways that works; due after their
    quiet unless it is about level 1. Whoever asks for it writes it."""
    told = told_at(facts, engineer, news)
    reader = Recipient(engineer.id, language_of(facts.line, engineer.id))
    return _letter(facts, reader, way_to(facts, engineer), replace(news, at=told))


def manager_letters(facts: DecisionFacts, news: News) -> tuple[Message, ...]:
    """The letters that tell the duty manager, by text and by mail; without one, or a way to them,
    the last resort's numbers that take texts. May be none: then only the log knows."""
    line = facts.line
    manager = line.duty_manager or DutyManager()
    ways = tuple(_ways_of(manager, mail=facts.mail))
    reader = Recipient(DUTY_MANAGER if ways else LAST_RESORT, manager.language or line.languages[0])
    ways = ways or tuple((Channel.SMS, phone) for phone in line.last_resort if takes_texts(phone))
    return tuple(
        _letter(facts, replace(reader, place=place), way, news) for place, way in enumerate(ways)
    )


def told_at(facts: DecisionFacts, engineer: Engineer, news: News) -> dt.datetime:
    """When an engineer is told: at the time of the news, or once the quiet of that time is over."""
    at = news.at or facts.now
    quiet = quiet_until(engineer, at, facts.line.timezone) if news.level != 1 else None
    return quiet or at


def way_to(facts: DecisionFacts, engineer: Engineer) -> Way:
    """The first of a person's ways that works; where none does, a text is tried once more."""
    wanted = (rule.by for rule in rules_of(facts.line, engineer))
    for channel in (*wanted, Channel.SMS, Channel.EMAIL):
        if channel is Channel.SMS and text_works(facts, engineer):
            break
        if channel is Channel.EMAIL and engineer.email and mail_works(facts, engineer):
            return channel, engineer.email
    return Channel.SMS, phone_for(facts, engineer)


def _ways_of(manager: DutyManager, *, mail: bool) -> Iterator[Way]:
    if manager.phone is not None and takes_texts(manager.phone):
        yield Channel.SMS, manager.phone
    if manager.email is not None and mail:
        yield Channel.EMAIL, manager.email


def _letter(facts: DecisionFacts, reader: Recipient, way: Way, news: News) -> Message:
    chance = facts.chance if news.once is None else SeededRandom(b"once")
    name = f"letter {facts.line.id} {news.once or news} {reader.id} {reader.place}"
    return Message(
        chance.token(name),
        facts.line.id,
        news.at or facts.now,
        reader.id,
        *way,
        reader.language,
        news.words,
        news.values,
        news.incident,
    )


# Who is told that a promised response is due, or was not given: who has it, and the duty
# manager. The letters carry the level of the incident, so those about level 1 break into
# anybody's quiet.


BREACH = 100


def warn(draft: DecisionDraft, share: int) -> DecisionDraft:
    """A share of the promised time is used up: whoever has it is told, and the duty manager; when
    nobody has it, the duty manager alone."""
    incident, line = draft.the_incident, draft.facts.line
    had = incident.acknowledged_by
    what = "response_broken" if share == BREACH else "response_due"
    values: tuple[tuple[str, str | int], ...] = (("share", share), ("by", due(draft)))
    told = []
    engineer = line.engineer(had) if had is not None else None
    if engineer is not None:
        draft = with_code(draft, engineer.id) if incident.urgency == 1 else draft
        reply = when_done(line, incident.number, code_of(draft.the_incident, engineer.id))
        theirs = (*values, ("reply", (reply,)))
        news = News(what, theirs, incident.key, incident.urgency)
        draft = send(draft, letter_to(draft.facts, engineer, news))
        told.append(engineer.id)
    name = name_of(line, had)
    words, named = (f"{what}_had", (("name", name),)) if name else (f"{what}_nobody", ())
    news = News(words, (*values, *named), incident.key, incident.urgency)
    for letter in manager_letters(draft.facts, news):
        draft = send(draft, letter)
        told.append(letter.reader)
    who = ", ".join(dict.fromkeys(told)) or "nobody: there is no way to tell the duty manager"
    return draft.note(JournalEvent.CLOCK, f"{share} % of the promised time is used up; told: {who}")


def send(draft: DecisionDraft, letter: Message) -> DecisionDraft:
    """Write a letter, to be sent when it is due."""
    return draft.write(letter, letter.at - draft.facts.now)


def due(draft: DecisionDraft) -> str:
    """When the response is due, as clocks of the line show it: 02-03 14:30."""
    at = draft.the_incident.respond_by or draft.facts.now
    return wall(at, draft.facts.line.timezone).strftime("%d-%m %H:%M")

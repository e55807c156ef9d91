"""The letters of a handover: to whoever comes on, and to the others when no reply comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from routing.facts import FactsOfNow
from routing.incident import Incident, State
from routing.letter import DUTY_MANAGER, Letter, Phrase, Told, When
from routing.line import LAST_RESORT, Channel, Engineer
from routing.numbers import takes_texts
from routing.relief import Relief
from routing.schedule.escalation import language_of, name_of
from routing.written.replying import to_confirm
from routing.written.telling import News, letter_to, manager_letters, way_to
from routing.written.ways import Way, mail_works, phone_for, rules_of, text_works

LISTED = 5
"""So many open incidents are named in a letter, the rest is counted."""

Values = tuple[tuple[str, Told], ...]


def to_relief(facts: FactsOfNow, relief: Relief, engineer: Engineer) -> Iterator[Letter]:
    """What whoever comes on is told: until when, what is open, and the code to text back."""
    for channel, to in _ways(facts, engineer):
        yield _told(facts, relief, channel, to)


def by_mail(facts: FactsOfNow, relief: Relief, engineer: Engineer) -> Iterator[Letter]:
    """The same by mail, for somebody whose texts are lost."""
    if engineer.email is not None and facts.mail:
        yield _told(facts, relief, Channel.EMAIL, engineer.email)


def to_others(facts: FactsOfNow, relief: Relief) -> Iterator[Letter]:
    """No reply came: those who went off, the last resort and the duty manager are told."""
    line = facts.line
    values = (
        ("name", name_of(line, relief.engineer) or relief.engineer),
        ("schedule", relief.schedule),
        ("since", When(relief.at, _zone(facts, relief))),
    )
    news = News("handover_unconfirmed", values, once=f"unconfirmed {relief.id}")
    for engineer in filter(None, map(line.engineer, relief.before)):
        yield letter_to(facts, engineer, news)
    for place, number in enumerate(filter(takes_texts, line.last_resort)):
        envelope = (f"{relief.id}-last-{place}", line.id, facts.now, LAST_RESORT, Channel.SMS)
        yield Letter(*envelope, number, line.languages[0], news.words, news.values)
    for letter in manager_letters(facts, news):
        if letter.reader == DUTY_MANAGER:  # without one it would be the last resort's once more
            yield letter


def text_of(relief: Relief) -> str:
    """The id of the text that told about a relief."""
    return f"{relief.id}-{Channel.SMS}"


def duty(relief: Relief, zone: str) -> Phrase:
    """Until when the duty lasts."""
    if relief.until is None:
        return Phrase("handover_for_good")
    return Phrase("handover_until", (("until", When(relief.until, zone)),))


def most_urgent_first(incidents: Sequence[Incident]) -> list[Incident]:
    """Level 1 that nobody has comes first, then by level and age."""
    unclaimed = (State.OPEN, 1)
    return sorted(
        incidents, key=lambda i: ((i.state, i.urgency) != unclaimed, i.urgency, i.opened_at)
    )


def _told(facts: FactsOfNow, relief: Relief, channel: Channel, to: str) -> Letter:
    zone, language = _zone(facts, relief), language_of(facts.line, relief.engineer)
    named = (("schedule", relief.schedule), ("since", When(relief.at, zone)))
    now = relief.at <= facts.now < relief.at + facts.line.handover.confirm_within
    begins = Phrase("handover_now", named[:1]) if now else Phrase("handover_from", named)
    values: Values = (
        ("duty", (begins,)),
        ("until", (duty(relief, zone),)),
        ("reply", (to_confirm(facts.line, relief.code),)),
    )
    words, waiting = "handover_calm", most_urgent_first(facts.open_incidents())
    if waiting:
        words, values = "handover", (*values, ("incidents", _listed(waiting)))
    envelope = (f"{relief.id}-{channel}", relief.line, facts.now, relief.engineer, channel, to)
    return Letter(*envelope, language, words, values)


def _listed(incidents: Sequence[Incident]) -> tuple[Phrase, ...]:
    named = tuple(
        Phrase(
            "handover_waits" if one.state is State.OPEN else "handover_taken",
            (("number", one.number), ("level", one.urgency)),
        )
        for one in incidents[:LISTED]
    )
    more = len(incidents) - LISTED
    return (*named, Phrase("handover_more", (("count", more),))) if more > 0 else named


def _ways(facts: FactsOfNow, engineer: Engineer) -> Iterator[Way]:
    """Every way by which the person is told of incidents, or else the one that works."""
    wanted = {rule.by for rule in rules_of(facts.line, engineer)}
    texts = Channel.SMS in wanted and text_works(facts, engineer)
    if texts:
        yield Channel.SMS, phone_for(facts, engineer)
    if engineer.email is not None and Channel.EMAIL in wanted and mail_works(facts, engineer):
        yield Channel.EMAIL, engineer.email
    elif not texts:
        yield way_to(facts, engineer)


def _zone(facts: FactsOfNow, relief: Relief) -> str:
    schedule = facts.line.schedule(relief.schedule)
    return schedule.timezone if schedule is not None else facts.line.timezone

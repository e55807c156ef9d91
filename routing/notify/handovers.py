"""Whoever comes on is told and confirms; who does not is spoken of to the others.

Nothing is believed for longer than a moment: when the letter is due, and again when the reply is,
the schedule is read anew, so that a swap never has the wrong person told, nor anybody alarmed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from routing.facts import DecisionFacts
from routing.incident import Incident, IncidentState
from routing.jobs import HandoverDue, Job, ReliefCheck
from routing.line import LAST_RESORT, Channel, Engineer, Handover, HandoverState, Line, Schedule
from routing.message import DUTY_MANAGER, LocalMoment, Message, Phrase, Told
from routing.names import THUMBS, one_spelling
from routing.notify.messages import News, letter_to, manager_letters, way_to
from routing.notify.paging import LOST, Way, mail_works, phone_for, rules_of, text_works
from routing.notify.replying import to_confirm
from routing.oncall.handover import DutyChange, handover_at, handovers, rung_schedules, stays_until
from routing.oncall.hours import LONGEST_QUIET, quiet_since
from routing.oncall.policy import language_of, name_of
from routing.oncall.rota import on_call
from routing.phone_numbers import takes_texts
from routing.ports import HandoverDecision

AHEAD = dt.timedelta(minutes=2)
"""Handovers are planned so long before they are."""

QUIET_AHEAD = LONGEST_QUIET + dt.timedelta(days=1)
"""Somebody whose quiet it would fall into is told before, so it is looked for earlier."""

LATEST = dt.timedelta(hours=1)
"""Whoever came on so long ago, unheard while the line was away, is told no more."""

NOTED_FOR = dt.timedelta(days=1)
"""A handover that nobody was told of is still noted for so long."""

LOOKS = (dt.timedelta(minutes=1), dt.timedelta(minutes=5))
"""When it is looked whether the text was lost."""

CODES, MORE_CODES = range(10, 100), range(100, 1000)
"""Incidents have more digits, so that no number means two things."""


def planned(facts: DecisionFacts, since: dt.datetime) -> Iterator[Job]:
    """The errands of the handovers that are near, or that were missed; ``since`` is when the line
    last changed: what came before that is noted no more, because it may have been otherwise."""
    now, line = facts.now, facts.line
    start = max(now - NOTED_FOR, min(since, now - LATEST))
    end = now + AHEAD + (QUIET_AHEAD if any(e.quiet for e in line.engineers) else dt.timedelta())
    for schedule in rung_schedules(line) if line.handover.tell else ():
        for handover in handovers(schedule, start, end, facts.office):
            for engineer in handover.on:
                due = told_from(line, engineer, handover.at)
                if due <= now + AHEAD:
                    deed = HandoverDue(line.id, schedule.id, handover.at, engineer)
                    yield Job(due, deed, deed.name)


def told_from(line: Line, person: str, at: dt.datetime) -> dt.datetime:
    """When somebody is told about coming on: then, or in time to confirm it before their quiet."""
    engineer = line.engineer(person)
    quiet = quiet_since(engineer, at, line.timezone) if engineer is not None else None
    return quiet - line.handover.confirm_within if quiet is not None else at


def comes_on(facts: DecisionFacts, due: HandoverDue) -> HandoverDecision | None:
    """Whoever comes on is told, with what is open; None when somebody else does by now."""
    schedule, engineer = facts.line.schedule(due.schedule), facts.line.engineer(due.engineer)
    if schedule is None or engineer is None or not facts.line.handover.tell:
        return None
    handover = handover_at(schedule, due.at, facts.office)
    if handover is None or engineer.id not in handover.on:
        return None
    relief = _relief(facts, schedule, handover, engineer.id)
    if facts.now - due.at > LATEST:
        return HandoverDecision(replace(relief, standing=HandoverState.SKIPPED))
    if not _has_it(facts, schedule, due.at, engineer.id):
        return None
    within = facts.line.handover.confirm_within
    told = replace(relief, told_at=facts.now, confirm_by=facts.now + within)
    looks = (*(look for look in LOOKS if look < within), within)
    checks = tuple(Job(facts.now + look, ReliefCheck(relief.id)) for look in looks)
    return HandoverDecision(told, tuple(to_relief(facts, told, engineer)), checks)


def checked(
    facts: DecisionFacts, relief: Handover, text: Message | None
) -> HandoverDecision | None:
    """Look after a relief: a lost text goes by mail, and no reply in time is told to others."""
    if relief.standing is not HandoverState.TOLD or relief.confirm_by is None:
        return None
    schedule = facts.line.schedule(relief.schedule)
    if schedule is None or not _has_it(facts, schedule, relief.at, relief.engineer):
        return HandoverDecision(replace(relief, standing=HandoverState.LAPSED))
    if facts.now >= relief.confirm_by:
        late = replace(relief, standing=HandoverState.UNCONFIRMED, warned_at=facts.now)
        return HandoverDecision(late, tuple(to_others(facts, late)))
    engineer = facts.line.engineer(relief.engineer)
    if engineer is not None and text is not None and text.result in LOST:
        return HandoverDecision(relief, tuple(by_mail(facts, relief, engineer)))
    return None


def confirmed(facts: DecisionFacts, relief: Handover, reply: str | None) -> HandoverDecision:
    """The person has texted back, or said so elsewhere, in time or late."""
    done = HandoverState.CONFIRMED
    return HandoverDecision(replace(relief, standing=done, confirmed_at=facts.now, reply=reply))


def _has_it(facts: DecisionFacts, schedule: Schedule, at: dt.datetime, engineer: str) -> bool:
    return engineer in on_call(schedule, max(facts.now, at), facts.office)


def _relief(
    facts: DecisionFacts, schedule: Schedule, handover: DutyChange, engineer: str
) -> Handover:
    now, label = facts.now, f"{schedule.id} {handover.at} {engineer}"
    held = {
        r.code for r in facts.calls.handovers.find_current(facts.line.id, engineer, now) if r.waits
    }
    codes = [code for code in CODES if code not in held] or MORE_CODES
    since = handover.at if now - handover.at > LATEST else max(now, handover.at)
    return Handover(
        id=facts.chance.token(f"relief {label}"),
        line=facts.line.id,
        schedule=schedule.id,
        at=handover.at,
        engineer=engineer,
        before=handover.off,
        until=stays_until(schedule, engineer, since, facts.office),
        code=facts.chance.number(f"code {label}", codes),
    )


# The letters of a handover: to whoever comes on, and to the others when no reply comes.


LISTED = 5
"""So many open incidents are named in a letter, the rest is counted."""

Values = tuple[tuple[str, Told], ...]


def to_relief(facts: DecisionFacts, relief: Handover, engineer: Engineer) -> Iterator[Message]:
    """What whoever comes on is told: until when, what is open, and the code to text back."""
    for channel, to in _ways(facts, engineer):
        yield _told(facts, relief, channel, to)


def by_mail(facts: DecisionFacts, relief: Handover, engineer: Engineer) -> Iterator[Message]:
    """The same by mail, for somebody whose texts are lost."""
    if engineer.email is not None and facts.mail:
        yield _told(facts, relief, Channel.EMAIL, engineer.email)


def to_others(facts: DecisionFacts, relief: Handover) -> Iterator[Message]:
    """No reply came: those who went off, the last resort and the duty manager are told."""
    line = facts.line
    values = (
        ("name", name_of(line, relief.engineer) or relief.engineer),
        ("schedule", relief.schedule),
        ("since", LocalMoment(relief.at, _zone(facts, relief))),
    )
    news = News("handover_unconfirmed", values, once=f"unconfirmed {relief.id}")
    for engineer in filter(None, map(line.engineer, relief.before)):
        yield letter_to(facts, engineer, news)
    for place, number in enumerate(filter(takes_texts, line.last_resort)):
        envelope = (f"{relief.id}-last-{place}", line.id, facts.now, LAST_RESORT, Channel.SMS)
        yield Message(*envelope, number, line.languages[0], news.words, news.values)
    for letter in manager_letters(facts, news):
        if letter.reader == DUTY_MANAGER:  # without one it would be the last resort's once more
            yield letter


def text_of(relief: Handover) -> str:
    """The id of the text that told about a relief."""
    return f"{relief.id}-{Channel.SMS}"


def duty(relief: Handover, zone: str) -> Phrase:
    """Until when the duty lasts."""
    if relief.until is None:
        return Phrase("handover_for_good")
    return Phrase("handover_until", (("until", LocalMoment(relief.until, zone)),))


def most_urgent_first(incidents: Sequence[Incident]) -> list[Incident]:
    """Level 1 that nobody has comes first, then by level and age."""
    unclaimed = (IncidentState.OPEN, 1)
    return sorted(
        incidents, key=lambda i: ((i.state, i.urgency) != unclaimed, i.urgency, i.opened_at)
    )


def _told(facts: DecisionFacts, relief: Handover, channel: Channel, to: str) -> Message:
    zone, language = _zone(facts, relief), language_of(facts.line, relief.engineer)
    named = (("schedule", relief.schedule), ("since", LocalMoment(relief.at, zone)))
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
    return Message(*envelope, language, words, values)


def _listed(incidents: Sequence[Incident]) -> tuple[Phrase, ...]:
    named = tuple(
        Phrase(
            "handover_waits" if one.state is IncidentState.OPEN else "handover_taken",
            (("number", one.number), ("level", one.urgency)),
        )
        for one in incidents[:LISTED]
    )
    more = len(incidents) - LISTED
    return (*named, Phrase("handover_more", (("count", more),))) if more > 0 else named


def _ways(facts: DecisionFacts, engineer: Engineer) -> Iterator[Way]:
    """Every way by which the person is told of incidents, or else the one that works."""
    wanted = {rule.by for rule in rules_of(facts.line, engineer)}
    texts = Channel.SMS in wanted and text_works(facts, engineer)
    if texts:
        yield Channel.SMS, phone_for(facts, engineer)
    if engineer.email is not None and Channel.EMAIL in wanted and mail_works(facts, engineer):
        yield Channel.EMAIL, engineer.email
    elif not texts:
        yield way_to(facts, engineer)


def _zone(facts: DecisionFacts, relief: Handover) -> str:
    schedule = facts.line.schedule(relief.schedule)
    return schedule.timezone if schedule is not None else facts.line.timezone


# What a text means for the handovers that wait for a reply: OK, or OK with a code.


LONGEST = 160
"""What comes after so many characters is no short reply."""

YES = re.compile(
    "ok(e|é|ee|ay)?|k|ja?|jawel|akkoord|prima|bevestigd?|y|yes|yep|confirm(ed)?|[" + THUMBS + "]"
)
_WORD = re.compile(rf"\d+|[{THUMBS}]|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class HandoverConfirmed:
    """The text confirms this duty, or did so when it came before."""

    relief: Handover


@dataclass(frozen=True, slots=True)
class HandoverTooLate:
    """The text is about a duty that is somebody else's by now."""

    relief: Handover


@dataclass(frozen=True, slots=True)
class HandoverUnclear:
    """Several wait for a reply, and the text does not say which is meant."""

    reliefs: tuple[Handover, ...]


Meaning = HandoverConfirmed | HandoverTooLate | HandoverUnclear


def meaning_of(
    body: str, sid: str, reliefs: Sequence[Handover], incidents: Collection[int]
) -> Meaning | None:
    """What a text means; None when it is about something else.

    ``reliefs`` are those of the sender that are not over, oldest first, and ``incidents`` the
    numbers that are open: a text that names one of them is an acknowledgement, whatever else it
    says. The carrier may bring the same text twice, which then means the same.
    """
    repeated = next((r for r in reliefs if sid and r.reply == sid), None)
    if repeated is not None:
        return HandoverConfirmed(repeated)
    words = _WORD.findall(one_spelling(body)[:LONGEST].casefold())
    numbers = {int(word) for word in words if word.isdecimal()}
    spoken = [word for word in words if not word.isdecimal()]
    if not words or (spoken and not YES.fullmatch(spoken[0])) or numbers & set(incidents):
        return None
    latest = tuple({relief.schedule: relief for relief in reliefs}.values())
    if numbers:
        named = sorted((r for r in latest if r.code in numbers), key=lambda r: not r.waits)
        return _about(named[0]) if named else None
    waiting = tuple(relief for relief in latest if relief.waits)
    if len(waiting) > 1:
        return HandoverUnclear(waiting)
    return _about(waiting[0]) if waiting else None


def _about(relief: Handover) -> Meaning | None:
    if relief.standing is HandoverState.SKIPPED:
        return None
    return (
        HandoverTooLate(relief)
        if relief.standing is HandoverState.LAPSED
        else HandoverConfirmed(relief)
    )

"""Handovers: the engineer who comes on call is notified and confirms; if not, others are warned.

The schedule is read again when the message is due and when the reply is, so that after a swap the
right engineer is notified and nobody is warned without need.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from routing.facts import DecisionFacts
from routing.incident import Incident, IncidentState
from routing.jobs import AnnounceHandover, CheckHandover, Job
from routing.line import LAST_RESORT, Channel, Engineer, Handover, HandoverState, Line, Schedule
from routing.message import DUTY_MANAGER, Message, Phrase, SentenceValue
from routing.names import THUMBS, unify_spelling
from routing.notify import addresses, channels, replying
from routing.notify.messages import News, build_manager_messages, build_message
from routing.oncall import hours, policy, rota
from routing.oncall.handover import DutyChange, handover_at, handovers, rung_schedules, stays_until
from routing.oncall.local_time import LocalMoment
from routing.ports import HandoverDecision

PLAN_AHEAD = dt.timedelta(minutes=2)
"""Handovers are planned this long before they begin."""

QUIET_AHEAD = hours.LONGEST_QUIET + dt.timedelta(days=1)
"""An engineer with quiet hours is notified before them, so those handovers are planned earlier."""

LATEST = dt.timedelta(hours=1)
"""A handover this long ago, missed while the line was down, is no longer notified."""

NOTED_FOR = dt.timedelta(days=1)
"""A handover that nobody was notified of is still recorded for this long."""

CHECK_AFTER = (dt.timedelta(minutes=1), dt.timedelta(minutes=5))
"""When to check whether the message was lost."""

CODES, MORE_CODES = range(10, 100), range(100, 1000)
"""Incident numbers have more digits, so that no number has two meanings."""


def plan_handovers(facts: DecisionFacts, since: dt.datetime) -> Iterator[Job]:
    """The jobs of the handovers that are near or were missed.

    ``since`` is when the line's file last changed: earlier handovers are not planned, because the
    schedule may have been different.
    """
    now, line = facts.now, facts.line
    if not line.handover.tell:
        return
    start = max(now - NOTED_FOR, min(since, now - LATEST))
    end = now + PLAN_AHEAD
    if any(engineer.quiet for engineer in line.engineers):
        end += QUIET_AHEAD
    for schedule in rung_schedules(line):
        for handover in handovers(schedule, start, end, facts.office):
            for engineer in handover.on:
                due = find_notice_time(line, engineer, handover.at)
                if due <= now + PLAN_AHEAD:
                    job = AnnounceHandover(line.id, schedule.id, handover.at, engineer)
                    yield Job(due, job, job.name)


def find_notice_time(line: Line, person: str, at: dt.datetime) -> dt.datetime:
    """When an engineer is notified of a handover: then, or early enough before quiet hours."""
    engineer = line.engineer(person)
    if engineer is None:
        return at
    quiet = hours.quiet_since(engineer, at, line.timezone)
    if quiet is None:
        return at
    return quiet - line.handover.confirm_within


def start_handover(facts: DecisionFacts, due: AnnounceHandover) -> HandoverDecision | None:
    """Notify the engineer who comes on, with the open incidents; None if another does by now."""
    schedule, engineer = facts.line.schedule(due.schedule), facts.line.engineer(due.engineer)
    if schedule is None or engineer is None or not facts.line.handover.tell:
        return None
    change = handover_at(schedule, due.at, facts.office)
    if change is None or engineer.id not in change.on:
        return None
    handover = _build_handover(facts, schedule, change, engineer.id)
    if facts.now - due.at > LATEST:
        return HandoverDecision(replace(handover, state=HandoverState.SKIPPED))
    if not _is_on_call(facts, schedule, due.at, engineer.id):
        return None
    within = facts.line.handover.confirm_within
    notified = replace(handover, told_at=facts.now, confirm_by=facts.now + within)
    delays = (*(delay for delay in CHECK_AFTER if delay < within), within)
    checks = tuple(Job(facts.now + delay, CheckHandover(handover.id)) for delay in delays)
    return HandoverDecision(notified, tuple(build_messages(facts, notified, engineer)), checks)


def check_handover(
    facts: DecisionFacts, handover: Handover, messages: Collection[Message]
) -> HandoverDecision | None:
    """Send a lost message on the other channels, and warn others if no reply came in time.

    ``messages`` are those that announced it to the engineer.
    """
    if handover.state is not HandoverState.TOLD or handover.confirm_by is None:
        return None
    schedule = facts.line.schedule(handover.schedule)
    if schedule is None or not _is_on_call(facts, schedule, handover.at, handover.engineer):
        return HandoverDecision(replace(handover, state=HandoverState.LAPSED))
    if facts.now >= handover.confirm_by:
        late = replace(handover, state=HandoverState.UNCONFIRMED, warned_at=facts.now)
        return HandoverDecision(late, tuple(build_warnings(facts, late)))
    engineer = facts.line.engineer(handover.engineer)
    lost = [message.channel for message in messages if message.result in addresses.LOST]
    if engineer is not None and lost:
        return HandoverDecision(handover, tuple(build_repeats(facts, handover, engineer, lost)))
    return None


def confirm_handover(
    facts: DecisionFacts, handover: Handover, reply: str | None
) -> HandoverDecision:
    """Record that the engineer confirmed, by text or elsewhere, in time or late."""
    done = HandoverState.CONFIRMED
    return HandoverDecision(replace(handover, state=done, confirmed_at=facts.now, reply=reply))


def _is_on_call(facts: DecisionFacts, schedule: Schedule, at: dt.datetime, engineer: str) -> bool:
    return engineer in rota.on_call(schedule, max(facts.now, at), facts.office)


def _build_handover(
    facts: DecisionFacts, schedule: Schedule, change: DutyChange, engineer: str
) -> Handover:
    now, label = facts.now, f"{schedule.id} {change.at} {engineer}"
    used = {
        r.code for r in facts.calls.handovers.find_current(facts.line.id, engineer, now) if r.waits
    }
    codes = [code for code in CODES if code not in used] or MORE_CODES
    since = max(now, change.at)
    if now - change.at > LATEST:
        since = change.at
    return Handover(
        id=facts.chance.token(f"relief {label}"),
        line=facts.line.id,
        schedule=schedule.id,
        at=change.at,
        engineer=engineer,
        before=change.off,
        until=stays_until(schedule, engineer, since, facts.office),
        code=facts.chance.number(f"code {label}", codes),
    )


# The messages of a handover: to the engineer who comes on, and to others if no reply comes.


LISTED = 5
"""How many open incidents a message names; the rest is counted."""

Values = tuple[tuple[str, SentenceValue], ...]


def build_messages(
    facts: DecisionFacts, handover: Handover, engineer: Engineer
) -> Iterator[Message]:
    """The messages to the engineer: the end of the shift, open incidents, and the code to reply."""
    for address in addresses.find_addresses(facts, engineer):
        yield _build_message(facts, handover, address)


def build_repeats(
    facts: DecisionFacts, handover: Handover, engineer: Engineer, lost: Collection[Channel]
) -> Iterator[Message]:
    """The same message on each channel where it was not lost; one that was sent has the same id."""
    for channel in channels.CHANNELS.values():
        reachable = facts.can_send(channel.id) and channel.addresses(engineer)
        if reachable and channel.id not in lost:
            to = addresses.choose_address(facts, channel, engineer)
            yield _build_message(facts, handover, channels.Address(channel.id, to))


def build_warnings(facts: DecisionFacts, handover: Handover) -> Iterator[Message]:
    """No reply came: warn the engineers who went off, the last resort and the duty manager."""
    line = facts.line
    values = (
        ("name", policy.name_of(line, handover.engineer) or handover.engineer),
        ("schedule", handover.schedule),
        ("since", LocalMoment(handover.at, _find_zone(facts, handover))),
    )
    news = News("handover_unconfirmed", values, once=f"unconfirmed {handover.id}")
    for engineer in filter(None, map(line.engineer, handover.before)):
        yield build_message(facts, engineer, news)
    last_resort = channels.LastResort(line.last_resort)
    for place, address in enumerate(addresses.list_addresses(facts, last_resort)):
        common = (f"{handover.id}-last-{place}", line.id, facts.now, LAST_RESORT)
        yield Message(*common, *address, line.languages[0], news.sentence_key, news.values)
    for message in build_manager_messages(facts, news):
        if message.reader == DUTY_MANAGER:  # else it is the last resort, which is warned above
            yield message


def message_ids(handover: Handover) -> Iterator[str]:
    """The ids of the messages that may tell the engineer of a handover."""
    return (_message_id(handover, channel) for channel in channels.CHANNELS)


def describe_end(handover: Handover, zone: str) -> Phrase:
    """Until when the shift lasts."""
    if handover.until is None:
        return Phrase("handover_for_good")
    return Phrase("handover_until", (("until", LocalMoment(handover.until, zone)),))


def most_urgent_first(incidents: Sequence[Incident]) -> list[Incident]:
    """Level 1 that nobody has comes first, then by level and age."""
    unclaimed = (IncidentState.OPEN, 1)
    return sorted(
        incidents, key=lambda i: ((i.state, i.urgency) != unclaimed, i.urgency, i.opened_at)
    )


def _build_message(facts: DecisionFacts, handover: Handover, address: channels.Address) -> Message:
    zone, waiting = _find_zone(facts, handover), most_urgent_first(facts.open_incidents())
    values: Values = (
        ("duty", (_describe_start(facts, handover, zone),)),
        ("until", (describe_end(handover, zone),)),
        ("reply", (replying.explain_confirm(facts.line, handover.code),)),
    )
    words = "handover_calm"
    if waiting:
        words, values = "handover", (*values, ("incidents", _list_incidents(waiting)))
    language = policy.language_of(facts.line, handover.engineer)
    common = (handover.line, facts.now, handover.engineer, *address, language)
    return Message(_message_id(handover, address.channel), *common, words, values)


def _message_id(handover: Handover, channel: Channel) -> str:
    return f"{handover.id}-{channel}"


def _describe_start(facts: DecisionFacts, handover: Handover, zone: str) -> Phrase:
    schedule = ("schedule", handover.schedule)
    if handover.at <= facts.now < handover.at + facts.line.handover.confirm_within:
        return Phrase("handover_now", (schedule,))
    return Phrase("handover_from", (schedule, ("since", LocalMoment(handover.at, zone))))


def _list_incidents(incidents: Sequence[Incident]) -> tuple[Phrase, ...]:
    named = tuple(map(_name_incident, incidents[:LISTED]))
    more = len(incidents) - LISTED
    if more <= 0:
        return named
    return (*named, Phrase("handover_more", (("count", more),)))


def _name_incident(incident: Incident) -> Phrase:
    words = "handover_taken"
    if incident.state is IncidentState.OPEN:
        words = "handover_waits"
    return Phrase(words, (("number", incident.number), ("level", incident.urgency)))


def _find_zone(facts: DecisionFacts, handover: Handover) -> str:
    schedule = facts.line.schedule(handover.schedule)
    if schedule is None:
        return facts.line.timezone
    return schedule.timezone


# The meaning of a text message for the handovers that wait for a reply: OK, or OK with a code.


LONGEST = 160
"""The part of a text after so many characters is not read: it is no short reply."""

YES = re.compile(
    "ok(e|é|ee|ay)?|k|ja?|jawel|akkoord|prima|bevestigd?|y|yes|yep|confirm(ed)?|[" + THUMBS + "]"
)
_WORD = re.compile(rf"\d+|[{THUMBS}]|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class HandoverConfirmed:
    """The text confirms this handover, or did so when it came before."""

    handover: Handover


@dataclass(frozen=True, slots=True)
class HandoverTooLate:
    """The text is about a shift that another engineer has by now."""

    handover: Handover


@dataclass(frozen=True, slots=True)
class HandoverUnclear:
    """Several wait for a reply, and the text does not say which is meant."""

    handovers: tuple[Handover, ...]


Meaning = HandoverConfirmed | HandoverTooLate | HandoverUnclear


def read_reply(
    body: str, sid: str, waiting: Sequence[Handover], incidents: Collection[int]
) -> Meaning | None:
    """The meaning of a text; None if it is about something else.

    ``waiting`` are the handovers of the sender that are not over, oldest first; ``incidents`` are
    the numbers of the open incidents. A text that names one of them is an acknowledgement. The
    carrier may bring the same text twice; it then has the same meaning.
    """
    repeated = next((one for one in waiting if sid and one.reply == sid), None)
    if repeated is not None:
        return HandoverConfirmed(repeated)
    words = _WORD.findall(unify_spelling(body)[:LONGEST].casefold())
    numbers = {int(word) for word in words if word.isdecimal()}
    spoken = [word for word in words if not word.isdecimal()]
    if not words or (spoken and not YES.fullmatch(spoken[0])) or numbers & set(incidents):
        return None
    latest = tuple({one.schedule: one for one in waiting}.values())
    if numbers:
        return _read_about(sorted((one for one in latest if one.code in numbers), key=_is_settled))
    unsettled = [one for one in latest if one.waits]
    if len(unsettled) > 1:
        return HandoverUnclear(tuple(unsettled))
    return _read_about(unsettled)


def _is_settled(handover: Handover) -> bool:
    return not handover.waits


def _read_about(named: Sequence[Handover]) -> Meaning | None:
    """The meaning of a text about the first of these handovers."""
    if not named or named[0].state is HandoverState.SKIPPED:
        return None
    if named[0].state is HandoverState.LAPSED:
        return HandoverTooLate(named[0])
    return HandoverConfirmed(named[0])

"""What a customer may see of an incident: how far it is, without anybody's name or number.

The page of the portal shows what a caller would hear. An engineer is "the first engineer", by the
order in which people were first rung, so that the number stays the same while the page refreshes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from routing.call import Call, Stage
from routing.decision import Case
from routing.escalation.desk_queue import estimate_wait
from routing.facts import DecisionFacts
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.journal import JournalEvent
from routing.line import LAST_RESORT, Channel
from routing.page import CustomerLeg, LegState, Page, PageResult


class ProgressKind(StrEnum):
    """A state or a step of an incident, as a customer may see it."""

    RECEIVED = "received"  # nobody was rung yet
    REGISTERED = "registered"  # level 2 to 4 without a desk
    NOBODY_RUNG = "nobody_rung"  # level 1 for which nobody is rung by itself
    TRYING = "trying"  # one engineer is rung
    TRYING_MANY = "trying_many"  # several engineers are rung at once
    TRYING_AGAIN = "trying_again"  # people who were rung before
    TRYING_NEXT = "trying_next"  # between two people
    CALLING_AGAIN = "calling_again"  # an engineer had it before, and people are rung again
    ANSWERED_BEFORE = "answered_before"  # it was answered before, and people are rung again
    ALL_BUSY = "all_busy"
    LAST_RESORT = "last_resort"
    ALL_TRIED = "all_tried"  # everybody was tried; again at ``until``
    TAKEN = "taken"  # an engineer has it, and calls the number with these last digits
    TAKEN_WITHOUT_NUMBER = "taken_without_number"
    CONNECTING = "connecting"
    ENGINEER_CALLS = "engineer_calls"  # an engineer is calling the customer
    TALKING = "talking"
    WORKING = "working"  # an engineer has it, and has talked with the customer
    DESK_QUEUE = "desk_queue"  # waits for the service desk at position ``ordinal``
    DESK_RINGS = "desk_rings"
    DESK_HAS_IT = "desk_has_it"  # the desk was told, in office hours
    DESK_OPENS = "desk_opens"  # handled from ``until``
    WAITS_FOR_YOU = "waits_for_you"
    RESPONDED = "responded"
    CLOSED = "closed"
    TRIED = "tried"  # a step: this engineer was rung
    LAST_RESORT_TRIED = "last_resort_tried"  # a step

    # The call that the customer asked for.
    RINGING_YOU = "ringing_you"
    YOU_ANSWERED = "you_answered"
    YOU_BUSY = "you_busy"
    YOU_NO_ANSWER = "you_no_answer"
    YOU_NO_KEY = "you_no_key"  # answered, perhaps by a mailbox, and no key came
    YOU_NOT_REACHED = "you_not_reached"  # the call could not be placed
    YOU_CALLED = "you_called"  # called the line meanwhile


SPELLED = 5
"""The highest number for which the words have a sentence of its own: first to fifth."""


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One state or step. ``digits`` are the last four of the number that is called, and ``until``
    is when it goes on. No other value of a person is in it."""

    kind: ProgressKind
    at: dt.datetime | None = None
    ordinal: int = 0
    count: int = 0
    digits: str = ""
    until: dt.datetime | None = None

    @property
    def sentence(self) -> str:
        """The key of its sentence."""
        if self.kind not in (ProgressKind.TRYING, ProgressKind.TRIED):
            return self.kind.value
        if 1 <= self.ordinal <= SPELLED:
            return f"{self.kind}_{self.ordinal}"
        return f"{self.kind}_n"


@dataclass(frozen=True, slots=True)
class Progress:
    """The one headline, and the steps so far, oldest first. ``on_line`` is true while somebody of
    the company is on the line about it, ``over`` when nothing is to come."""

    headline: ProgressStep
    steps: tuple[ProgressStep, ...]
    on_line: bool
    over: bool


class JournalLine(Protocol):
    """What has happened with an incident. Nothing else of its entry is read."""

    @property
    def at(self) -> dt.datetime:
        """When it happened."""

    @property
    def event(self) -> str:
        """What happened: the value of a journal event."""


def describe_progress(
    facts: DecisionFacts,
    case: Case,
    pages: Sequence[Page] = (),
    journal: Sequence[JournalLine] = (),
) -> Progress:
    """What a customer may see. ``pages`` are those of the incident that have ended, too; without
    them only the people who are rung now are among the steps. Without the ``journal``, what was
    taken or answered before it was opened again is not."""
    incident = case.incident
    if incident is None:
        raise ValueError("there is progress of an incident only")
    call = case.call
    earlier = _list_earlier(incident, journal)
    return Progress(
        headline=_say_again(_find_headline(facts, incident, call), earlier),
        steps=_list_steps(incident, pages or incident.pages, earlier),
        on_line=call is not None and call.live,
        over=incident.state is IncidentState.CLOSED,
    )


RINGS = (
    ProgressKind.RECEIVED,
    ProgressKind.TRYING,
    ProgressKind.TRYING_MANY,
    ProgressKind.TRYING_AGAIN,
    ProgressKind.TRYING_NEXT,
)
"""Headlines of the first time that people are rung."""


def _say_again(headline: ProgressStep, earlier: Sequence[ProgressStep]) -> ProgressStep:
    """The headline of an incident that was opened again: it says what was before."""
    if headline.kind not in RINGS or not earlier:
        return headline
    if any(step.kind is ProgressKind.RESPONDED for step in earlier):
        return replace(headline, kind=ProgressKind.ANSWERED_BEFORE)
    return replace(headline, kind=ProgressKind.CALLING_AGAIN)


def show_last_digits(number: str | None) -> str:
    """The last four digits of a number, by which its owner knows it."""
    return (number or "")[-4:]


# The headline: the first of these that applies.


def _find_headline(facts: DecisionFacts, incident: Incident, call: Call | None) -> ProgressStep:
    leg = incident.customer_leg
    if leg is not None and leg.live:
        return ProgressStep(ProgressKind.RINGING_YOU, leg.at, digits=show_last_digits(leg.to))
    return (
        _describe_talk(incident, call)
        or _describe_end(incident)
        or _describe_owner(incident)
        or _describe_search(facts, incident, call)
    )


def _describe_talk(incident: Incident, call: Call | None) -> ProgressStep | None:
    """The conversation, or how it comes about."""
    winner, live = incident.winner(), call is not None and call.live
    state = winner.state if winner is not None else None
    if state is LegState.TALKING or (live and call is not None and call.stage is Stage.BRIDGED):
        return ProgressStep(ProgressKind.TALKING)
    if state is LegState.CONNECTING and live:
        return ProgressStep(ProgressKind.CONNECTING)
    if state is LegState.CALLING:
        digits = show_last_digits(incident.dialled)
        return ProgressStep(ProgressKind.ENGINEER_CALLS, digits=digits)
    return None


def _describe_end(incident: Incident) -> ProgressStep | None:
    if incident.state is IncidentState.CLOSED:
        return ProgressStep(ProgressKind.CLOSED, incident.closed_at)
    if incident.state is IncidentState.RESPONDED:
        return ProgressStep(ProgressKind.RESPONDED, incident.responded_at)
    if incident.waiting_since is not None:
        return ProgressStep(ProgressKind.WAITS_FOR_YOU, incident.waiting_since)
    return None


def _describe_owner(incident: Incident) -> ProgressStep | None:
    """An engineer has it, and calls the customer unless they have talked."""
    if incident.state is not IncidentState.ACKNOWLEDGED:
        return None
    if incident.reached:
        return ProgressStep(ProgressKind.WORKING, incident.acknowledged_at)
    return _describe_taking(incident)


def _describe_taking(incident: Incident) -> ProgressStep:
    if incident.dialled is None:
        return ProgressStep(ProgressKind.TAKEN_WITHOUT_NUMBER, incident.acknowledged_at)
    digits = show_last_digits(incident.dialled)
    return ProgressStep(ProgressKind.TAKEN, incident.acknowledged_at, digits=digits)


def _describe_search(facts: DecisionFacts, incident: Incident, call: Call | None) -> ProgressStep:
    """Nobody has it yet."""
    if call is not None and call.stage is Stage.RESCUE:
        return ProgressStep(ProgressKind.LAST_RESORT)
    match incident.escalation.phase:
        case EscalationPhase.STEPS | EscalationPhase.BREATH:
            return _describe_ringing(incident)
        case EscalationPhase.LAST_RESORT:
            return ProgressStep(ProgressKind.LAST_RESORT)
        case EscalationPhase.RESTING:
            return ProgressStep(ProgressKind.ALL_TRIED, until=incident.escalation.resumes_at)
        case EscalationPhase.ROW:
            return _describe_queue(facts, incident)
        case EscalationPhase.LATER:
            return _describe_opening(facts, incident)
        case _:
            return _describe_quiet(incident)


def _describe_ringing(incident: Incident) -> ProgressStep:
    legs = [leg for leg in incident.legs() if leg.state is not LegState.STOPPING]
    people = {leg.engineer for leg in legs}
    if not people:
        return _describe_pause(incident)
    count, order = len(people), _order_people(incident)
    ordinal = max((order.get(person, 0) for person in people), default=0)
    if any(leg.retried for leg in legs):
        return ProgressStep(ProgressKind.TRYING_AGAIN, ordinal=ordinal, count=count)
    if count > 1:
        return ProgressStep(ProgressKind.TRYING_MANY, ordinal=ordinal, count=count)
    return ProgressStep(ProgressKind.TRYING, ordinal=ordinal, count=count)


def _describe_pause(incident: Incident) -> ProgressStep:
    """Nobody is rung at this moment."""
    escalation = incident.escalation
    if any(not one.startswith(LAST_RESORT) for one in escalation.missed):
        return ProgressStep(ProgressKind.ALL_BUSY)
    if escalation.rung:
        return ProgressStep(ProgressKind.TRYING_NEXT)
    return ProgressStep(ProgressKind.RECEIVED, incident.opened_at)


def _describe_queue(facts: DecisionFacts, incident: Incident) -> ProgressStep:
    if incident.legs():
        return ProgressStep(ProgressKind.DESK_RINGS)
    estimate = estimate_wait(facts, incident)
    place = 0
    if estimate is not None:
        place = estimate.number
    return ProgressStep(ProgressKind.DESK_QUEUE, incident.queued_at, ordinal=place)


def _describe_opening(facts: DecisionFacts, incident: Incident) -> ProgressStep:
    """When the desk handles it. In office hours it was told at once."""
    opens = facts.desk_opens(incident)
    if facts.desk_is_open(incident) or opens is None:
        return ProgressStep(ProgressKind.DESK_HAS_IT)
    return ProgressStep(ProgressKind.DESK_OPENS, until=opens)


def _describe_quiet(incident: Incident) -> ProgressStep:
    if incident.urgency > 1:
        return ProgressStep(ProgressKind.REGISTERED, incident.opened_at)
    return ProgressStep(ProgressKind.NOBODY_RUNG, incident.opened_at)


# The steps.


def _order_people(incident: Incident) -> dict[str, int]:
    """The engineers who were rung, each with the number of the first time, from 1."""
    people = [person for person in incident.escalation.rung if person != LAST_RESORT]
    return {person: number for number, person in enumerate(people, start=1)}


HAPPENED: Mapping[str, ProgressKind] = {
    JournalEvent.ACCEPTED: ProgressKind.TAKEN_WITHOUT_NUMBER,
    JournalEvent.ACKNOWLEDGED: ProgressKind.TAKEN_WITHOUT_NUMBER,
    JournalEvent.RESPONDED: ProgressKind.RESPONDED,
}
"""What the incident itself no longer says once it is opened again."""


def _list_earlier(incident: Incident, journal: Sequence[JournalLine]) -> list[ProgressStep]:
    """Who took it and what was answered before it was opened again."""
    still = (incident.acknowledged_at, incident.responded_at)
    return [
        ProgressStep(HAPPENED[line.event], line.at)
        for line in journal
        if line.event in HAPPENED and line.at not in still
    ]


def _list_steps(
    incident: Incident, pages: Sequence[Page], earlier: Sequence[ProgressStep]
) -> tuple[ProgressStep, ...]:
    steps = [ProgressStep(ProgressKind.RECEIVED, incident.opened_at), *earlier]
    steps += _list_tried(incident, pages)
    if incident.acknowledged_at is not None:
        steps.append(_describe_taking(incident))
    if incident.waiting_since is not None:
        steps.append(ProgressStep(ProgressKind.WAITS_FOR_YOU, incident.waiting_since))
    if incident.customer_leg is not None:
        steps.append(_describe_customer_leg(incident.customer_leg))
    if incident.responded_at is not None:
        steps.append(ProgressStep(ProgressKind.RESPONDED, incident.responded_at))
    if incident.closed_at is not None:
        steps.append(ProgressStep(ProgressKind.CLOSED, incident.closed_at))
    return tuple(sorted(steps, key=lambda step: (step.at or incident.opened_at, step.ordinal)))


def _list_tried(incident: Incident, pages: Sequence[Page]) -> list[ProgressStep]:
    """The first time that each person was rung."""
    first: dict[str, dt.datetime] = {}
    for page in sorted(pages, key=lambda page: page.at):
        if page.channel is Channel.CALL:
            first.setdefault(page.engineer, page.at)
    order = _order_people(incident)
    steps = [
        ProgressStep(ProgressKind.TRIED, at, ordinal=order[person])
        for person, at in first.items()
        if person in order
    ]
    if LAST_RESORT in first:
        steps.append(ProgressStep(ProgressKind.LAST_RESORT_TRIED, first[LAST_RESORT]))
    return steps


RESULTS = {
    PageResult.ACCEPTED: ProgressKind.YOU_ANSWERED,
    PageResult.BUSY: ProgressKind.YOU_BUSY,
    PageResult.NO_ANSWER: ProgressKind.YOU_NO_ANSWER,
    PageResult.NO_KEY: ProgressKind.YOU_NO_KEY,
    PageResult.CANCELED: ProgressKind.YOU_CALLED,
}


def _describe_customer_leg(leg: CustomerLeg) -> ProgressStep:
    """What became of the latest call that the customer asked for."""
    digits = show_last_digits(leg.to)
    if leg.result is None:
        return ProgressStep(ProgressKind.RINGING_YOU, leg.at, digits=digits)
    kind = RESULTS.get(leg.result, ProgressKind.YOU_NOT_REACHED)
    return ProgressStep(kind, leg.ended_at or leg.at, digits=digits)

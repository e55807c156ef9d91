"""A call from an engineer's own number: what waits for them is offered, and they are rung back.

A caller's number proves nothing, so this menu says numbers and levels only. Whoever chooses one
is rung at the engineer's own telephone, where the usual whisper and the usual key decide.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing.call import CallOutcome, OfferedIncident, Preamble, Stage
from routing.draft import DecisionDraft, ask, ask_again, identify
from routing.escalation.queue_position import turn_of
from routing.escalation.ringing import candidate_for
from routing.escalation.steps import advance
from routing.facts import DecisionFacts
from routing.incident import Candidate, EscalationPhase, Incident, IncidentState
from routing.incidents.text_commands import no_call, others_talk
from routing.journal import JournalEvent
from routing.message import Via
from routing.oncall.policy import language_of, phones_of

CUSTOMERS_KEY = "9"
MOST = 8
RING_BACKS = 3
A_WHILE = dt.timedelta(hours=1)
"""So often within this time an engineer is rung about one incident because a text or call asks."""


def waits_for(incident: Incident, engineer: str) -> bool:
    """True for a level 1 that this engineer was sought for, or has and has not dealt with."""
    if incident.urgency != 1 or others_talk(incident, engineer):
        return False
    if incident.state is IncidentState.ACKNOWLEDGED and incident.acknowledged_by is not None:
        return incident.acknowledged_by == engineer
    hunt = incident.hunt
    sought = {*hunt.sought, *hunt.missed, *(c.engineer for c in hunt.candidates)}
    return engineer in sought and hunt.doing not in (EscalationPhase.QUIET, EscalationPhase.OVER)


def offers_for(facts: DecisionFacts, engineer: str) -> tuple[OfferedIncident, ...]:
    """What waits for this engineer, by level, plan and age; as many as there are keys."""
    theirs = (i for i in facts.open_incidents() if waits_for(i, engineer))
    waiting = [i for i in theirs if not rung_often(i, facts.now)]
    waiting.sort(key=turn_of)
    return tuple(
        OfferedIncident(i.key, i.number, i.urgency, own=i.acknowledged_by == engineer)
        for i in waiting[:MOST]
    )


def greet(draft: DecisionDraft, engineer: str) -> DecisionDraft:
    """Offer what waits for this engineer; with nothing waiting the customers' menu follows."""
    offers = offers_for(draft.facts, engineer)
    language = language_of(draft.facts.line, engineer)
    draft = draft.with_call(engineer=engineer, offers=offers, language=language)
    draft = draft.note(
        JournalEvent.ENGINEER, f"{engineer}'s number; {len(offers)} incidents wait for them"
    )
    if offers:
        return ask(draft, Stage.ENGINEER, Preamble.WELCOME)
    waits = any(waits_for(incident, engineer) for incident in draft.facts.open_incidents())
    return draft.with_call(remark=Preamble.RUNG_ENOUGH if waits else Preamble.NOTHING_WAITS)


def engineer_key(draft: DecisionDraft, key: str | None) -> DecisionDraft:
    """A key rings this phone for that incident; 9, silence, twice, and a third wrong key lead to
    the customers' menu."""
    call = draft.the_call
    chosen = {str(n): offer for n, offer in enumerate(call.offers, start=1)}.get(key or "")
    if chosen is not None:
        draft = draft.with_call(rings_back=chosen.incident, fate=CallOutcome.CALLBACK)
        why = f"{call.engineer} asks for incident {chosen.number}, and is rung back to be sure"
        return ask(draft.note(JournalEvent.RING_BACK, why), Stage.FAREWELL)
    if key != CUSTOMERS_KEY and (again := ask_again(draft, key)) is not None:
        return again
    draft = draft.note(JournalEvent.CUSTOMERS_MENU, "goes on to the menu for customers")
    several = len(draft.facts.line.languages) > 1
    return ask(draft, Stage.LANGUAGE) if several else identify(draft)


def ring_back(draft: DecisionDraft, engineer: str, phone: str | None) -> DecisionDraft:
    """Ring the telephone that called, beside whoever is being rung."""
    if not waits_for(draft.the_incident, engineer):
        return draft.note(JournalEvent.NOT_RUNG_BACK, f"it no longer waits for {engineer}")
    if rung_often(draft.the_incident, draft.facts.now):
        return draft.note(
            JournalEvent.NOT_RUNG_BACK, f"was asked for {RING_BACKS} times within the hour"
        )
    phones = phones_of(draft.facts.line, engineer)
    tried = phones.index(phone) if phone in phones else 0
    draft = draft.note(JournalEvent.CALLED_IN, f"{engineer} called the line and is rung back")
    return _ring(draft, Candidate(engineer, tried, asked=True))


def rung_often(incident: Incident, now: dt.datetime) -> bool:
    """True when engineers were rung as often as an hour allows because somebody asked for it: a
    sender and a caller can be forged, and each ring wakes somebody."""
    return sum(now - A_WHILE < at <= now for at in incident.rung_back) >= RING_BACKS


def ring_for_call(draft: DecisionDraft, engineer: str, by: Via) -> DecisionDraft:
    """Ring whoever has it, at any level; the key that takes it leads on to the customer."""
    if by is Via.TEXT and rung_often(draft.the_incident, draft.facts.now):
        return draft.note(
            JournalEvent.NOT_RUNG_BACK, f"was asked for {RING_BACKS} times within the hour"
        )
    if no_call(draft.the_incident, engineer) is not None:
        return draft.note(
            JournalEvent.NOT_RUNG_BACK, f"it is not {engineer}'s, or has no number to call"
        )
    draft = draft.note(
        JournalEvent.CALL_WANTED, f"{engineer} wants to call the customer, and is rung first"
    )
    return _ring(draft, replace(candidate_for(draft, engineer), asked=True))


def _ring(draft: DecisionDraft, candidate: Candidate) -> DecisionDraft:
    incident, now = draft.the_incident, draft.facts.now
    lately = tuple(at for at in incident.rung_back if now - A_WHILE < at <= now)
    draft = draft.with_incident(rung_back=(*lately, now))
    others = incident.hunt.candidates
    others = tuple(c for c in others if c.engineer != candidate.engineer)
    return advance(draft.with_hunt(candidates=(*others, candidate)))

"""Rings an engineer who asks for it: by a call to the line, by a text, or in the console.

The sender of a text and the number of a caller prove nothing. The engineer's own telephone is rung,
where the usual whisper and the usual key decide.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing.call import OfferedIncident
from routing.draft import DecisionDraft
from routing.escalation import queue_position, ringing, steps
from routing.facts import DecisionFacts
from routing.incident import Candidate, EscalationPhase, Incident, IncidentState
from routing.incidents.text_commands import is_other_talking, why_no_call
from routing.journal import JournalEvent
from routing.message import FORGEABLE, Via
from routing.oncall.policy import phones_of

MOST = 8
RING_BACKS = 3
A_WHILE = dt.timedelta(hours=1)
"""A text or a call can have an engineer rung ``RING_BACKS`` times in this time for one incident."""


def is_waiting_for(incident: Incident, engineer: str) -> bool:
    """True for a level 1 that this engineer was rung for, or has and did not respond to."""
    if incident.urgency != 1 or is_other_talking(incident, engineer):
        return False
    if incident.state is IncidentState.ACKNOWLEDGED and incident.acknowledged_by is not None:
        return incident.acknowledged_by == engineer
    escalation = incident.escalation
    rung = {*escalation.rung, *escalation.missed, *(c.engineer for c in escalation.candidates)}
    return engineer in rung and escalation.phase not in (
        EscalationPhase.QUIET,
        EscalationPhase.OVER,
    )


def find_offers(facts: DecisionFacts, engineer: str) -> tuple[OfferedIncident, ...]:
    """The incidents that wait for this engineer, by level, plan and age, up to one for each key."""
    theirs = (i for i in facts.open_incidents() if is_waiting_for(i, engineer))
    waiting = [i for i in theirs if not is_rung_often(i, facts.now)]
    waiting.sort(key=queue_position.turn_key)
    return tuple(
        OfferedIncident(i.key, i.number, i.urgency, own=i.acknowledged_by == engineer)
        for i in waiting[:MOST]
    )


def ring_back(draft: DecisionDraft, engineer: str, phone: str | None) -> DecisionDraft:
    """Ring the telephone that called, in addition to the phones that ring already."""
    if not is_waiting_for(draft.the_incident, engineer):
        return draft.note(JournalEvent.NOT_RUNG_BACK, f"it no longer waits for {engineer}")
    if is_rung_often(draft.the_incident, draft.facts.now):
        return draft.note(
            JournalEvent.NOT_RUNG_BACK, f"was asked for {RING_BACKS} times within the hour"
        )
    phones = phones_of(draft.facts.line, engineer)
    tried = 0
    if phone in phones:
        tried = phones.index(phone)
    draft = draft.note(JournalEvent.CALLED_IN, f"{engineer} called the line and is rung back")
    return _ring(draft, Candidate(engineer, tried, asked=True))


def is_rung_often(incident: Incident, now: dt.datetime) -> bool:
    """True when no more rings on request are allowed within the hour. A sender and a caller can be
    forged, and each ring wakes a person."""
    return sum(now - A_WHILE < at <= now for at in incident.rung_back) >= RING_BACKS


def ring_for_call(draft: DecisionDraft, engineer: str, by: Via) -> DecisionDraft:
    """Ring the engineer who has the incident, at any level. The key that takes it calls the
    customer."""
    if by in FORGEABLE and is_rung_often(draft.the_incident, draft.facts.now):
        return draft.note(
            JournalEvent.NOT_RUNG_BACK, f"was asked for {RING_BACKS} times within the hour"
        )
    if why_no_call(draft.the_incident, engineer) is not None:
        return draft.note(
            JournalEvent.NOT_RUNG_BACK, f"it is not {engineer}'s, or has no number to call"
        )
    draft = draft.note(
        JournalEvent.CALL_WANTED, f"{engineer} wants to call the customer, and is rung first"
    )
    return _ring(draft, replace(ringing.make_candidate(draft, engineer), asked=True))


def _ring(draft: DecisionDraft, candidate: Candidate) -> DecisionDraft:
    incident, now = draft.the_incident, draft.facts.now
    lately = tuple(at for at in incident.rung_back if now - A_WHILE < at <= now)
    draft = draft.with_incident(rung_back=(*lately, now))
    others = incident.escalation.candidates
    others = tuple(c for c in others if c.engineer != candidate.engineer)
    return steps.advance(draft.with_escalation(candidates=(*others, candidate)))

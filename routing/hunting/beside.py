"""Somebody is rung beside the step under way: who has become free, or has texted back."""

from __future__ import annotations

from dataclasses import replace

from routing.draft import Draft
from routing.hunting.hunt import advance, end
from routing.hunting.promise import promised
from routing.hunting.ringing import candidate_for, spent
from routing.incident import Hunting, State
from routing.memo import How
from routing.proof import lacks_proof, prove


def include(draft: Draft, person: str, *, asked: bool = False) -> Draft:
    """Ring this person now, beside whoever is being rung."""
    candidates = draft.the_incident.hunt.candidates
    waiting = [c for c in candidates if c.engineer == person and not spent(draft, c)]
    rung = waiting or [candidate_for(draft, person)]
    rung = [replace(candidate, asked=asked or candidate.asked) for candidate in rung]
    kept = tuple(c for c in candidates if c.engineer != person)
    return advance(draft.with_hunt(candidates=(*kept, *rung)))


def freed(draft: Draft, holder: str) -> Draft:
    """Somebody who was busy when it was their turn is free, or a number of the last resort: rung
    at once.

    Unless they are rung for somebody else by now: to wait for them anew would hold up the hunt
    for as long as others want them.
    """
    hunt = draft.the_incident.hunt
    person = holder.partition(" ")[0]
    if holder not in hunt.missed or hunt.doing in (Hunting.OVER, Hunting.QUIET):
        return draft
    if holder in draft.facts.busy(draft.the_incident.key):
        return draft
    return include(draft.note("free", f"{person} is free again"), person)


def acknowledged(draft: Draft, engineer: str, by: How) -> Draft:
    """By text or link: it ends the paging, but never the hunt for a caller who still waits."""
    if by is not How.TEXT:
        draft = prove(draft, engineer)
    incident, call = draft.the_incident, draft.call
    if engineer in incident.lapsed and lacks_proof(incident, engineer, by):
        return draft.note("not_acknowledged", f"{engineer} did by text before, and reached nobody")
    if incident.state is not State.OPEN:
        return draft.note(
            "acknowledged_again", f"{engineer} did by {by}, but it is {incident.state}"
        )
    draft = draft.with_incident(
        state=State.ACKNOWLEDGED, acknowledged_by=engineer, acknowledged_at=draft.facts.now
    )
    draft = draft.note("acknowledged", f"{engineer} acknowledged by {by}")
    if call is not None and call.holds:
        draft = draft.note("still_waits", "the caller waits: rung at once")
        return promised(include(draft, engineer, asked=True), engineer)
    return end(draft)

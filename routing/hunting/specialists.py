"""Level 1 because of virus recognition: the specialists are rung beside the steps.

They hold up nothing: no step waits for them, and each step's own people are rung before them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing.draft import Draft
from routing.hunting.ringing import candidate_for
from routing.incident import Candidate, Kind
from routing.schedule.escalation import people_of, ring_for


def beside(draft: Draft, people: tuple[str, ...]) -> tuple[Candidate, ...]:
    """The specialists on call, but for those who are rung anyway, when a pass begins."""
    incident, facts = draft.the_incident, draft.facts
    desk = facts.line.signature_desk
    if incident.kind is not Kind.SIGNATURE_REQUEST or desk is None or incident.hunt.step:
        return ()
    called = incident.hunt.willing(people_of(desk, facts, incident.language))
    rung = (candidate_for(draft, person) for person in called if person not in people)
    return tuple(replace(candidate, beside=True) for candidate in rung)


def rings_for(draft: Draft, candidate: Candidate) -> dt.timedelta:
    """How long each phone of this candidate is rung."""
    line = draft.facts.line
    if candidate.beside and line.signature_desk is not None:
        return line.signature_desk.ring_for
    return ring_for(line, draft.the_incident)

"""The customer calls again about an incident: whoever has it is met, or rung before all others."""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.engineer import hunt
from routing.engineer.escalation import escalation_for, people_of
from routing.engineer.taking import anew
from routing.engineer.telling import News, letter_to
from routing.errands import HuntOn, Tell
from routing.incident import Again, Hunting, LegState, Page
from routing.pursuit import Hunt

ALONE_FOR = dt.timedelta(seconds=45)
"""So long whoever has the incident is rung alone; without a key the escalation goes on beside."""


def put_through(draft: Draft) -> Draft:
    """The customer waits: one meets them, one is rung first, the hunt serves them, or it begins."""
    incident = draft.the_incident
    winner, engineer = incident.winner(), incident.acknowledged_by
    if winner is not None:
        return meet(draft, winner)
    if engineer is not None:
        draft = reopen(draft, f"the customer calls again, {engineer} has it and is rung first")
        draft = hunt.begin(draft, first=engineer)
        return draft.do(HuntOn(incident.key, draft.the_incident.hunt.mark), ALONE_FOR)
    draft = draft.with_incident(again=Again.CALLED_AGAIN)
    if incident.hunt.doing.moving or incident.hunt.doing is Hunting.BREATH:
        return draft.note("served", "the hunt that is under way seeks somebody for this caller")
    return hunt.begin(draft.note("round", "the customer waits again: everybody is tried at once"))


def meet(draft: Draft, leg: Page) -> Draft:
    """Whoever has it is on the line, and is sent to the caller. A call to the customer is left to
    its end: somebody else may have answered it, and a talk is never cut."""
    draft = draft.with_incident(again=Again.CALLED_AGAIN)
    if leg.state is LegState.CALLING:
        why = f"{leg.engineer} is calling the customer, and is connected after that"
        return draft.note("calls_already", why, leg.id)
    return connect(draft, leg).do(Tell(leg.id))


def connect(draft: Draft, leg: Page) -> Draft:
    """On the way to the caller who is back; what was talked of before is another talk."""
    state, turn = LegState.CONNECTING, leg.turn + 1
    draft = draft.with_page(leg, state=state, turn=turn, rounds=0, became=None, back=True)
    draft = draft.with_call(answered_by=leg.engineer, answered_at=draft.facts.now)
    return draft.note("connecting", f"{leg.engineer} goes to the customer who is back", leg.id)


def reopen(draft: Draft, why: str) -> Draft:
    """Nobody has it any more: the customer's word counts."""
    before = draft.the_incident.acknowledged_by
    return anew(draft, Again.CALLED_AGAIN, before).note("reopened", why)


def alone_long_enough(hunt: Hunt) -> bool:
    """True while somebody is rung before all others, and no step has begun."""
    return hunt.doing is Hunting.STEPS and hunt.first is not None and hunt.step == 0


def go_beside(draft: Draft) -> Draft:
    """The escalation goes on beside, from the first step that has anybody else."""
    incident, facts = draft.the_incident, draft.facts
    first, steps = incident.hunt.first, escalation_for(facts.line, incident).steps
    people = (people_of(step, facts, incident.language) for step in steps)
    others = (number for number, those in enumerate(people, start=1) if set(those) - {first})
    draft = draft.note("beside", f"no key from {first}: others are rung too")
    return hunt.enter(draft, next(others, 1))


def tell(draft: Draft) -> Draft:
    """A letter to whoever has the incident: the customer has called about it again."""
    incident, facts = draft.the_incident, draft.facts
    who = facts.line.engineer(incident.acknowledged_by or "")
    if who is None or not who.phones:
        return draft.note("nobody_told", "nobody has it who could be told")
    letter = letter_to(facts, who, News("called_again", (), incident.key, incident.urgency))
    draft = draft.write(letter, letter.at - facts.now)
    return draft.note("told", f"{who.id} is told that the customer has called again")

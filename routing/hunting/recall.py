"""The customer calls again about an incident: whoever has it is met, or rung before all others."""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.errands import HuntOn, SettleLeg, Tell
from routing.hunting import hunt
from routing.hunting.taking import anew, end_message
from routing.incident import Again, Hunting, LegState, Page, State
from routing.pursuit import Hunt
from routing.schedule.escalation import next_step
from routing.written.telling import News, letter_to

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
        return before_all(draft, engineer)
    draft = draft.with_incident(again=Again.CALLED_AGAIN)
    if incident.hunt.doing.moving or incident.hunt.doing is Hunting.BREATH:
        return draft.note("served", "the hunt that is under way seeks somebody for this caller")
    return hunt.begin(draft.note("round", "the customer waits again: everybody is tried at once"))


def before_all(draft: Draft, first: str | None) -> Draft:
    """The hunt begins; whoever is rung before all others is rung alone for a while."""
    draft = hunt.begin(draft, first)
    incident = draft.the_incident
    alone = HuntOn(incident.key, incident.hunt.mark)
    return draft.do(alone, ALONE_FOR) if first is not None else draft


def take_back(draft: Draft) -> tuple[Draft, str | None]:
    """It has become level 1, so nobody has it any more. Whoever had it is rung first in office
    hours; outside them they are told, and those whose duty it is are rung."""
    incident = draft.the_incident
    who = incident.acknowledged_by
    if incident.state is State.OPEN or who is None:
        return draft, None
    at_work = draft.facts.office_open and draft.facts.line.engineer(who) is not None
    draft = draft if at_work else tell(draft)
    return reopen(draft, f"{who} had it: level 1 is sought for anew"), who if at_work else None


def meet(draft: Draft, leg: Page) -> Draft:
    """Whoever has it is on the line, and is sent to the caller. A call to the customer is left to
    its end: somebody else may have answered it, and a talk is never cut. The carrier is asked at
    once whether they are there at all: the word of their hanging up may be lost or late."""
    draft = draft.with_incident(again=Again.CALLED_AGAIN).do(SettleLeg(leg.id))
    if leg.state is LegState.CALLING:
        why = f"{leg.engineer} is calling the customer, and is connected after that"
        return draft.note("calls_already", why, leg.id)
    return connect(draft, leg).do(Tell(leg.id))


def connect(draft: Draft, leg: Page) -> Draft:
    """On the way to the caller who is back; what was talked of before is another talk."""
    state, turn = LegState.CONNECTING, leg.turn + 1
    draft = draft.with_page(leg, state=state, turn=turn, rounds=0, became=None, back=True)
    draft = end_message(draft.with_call(answered_by=leg.engineer, answered_at=draft.facts.now))
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
    incident = draft.the_incident
    draft = draft.note("beside", f"no key from {incident.hunt.first}: others are rung too")
    return hunt.enter(draft, next_step(draft.facts, incident))


def tell(draft: Draft) -> Draft:
    """A letter to whoever has the incident: the customer has called about it again."""
    incident, facts = draft.the_incident, draft.facts
    who = facts.line.engineer(incident.acknowledged_by or "")
    if who is None or not who.phones:
        return draft.note("nobody_told", "nobody has it who could be told")
    letter = letter_to(facts, who, News("called_again", (), incident.key, incident.urgency))
    draft = draft.write(letter, letter.at - facts.now)
    return draft.note("told", f"{who.id} is told that the customer has called again")

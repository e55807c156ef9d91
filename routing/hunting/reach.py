"""Whoever took an incident must reach the customer in time, or it is sought for again."""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.drill import PERSON, wakes
from routing.errands import HuntOn
from routing.hunting import hunt, later, recall, row
from routing.hunting.taking import anew
from routing.incident import Again, Hunting, State
from routing.line import LAST_RESORT
from routing.proof import lacks_proof

ASK_AGAIN = dt.timedelta(minutes=1)
"""How long somebody who is on the line about it is left in peace."""


def hunt_due(draft: Draft) -> Draft:
    """A pause is over, a place in the row is due, or the time to reach the customer has passed."""
    match draft.the_incident.hunt.doing:
        case Hunting.OVER:
            return overdue(draft)
        case Hunting.ROW:
            return row.look(draft)
        case Hunting.LATER:
            return later.tell_desk(draft)
    if recall.alone_long_enough(draft.the_incident.hunt):
        return recall.go_beside(draft)
    if wakes(draft.the_incident.line) and draft.the_incident.hunt.doing is Hunting.RESTING:
        return practised(draft)
    return hunt.go_on(draft)


def practised(draft: Draft) -> Draft:
    """Everybody was rung once in a drill: it is over, whether or not its holder is still there."""
    draft = draft.with_incident(state=State.CLOSED, closed_at=draft.facts.now, closed_by=PERSON)
    return hunt.end(draft.note("drill_over", "everybody was rung once"))


def overdue(draft: Draft) -> Draft:
    """Not reached, and nobody is on the line about it: everybody is tried again."""
    incident = draft.the_incident
    if incident.state is not State.ACKNOWLEDGED or incident.reached:
        return draft
    if incident.winner() is not None:
        return draft.do(HuntOn(incident.key, incident.hunt.mark), ASK_AGAIN)
    who = incident.acknowledged_by or LAST_RESORT
    if lacks_proof(incident, who):
        draft = draft.with_incident(lapsed=tuple(dict.fromkeys((*incident.lapsed, who))))
    within = draft.facts.line.paging.reach_within.total_seconds()
    draft = anew(draft, Again.OVERDUE, who)
    why = f"{who} had it and did not say within {within:g} s that the customer was reached"
    return hunt.begin(draft.note("reopened", why))

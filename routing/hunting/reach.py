"""Whoever took an incident must reach the customer in time: a level 1 is sought for again, and of
a call back at the other levels they are reminded."""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.drill import PERSON, wakes
from routing.errands import HuntOn
from routing.hunting import hunt, later, recall, row
from routing.hunting.taking import anew
from routing.incident import Again, Hunting, State
from routing.line import LAST_RESORT
from routing.place import wants_call_back
from routing.proof import lacks_proof
from routing.schedule.escalation import name_of
from routing.written.replying import when_done
from routing.written.telling import News, letter_to, manager_letters
from routing.written.warnings import send

REMINDERS = 2
"""How often somebody is reminded of a call back."""

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
    if incident.urgency > 1:
        return call_back_due(draft)
    who = incident.acknowledged_by or LAST_RESORT
    if lacks_proof(incident, who):
        draft = draft.with_incident(lapsed=tuple(dict.fromkeys((*incident.lapsed, who))))
    within = draft.facts.line.paging.reach_within.total_seconds()
    draft = anew(draft, Again.OVERDUE, who)
    why = f"{who} had it and did not say within {within:g} s that the customer was reached"
    return hunt.begin(draft.note("reopened", why))


def call_back_due(draft: Draft) -> Draft:
    """The customer was promised a call back and nobody says that it was made: a reminder in office
    hours. After the second one the duty manager is told as well, and no other follows."""
    incident, facts = draft.the_incident, draft.facts
    again = HuntOn(incident.key, incident.hunt.mark)
    opens = facts.office_opens()
    if not wants_call_back(incident, draft.call):
        return draft
    if opens is not None and not facts.office_open:
        return draft.do(again, opens - facts.now)
    draft = remind(draft.with_hunt(reminded=incident.hunt.reminded + 1))
    if incident.hunt.reminded + 1 < REMINDERS:
        return draft.do(again, facts.line.paging.reach_within)
    return remind_manager(draft)


def remind(draft: Draft) -> Draft:
    """A letter to whoever has it."""
    incident, line = draft.the_incident, draft.facts.line
    engineer = line.engineer(incident.acknowledged_by or "")
    if engineer is None:
        return draft.note("nobody_told", "nobody has it who could be reminded")
    values = (("reply", (when_done(line, incident.number, None),)),)
    news = News("call_back_due", values, incident.key, incident.urgency)
    why = f"{engineer.id} is reminded: no word that the customer was called back"
    return send(draft, letter_to(draft.facts, engineer, news)).note("reminded", why)


def remind_manager(draft: Draft) -> Draft:
    """Letters to the duty manager."""
    incident, line = draft.the_incident, draft.facts.line
    who = name_of(line, incident.acknowledged_by) or "?"
    news = News("call_back_due_had", (("name", who),), incident.key, incident.urgency)
    for letter in manager_letters(draft.facts, news):
        draft = send(draft, letter)
    return draft

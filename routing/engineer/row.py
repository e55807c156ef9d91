"""The desk in office hours: one row of levels 2 to 4, and whoever is free rung for its first."""

from __future__ import annotations

import datetime as dt

from routing.call import Remark, Stage
from routing.draft import Draft, Facts
from routing.engineer.escalation import people_of
from routing.engineer.hunt import advance
from routing.engineer.later import leave, look_after, now_doing, staff
from routing.errands import ServeDesk
from routing.incident import Candidate, Hunting, Incident, Result
from routing.place import Prospect, prospect
from routing.question import tell_later

LOOK = dt.timedelta(seconds=30)
"""How often a place in the row is looked at: people come to the desk, and it closes."""

REST = dt.timedelta(seconds=60)
"""Whoever did not pick up is away from the desk, and is not rung again for so long."""

PASSED_FOR = dt.timedelta(minutes=2)
"""Whoever passed a caller on is not rung for that caller again for so long."""

MISSED = (Result.NO_ANSWER, Result.NO_KEY, Result.BUSY, Result.FAILED)


def anybody_free(facts: Facts) -> bool:
    """True when somebody at any of the line's desks could be rung now."""
    steps = [facts.line.desk, *(route.desk for route in facts.line.routes)]
    people = {p for step in steps if step for p in people_of(step, facts, "")}
    return facts.office_open and any(_free(facts, p, "") for p in people)


def prospect_of(facts: Facts, incident: Incident) -> Prospect | None:
    """The place of an incident in the row, and how long it is likely to take from there."""
    row = list(facts.row()) if incident.hunt.doing is Hunting.ROW else []
    if incident.key not in row:
        return None
    return prospect(row.index(incident.key) + 1, facts.desk_talks(), len(staff(facts, incident)))


def join(draft: Draft) -> Draft:
    """Into the row, or back to the place in it that was never given up."""
    since = draft.the_incident.rowed_at or draft.facts.now
    spared = draft.the_incident.hunt.spared
    passed = (Candidate(spared, passed=True),) if spared else ()
    draft = draft.with_incident(rowed_at=since).with_hunt(candidates=passed, missed=())
    draft = draft.note("row", "waits for the desk, by level, plan and time waited")
    return _look_again(draft, LOOK).do(ServeDesk(draft.the_incident.line))


def serve(draft: Draft) -> Draft:
    """Ring everybody at the desk who is free and has not just passed this one on."""
    incident, facts = draft.the_incident, draft.facts
    if incident.hunt.doing is not Hunting.ROW:
        return draft
    people = [p for p in staff(facts, incident) if _may_serve(facts, incident, p)]
    if not people:
        return draft
    others = tuple(c for c in incident.hunt.candidates if c.engineer not in people)
    fresh = tuple(Candidate(person) for person in people)
    draft = draft.with_hunt(candidates=(*fresh, *others))
    return advance(draft.note("desk", f"first in the row: free at the desk {', '.join(people)}"))


def look(draft: Draft) -> Draft:
    """Look at a place in the row: the next look is planned, and the first one is served."""
    incident, facts = draft.the_incident, draft.facts
    if not staff(facts, incident):
        return _closed(draft)
    first = next(iter(facts.row()), None) == incident.key
    draft = _look_again(draft, LOOK)
    return draft.do(ServeDesk(incident.line)) if first else draft


def _closed(draft: Draft) -> Draft:
    """The desk has closed: who waits hears when it opens; who is to be called back stays."""
    call, facts = draft.call, draft.facts
    if call is not None and call.holds:
        draft = leave(draft, "nobody is at the desk any more")
        waits = draft.the_call.stage is Stage.WAITING
        return tell_later(draft, Remark.DESK_CLOSED) if waits else draft
    opens = facts.office_opens(dt.timedelta(minutes=15) if facts.office_open else dt.timedelta(0))
    return _look_again(draft, opens - facts.now if opens else dt.timedelta(days=1))


def _may_serve(facts: Facts, incident: Incident, person: str) -> bool:
    if incident.leg_of(person) is not None or not _free(facts, person, incident.key):
        return False
    passed = [c for c in incident.hunt.candidates if c.engineer == person and c.passed]
    last = facts.last_leg(person)
    return not passed or last is None or facts.now - last.at >= PASSED_FOR


def _free(facts: Facts, person: str, but: str) -> bool:
    if person in facts.busy(but):
        return False
    last = facts.last_leg(person)
    if last is None or last.result not in MISSED:
        return True
    return facts.now >= (last.rings_until or last.at) + REST


def _look_again(draft: Draft, after: dt.timedelta) -> Draft:
    draft = now_doing(draft, Hunting.ROW)
    return look_after(draft.with_hunt(resumes_at=draft.facts.now + after), after)

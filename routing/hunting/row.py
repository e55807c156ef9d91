"""The desk in office hours: one row of levels 2 to 4, and whoever is free rung for its first.

Signature requests stand in a row of their own, which the specialists serve.
"""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft, Facts
from routing.errands import ServeDesk
from routing.hunting.hunt import advance
from routing.hunting.later import look_after, now_doing, staff, unstaffed
from routing.hunting.ringing import PASSED_FOR, candidate_for
from routing.incident import Candidate, Hunting, Incident, Kind, Page, Result
from routing.place import Prospect, prospect
from routing.schedule.escalation import desks_of, people_of

LOOK = dt.timedelta(seconds=30)
"""How often a place in the row is looked at: people come to the desk, and it closes."""

REST = dt.timedelta(seconds=60)
"""Whoever did not pick up is away from the desk, and is not rung again for so long."""

MISSED = (Result.NO_ANSWER, Result.NO_KEY, Result.BUSY, Result.FAILED)


def free_now(facts: Facts) -> tuple[str, ...]:
    """Everybody at any of the desks, whatever they serve, who could be rung now."""
    if not facts.office_open:
        return ()
    steps = [step for kind in Kind for step in desks_of(facts.line, kind)]
    people = dict.fromkeys(p for step in steps for p in people_of(step, facts, ""))
    return tuple(p for p in people if _free(facts, p, ""))


def prospect_of(facts: Facts, incident: Incident) -> Prospect | None:
    """The place of an incident in the row, and how long it is likely to take from there."""
    row = list(facts.row(incident.kind)) if incident.hunt.doing is Hunting.ROW else []
    if incident.key not in row:
        return None
    there = [p for p in staff(facts, incident) if not _missed(facts.last_leg(p))]
    talks = facts.desk_talks(incident.kind)
    return prospect(row.index(incident.key) + 1, talks, len(there))


def join(draft: Draft, first: str | None = None) -> Draft:
    """Into the row, or back to the place in it that was never given up; whoever knows the matter
    is rung first."""
    now, spared = draft.facts.now, draft.the_incident.hunt.spared
    since = draft.the_incident.rowed_at or now
    passed = tuple(c for c in draft.the_incident.hunt.candidates if c.passed)
    if spared is not None:
        passed = (*passed, Candidate(spared, passed=True, until=now + PASSED_FOR))
    draft = draft.with_incident(rowed_at=since).with_hunt(candidates=passed, missed=(), first=first)
    draft = draft.note("row", "waits for the desk, by level, plan and time waited")
    return _look_again(draft, LOOK).do(ServeDesk(draft.the_incident.line))


def come_back(draft: Draft) -> Draft:
    """Whoever was to be called back waits on the line, at the place that was kept."""
    draft = draft.note("came_back", "waits on the line again, at the old place")
    return draft.do(ServeDesk(draft.the_incident.line))


def serve(draft: Draft, free: tuple[str, ...]) -> Draft:
    """Ring everybody of these who is at the desk and has not just passed this one on.

    Whoever comes free while the row is gone through is left for its first.
    """
    incident, facts = draft.the_incident, draft.facts
    if incident.hunt.doing is not Hunting.ROW:
        return draft
    people = [p for p in _servers(facts, incident) if p in free]
    if not people:
        return draft
    first = incident.hunt.first if incident.hunt.first in people else None
    people = [first] if first is not None else people
    others = tuple(c for c in incident.hunt.candidates if c.engineer not in people)
    fresh = tuple(candidate_for(draft, person) for person in people)
    draft = draft.with_hunt(candidates=(*fresh, *others), first=first)
    return advance(draft.note("desk", f"its turn: free at the desk {', '.join(people)}"))


def look(draft: Draft) -> Draft:
    """Look at a place in the row; a telephone that rings as the desk closes may still be taken."""
    incident, facts = draft.the_incident, draft.facts
    if not staff(facts, incident) and not incident.legs():
        return _closed(draft)
    draft = _look_again(draft, LOOK)
    return draft.do(ServeDesk(incident.line)) if _servers(facts, incident) else draft


def _closed(draft: Draft) -> Draft:
    """The desk has closed: who waits hears when it opens; who is to be called back stays."""
    call, facts = draft.call, draft.facts
    if call is not None and call.holds:
        return unstaffed(draft, "nobody is at the desk any more")
    opens = facts.office_opens(dt.timedelta(minutes=15) if facts.office_open else dt.timedelta(0))
    return _look_again(draft, opens - facts.now if opens else dt.timedelta(days=1))


def _servers(facts: Facts, incident: Incident) -> list[str]:
    passed = {c.engineer for c in incident.hunt.candidates if c.wait_left(facts.now)}
    rung = {leg.engineer for leg in incident.legs()}
    if incident.hunt.first in rung:
        return []
    people = [p for p in staff(facts, incident) if p not in passed | rung]
    return [p for p in people if _free(facts, p, incident.key)]


def _free(facts: Facts, person: str, but: str) -> bool:
    if person in facts.busy(but):
        return False
    last = facts.last_leg(person)
    if last is None or not _missed(last):
        return True
    set_back = last.at > facts.now + REST  # the clock, since then
    return set_back or facts.now >= (last.rings_until or last.at) + REST


def _missed(last: Page | None) -> bool:
    return last is not None and last.result in MISSED


def _look_again(draft: Draft, after: dt.timedelta) -> Draft:
    draft = now_doing(draft, Hunting.ROW)
    return look_after(draft.with_hunt(resumes_at=draft.facts.now + after), after)

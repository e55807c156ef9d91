"""The desk queue in office hours: levels 2 to 4. A free engineer is rung for the first caller.

Signature requests have their own queue, which the specialists serve.
"""

from __future__ import annotations

import datetime as dt

from routing.call import Preamble, Stage
from routing.draft import DecisionDraft, tell_later
from routing.escalation.queue_position import QueueEstimate, estimate
from routing.escalation.ringing import PASSED_FOR, make_candidate
from routing.escalation.steps import advance
from routing.facts import DecisionFacts
from routing.incident import Candidate, EscalationPhase, Incident, IncidentKind, IncidentState
from routing.jobs import HuntOn, ServeDesk
from routing.journal import JournalEvent
from routing.notify.paging import page_engineer
from routing.oncall.policy import desk_for, desks_of, people_of
from routing.page import Page, PageResult

LOOK = dt.timedelta(seconds=30)
"""How often a queue position is checked, because people come to the desk and it closes."""

REST = dt.timedelta(seconds=60)
"""An engineer who did not pick up is not rung again for this long."""

MISSED = (PageResult.NO_ANSWER, PageResult.NO_KEY, PageResult.BUSY, PageResult.FAILED)


def find_free_people(facts: DecisionFacts) -> tuple[str, ...]:
    """Everybody at any desk who can be rung now."""
    if not facts.office_open:
        return ()
    steps = [step for kind in IncidentKind for step in desks_of(facts.line, kind)]
    people = dict.fromkeys(p for step in steps for p in people_of(step, facts, ""))
    return tuple(p for p in people if _is_free(facts, p, ""))


def estimate_wait(facts: DecisionFacts, incident: Incident) -> QueueEstimate | None:
    """The queue position of an incident, and the estimated wait."""
    row = list(facts.row(incident.kind)) if incident.hunt.doing is EscalationPhase.ROW else []
    if incident.key not in row:
        return None
    there = [p for p in find_staff(facts, incident) if not _was_missed(facts.last_leg(p))]
    talks = facts.desk_talks(incident.kind)
    return estimate(row.index(incident.key) + 1, talks, len(there))


def join_queue(draft: DecisionDraft, first: str | None = None) -> DecisionDraft:
    """Enter the queue, or return to the kept position. The engineer who knows the incident is rung
    first."""
    now, spared = draft.facts.now, draft.the_incident.hunt.spared
    since = draft.the_incident.rowed_at or now
    passed = tuple(c for c in draft.the_incident.hunt.candidates if c.passed)
    if spared is not None:
        passed = (*passed, Candidate(spared, passed=True, until=now + PASSED_FOR))
    draft = draft.with_incident(rowed_at=since).with_hunt(candidates=passed, missed=(), first=first)
    draft = draft.note(JournalEvent.ROW, "waits for the desk, by level, plan and time waited")
    return _check_again(draft, LOOK).do(ServeDesk(draft.the_incident.line))


def return_to_queue(draft: DecisionDraft) -> DecisionDraft:
    """A caller who asked for a callback waits on the line at the kept position."""
    draft = draft.note(JournalEvent.CAME_BACK, "waits on the line again, at the old place")
    return draft.do(ServeDesk(draft.the_incident.line))


def serve(draft: DecisionDraft, free: tuple[str, ...]) -> DecisionDraft:
    """Ring everybody of these who is at the desk and has not just passed this one on.

    Whoever comes free while the row is gone through is left for its first.
    """
    incident, facts = draft.the_incident, draft.facts
    if incident.hunt.doing is not EscalationPhase.ROW:
        return draft
    people = [p for p in _find_servers(facts, incident) if p in free]
    if not people:
        return draft
    first = incident.hunt.first if incident.hunt.first in people else None
    people = [first] if first is not None else people
    others = tuple(c for c in incident.hunt.candidates if c.engineer not in people)
    fresh = tuple(make_candidate(draft, person) for person in people)
    draft = draft.with_hunt(candidates=(*fresh, *others), first=first)
    return advance(draft.note(JournalEvent.DESK, f"its turn: free at the desk {', '.join(people)}"))


def check_position(draft: DecisionDraft) -> DecisionDraft:
    """Check a queue position. A phone that rings as the desk closes can still take the call."""
    incident, facts = draft.the_incident, draft.facts
    if not find_staff(facts, incident) and not incident.legs():
        return _close_desk(draft)
    draft = _check_again(draft, LOOK)
    return draft.do(ServeDesk(incident.line)) if _find_servers(facts, incident) else draft


def _close_desk(draft: DecisionDraft) -> DecisionDraft:
    """The desk has closed. Waiting callers hear when it opens; callbacks keep their position."""
    call, facts = draft.call, draft.facts
    if call is not None and call.holds:
        return leave_unstaffed(draft, "nobody is at the desk any more")
    opens = facts.office_opens(dt.timedelta(minutes=15) if facts.office_open else dt.timedelta(0))
    return _check_again(draft, opens - facts.now if opens else dt.timedelta(days=1))


def _find_servers(facts: DecisionFacts, incident: Incident) -> list[str]:
    passed = {c.engineer for c in incident.hunt.candidates if c.wait_left(facts.now)}
    rung = {leg.engineer for leg in incident.legs()}
    if incident.hunt.first in rung:
        return []
    people = [p for p in find_staff(facts, incident) if p not in passed | rung]
    return [p for p in people if _is_free(facts, p, incident.key)]


def _is_free(facts: DecisionFacts, person: str, but: str) -> bool:
    if person in facts.busy(but):
        return False
    last = facts.last_leg(person)
    if last is None or not _was_missed(last):
        return True
    set_back = last.at > facts.now + REST  # the clock, since then
    return set_back or facts.now >= (last.rings_until or last.at) + REST


def _was_missed(last: Page | None) -> bool:
    return last is not None and last.result in MISSED


def _check_again(draft: DecisionDraft, after: dt.timedelta) -> DecisionDraft:
    draft = set_phase(draft, EscalationPhase.ROW)
    return check_after(draft.with_hunt(resumes_at=draft.facts.now + after), after)


# An incident that waits for the desk to open: nobody is rung, and the desk gets a message then.


def find_staff(facts: DecisionFacts, incident: Incident) -> tuple[str, ...]:
    """The engineers at the desk for this incident now. Empty outside office hours."""
    step = desk_for(facts.line, incident)
    return people_of(step, facts, incident.language) if step and facts.office_open else ()


def leave_queue(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Nobody waits on the phone. The desk gets a message now, or when it opens."""
    draft = draft.with_incident(rowed_at=None).with_hunt(candidates=(), missed=(), left=())
    draft = draft.note(JournalEvent.LATER, why)
    if draft.the_incident.state is not IncidentState.OPEN:
        return set_phase(draft, EscalationPhase.OVER)
    opens = draft.facts.office_opens()
    if desk_for(draft.facts.line, draft.the_incident) is None or opens is None:
        return set_phase(draft, EscalationPhase.QUIET)
    return check_after(
        set_phase(draft, EscalationPhase.LATER), max(opens - draft.facts.now, dt.timedelta(0))
    )


def leave_unstaffed(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Nobody is at the desk. A waiting caller hears so, and what they can do.

    Who is speaking a message, or says that it is level 1, is not interrupted.
    """
    draft = leave_queue(draft, why)
    waits = draft.call is not None and draft.call.stage is Stage.WAITING
    return tell_later(draft, Preamble.DESK_CLOSED) if waits else draft


def notify_desk(draft: DecisionDraft) -> DecisionDraft:
    """Tell everybody at the open desk what waits. Try again later when nobody is there."""
    incident = draft.the_incident
    if incident.state is not IncidentState.OPEN:
        return draft
    for person in find_staff(draft.facts, incident):
        engineer = draft.facts.line.engineer(person)
        draft = page_engineer(draft, engineer) if engineer else draft
    told = len(draft.the_incident.pages) > len(incident.pages)
    return check_after(set_phase(draft, EscalationPhase.LATER), _next_check(draft.facts, told=told))


def set_phase(draft: DecisionDraft, doing: EscalationPhase) -> DecisionDraft:
    """Change the phase. Older timers have no effect."""
    hunt = draft.the_incident.hunt
    return draft.with_hunt(doing=doing, mark=hunt.mark + 1, resumes_at=None)


def check_after(draft: DecisionDraft, after: dt.timedelta) -> DecisionDraft:
    """Check the position again later."""
    incident = draft.the_incident
    return draft.do(HuntOn(incident.key, incident.hunt.mark), after)


def _next_check(facts: DecisionFacts, *, told: bool) -> dt.timedelta:
    """Told: on the next day that the office is open; else in a quarter of an hour, or when it opens
    after all: a timer may be early by another clock."""
    if not told and facts.office_open:
        return dt.timedelta(minutes=15)
    opens = facts.office_opens(dt.timedelta(hours=12) if told else dt.timedelta(0))
    return opens - facts.now if opens else dt.timedelta(days=1)

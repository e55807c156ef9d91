"""The desk queue in office hours, for levels 2 to 4. A free engineer is rung for the first caller.

Signature requests have their own queue, which the specialists serve.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from routing import jobs
from routing.call import Preamble, Stage
from routing.draft import DecisionDraft, tell_later
from routing.escalation import queue_position, ringing, steps
from routing.facts import DecisionFacts
from routing.incident import Candidate, EscalationPhase, Incident, IncidentKind, IncidentState
from routing.journal import JournalEvent
from routing.line import Step
from routing.notify.paging import page_engineer
from routing.oncall.policy import find_desk, find_desks, find_people, list_desks, list_night_desks
from routing.page import Page, PageResult

CHECK_INTERVAL = dt.timedelta(seconds=30)
"""How often a queue position is checked, because people come to the desk and it closes."""

PAUSE_AFTER_MISS = dt.timedelta(seconds=60)
"""An engineer who did not pick up is not rung again for this long."""

CLOSES_WITHIN = dt.timedelta(minutes=15)
"""An office that is open may be about to close: its next opening counts from this much later."""

NOTIFY_AGAIN_AFTER = dt.timedelta(minutes=15)
"""An open desk where nobody could be notified is notified again after this time."""

MISSED = (PageResult.NO_ANSWER, PageResult.NO_KEY, PageResult.BUSY, PageResult.FAILED)


def find_free_people(facts: DecisionFacts) -> tuple[str, ...]:
    """Everybody at any desk who can be rung now."""
    desks: Iterable[Step] = list_night_desks(facts.line)
    if facts.office_open:
        desks = [step for kind in IncidentKind for step in list_desks(facts.line, kind)]
    people = dict.fromkeys(p for step in desks for p in find_people(step, facts, ""))
    return tuple(p for p in people if _is_free(facts, p, ""))


def estimate_wait(facts: DecisionFacts, incident: Incident) -> queue_position.QueueEstimate | None:
    """The queue position of an incident, and the estimated wait."""
    if incident.escalation.phase is not EscalationPhase.ROW:
        return None
    queue = list(facts.desk_queue(incident.kind))
    if incident.key not in queue:
        return None
    there = [p for p in find_staff(facts, incident) if not _was_missed(facts.last_leg(p))]
    talks = facts.desk_talks(incident.kind)
    return queue_position.estimate(queue.index(incident.key) + 1, talks, len(there))


def join_queue(draft: DecisionDraft, first: str | None = None) -> DecisionDraft:
    """Enter the queue, or return to the kept position. The engineer who knows the incident is rung
    first."""
    now, spared = draft.facts.now, draft.the_incident.escalation.spared
    since = draft.the_incident.queued_at or now
    passed = tuple(c for c in draft.the_incident.escalation.candidates if c.passed)
    if spared is not None:
        passed = (*passed, Candidate(spared, passed=True, until=now + ringing.PASSED_FOR))
    draft = draft.with_incident(queued_at=since).with_escalation(
        candidates=passed, missed=(), first=first
    )
    draft = draft.note(JournalEvent.ROW, "waits for the desk, by level, plan and time waited")
    return _check_again(draft, CHECK_INTERVAL).do(jobs.ServeDesk(draft.the_incident.line))


def return_to_queue(draft: DecisionDraft) -> DecisionDraft:
    """A caller who asked for a callback waits on the line at the kept position."""
    draft = draft.note(JournalEvent.CAME_BACK, "waits on the line again, at the old place")
    return draft.do(jobs.ServeDesk(draft.the_incident.line))


def serve(draft: DecisionDraft, free: tuple[str, ...]) -> DecisionDraft:
    """Ring each of the ``free`` engineers who is at the desk and has not just passed this one on.

    An engineer who becomes free meanwhile is left for the first caller of the queue.
    """
    incident, facts = draft.the_incident, draft.facts
    if incident.escalation.phase is not EscalationPhase.ROW:
        return draft
    people = [p for p in _find_servers(facts, incident) if p in free]
    if not people:
        return draft
    first = next((p for p in people if p == incident.escalation.first), None)
    if first is not None:
        people = [first]
    others = tuple(c for c in incident.escalation.candidates if c.engineer not in people)
    fresh = tuple(ringing.make_candidate(draft, person) for person in people)
    draft = draft.with_escalation(candidates=(*fresh, *others), first=first)
    return steps.advance(
        draft.note(JournalEvent.DESK, f"its turn: free at the desk {', '.join(people)}")
    )


def check_position(draft: DecisionDraft) -> DecisionDraft:
    """Check a queue position. A phone that rings as the desk closes can still take the call."""
    incident, facts = draft.the_incident, draft.facts
    if not find_staff(facts, incident) and not incident.legs():
        return _close_desk(draft)
    draft = _check_again(draft, CHECK_INTERVAL)
    if _find_servers(facts, incident):
        return draft.do(jobs.ServeDesk(incident.line))
    return draft


def _close_desk(draft: DecisionDraft) -> DecisionDraft:
    """The desk has closed. Waiting callers hear when it opens; callbacks keep their position."""
    call, facts, incident = draft.call, draft.facts, draft.the_incident
    if call is not None and call.holds:
        return leave_unstaffed(draft, "nobody is at the desk any more")
    if facts.desk_is_open(incident):
        return _check_again(draft, _until_opening(facts, incident, CLOSES_WITHIN))
    return _check_again(draft, _until_opening(facts, incident))


def _find_servers(facts: DecisionFacts, incident: Incident) -> list[str]:
    passed = {c.engineer for c in incident.escalation.candidates if c.wait_left(facts.now)}
    rung = {leg.engineer for leg in incident.legs()}
    if incident.escalation.first in rung:
        return []
    people = [p for p in find_staff(facts, incident) if p not in passed | rung]
    return [p for p in people if _is_free(facts, p, incident.key)]


def _is_free(facts: DecisionFacts, person: str, but: str) -> bool:
    if person in facts.busy(but):
        return False
    last = facts.last_leg(person)
    if last is None or not _was_missed(last):
        return True
    set_back = last.at > facts.now + PAUSE_AFTER_MISS  # the clock was set back
    return set_back or facts.now >= (last.rings_until or last.at) + PAUSE_AFTER_MISS


def _until_opening(
    facts: DecisionFacts, incident: Incident, after: dt.timedelta = dt.timedelta(0)
) -> dt.timedelta:
    """How long the desk stays closed, from ``after`` on; a day when it never opens."""
    opens = facts.desk_opens(incident, after)
    if opens is None:
        return dt.timedelta(days=1)
    return opens - facts.now


def _was_missed(last: Page | None) -> bool:
    return last is not None and last.result in MISSED


def _check_again(draft: DecisionDraft, after: dt.timedelta) -> DecisionDraft:
    draft = set_phase(draft, EscalationPhase.ROW)
    return check_after(draft.with_escalation(resumes_at=draft.facts.now + after), after)


def find_staff(facts: DecisionFacts, incident: Incident) -> tuple[str, ...]:
    """The engineers at the desk for this incident now: the people of its plan, else the others.
    Empty outside office hours, unless the plan includes the level always."""
    if not facts.desk_is_open(incident):
        return ()
    for step in find_desks(facts.line, incident):
        people = find_people(step, facts, incident.language)
        if people:
            return people
    return ()


def leave_queue(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Leave the queue: nobody waits on the phone. The desk gets a message now, or when it opens."""
    draft = draft.with_incident(queued_at=None).with_escalation(
        candidates=(), missed=(), next_phones=()
    )
    draft = draft.note(JournalEvent.LATER, why)
    if draft.the_incident.state is not IncidentState.OPEN:
        return set_phase(draft, EscalationPhase.OVER)
    opens = draft.facts.desk_opens(draft.the_incident)
    if find_desk(draft.facts.line, draft.the_incident) is None or opens is None:
        return set_phase(draft, EscalationPhase.QUIET)
    return check_after(
        set_phase(draft, EscalationPhase.LATER), max(opens - draft.facts.now, dt.timedelta(0))
    )


def tell_without_ringing(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Nobody is rung for what came in writing: the desk is told. Without a desk, the first people
    on call get a text."""
    draft = leave_queue(draft, why)
    if draft.the_incident.escalation.phase is EscalationPhase.QUIET:
        return steps.notify_quietly(draft)
    return draft


def leave_unstaffed(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Leave the queue: nobody is at the desk. A waiting caller hears that, and the choices.

    A caller who is leaving a message, or confirms level 1, is not interrupted.
    """
    draft = leave_queue(draft, why)
    if draft.call is not None and draft.call.stage is Stage.WAITING:
        return tell_later(draft, Preamble.DESK_CLOSED)
    return draft


def notify_desk(draft: DecisionDraft) -> DecisionDraft:
    """Tell everybody at the open desk what waits. Try again later when nobody is there."""
    incident = draft.the_incident
    if incident.state is not IncidentState.OPEN:
        return draft
    for person in find_staff(draft.facts, incident):
        engineer = draft.facts.line.engineer(person)
        if engineer is not None:
            draft = page_engineer(draft, engineer)
    told = len(draft.the_incident.pages) > len(incident.pages)
    later = _next_check(draft.facts, incident, told=told)
    return check_after(set_phase(draft, EscalationPhase.LATER), later)


def set_phase(draft: DecisionDraft, doing: EscalationPhase) -> DecisionDraft:
    """Change the phase. Older timers have no effect."""
    escalation = draft.the_incident.escalation
    return draft.with_escalation(phase=doing, mark=escalation.mark + 1, resumes_at=None)


def check_after(draft: DecisionDraft, after: dt.timedelta) -> DecisionDraft:
    """Check the position again later."""
    incident = draft.the_incident
    return draft.do(jobs.ContinueEscalation(incident.key, incident.escalation.mark), after)


def _next_check(facts: DecisionFacts, incident: Incident, *, told: bool) -> dt.timedelta:
    """When the desk is notified again: on the next working day if it was ``told``. Otherwise in
    fifteen minutes, or when it opens, because a timer may fire early by another clock."""
    if told:
        return _until_opening(facts, incident, dt.timedelta(hours=12))
    if facts.desk_is_open(incident):
        return NOTIFY_AGAIN_AFTER
    return _until_opening(facts, incident)

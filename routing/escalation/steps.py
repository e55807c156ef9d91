"""The escalation of an incident: steps, passes, the last resort, and the next round."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing.draft import DecisionDraft
from routing.escalation.queue_position import wants_callback
from routing.escalation.ringing import (
    end_long_waits,
    holds_up,
    is_spent,
    make_candidate,
    ring_next,
    set_wait_timer,
    stop,
    text_again,
)
from routing.incident import Candidate, EscalationPhase, IncidentKind, IncidentState
from routing.jobs import HuntOn
from routing.journal import JournalEvent
from routing.line import LAST_RESORT
from routing.oncall.policy import called_up, escalation_for, next_step, people_of, ring_for
from routing.page import Page


def begin(draft: DecisionDraft, first: str | None = None) -> DecisionDraft:
    """Start a round. The engineer who had the caller before is rung first."""
    hunt = draft.the_incident.hunt
    draft = draft.with_hunt(
        doing=EscalationPhase.STEPS,
        round=hunt.round + 1,
        pass_=1,
        step=0,
        mark=hunt.mark + 1,
        candidates=(),
        pass_began=draft.facts.now,
        texted=(),
        first=first,
        resumes_at=None,
    )
    if first is None:
        return enter_step(text_again(draft), 1)
    draft = draft.note(JournalEvent.HUNT, f"{first} had this caller before and is rung first")
    return advance(draft.with_hunt(candidates=(make_candidate(draft, first),)))


def advance(draft: DecisionDraft) -> DecisionDraft:
    """Ring each candidate's next phone, and move on when the step has nothing left to wait for."""
    held = draft.the_incident.legs_by_engineer()
    for candidate in draft.the_incident.hunt.candidates:
        if candidate.engineer not in held:
            draft = ring_next(draft, candidate.engineer, ring_time_of(draft, candidate))
    draft = end_long_waits(draft)
    hunt, legs = draft.the_incident.hunt, draft.the_incident.legs_by_engineer()
    people = (c for c in hunt.candidates if not c.beside)
    if not hunt.doing.moving or any(holds_up(draft, c, legs.get(c.engineer)) for c in people):
        return draft
    if hunt.doing is EscalationPhase.LAST_RESORT:
        return rest(draft)
    return enter_step(draft, next_step(draft.facts, draft.the_incident))


def enter_step(draft: DecisionDraft, number: int) -> DecisionDraft:
    """Enter this step of the pass, or end the pass. A step with nobody on call is skipped."""
    incident = draft.the_incident
    steps = escalation_for(draft.facts.line, incident).steps
    for at in range(number, len(steps) + 1):
        people = called_up(steps[at - 1], draft.facts, incident)
        if people:
            return begin_step(draft, at, people)
        draft = draft.note(JournalEvent.SKIPPED, f"step {at}: {incident.hunt.nobody}")
    return end_pass(draft)


def begin_step(draft: DecisionDraft, number: int, people: tuple[str, ...]) -> DecisionDraft:
    """Ring everybody of this step at once. Candidates with phones left from earlier steps stay."""
    hunt = draft.the_incident.hunt
    fresh = (
        *(make_candidate(draft, person) for person in people),
        *find_specialists(draft, people),
    )
    rung = {candidate.engineer for candidate in fresh}
    stay = tuple(c for c in hunt.candidates if c.engineer not in rung and not is_spent(draft, c))
    reason = f"pass {hunt.pass_}, step {number}: on call {', '.join(people)}"
    draft = draft.with_hunt(
        doing=EscalationPhase.STEPS, step=number, mark=hunt.mark + 1, candidates=(*fresh, *stay)
    )
    return advance(set_wait_timer(draft.note(JournalEvent.STEP, reason)))


def end_pass(draft: DecisionDraft) -> DecisionDraft:
    """Begin the next pass if anybody is on call and the policy repeats, else the last resort."""
    incident = draft.the_incident
    hunt, escalation = incident.hunt, escalation_for(draft.facts.line, incident)
    anybody = any(people_of(step, draft.facts, incident.language) for step in escalation.steps)
    if not anybody:
        return ring_last_resort(draft.note(JournalEvent.PASS, "nobody is on call in any step"))
    if hunt.pass_ >= escalation.repeat:
        return ring_last_resort(
            draft.note(JournalEvent.PASS, f"nobody took it in {hunt.pass_} passes")
        )
    took = draft.facts.now - (hunt.pass_began or draft.facts.now)
    least = min(BREATH, sum((step.ring_for for step in escalation.steps), dt.timedelta(0)))
    if abs(took) < least:
        draft = draft.note(
            JournalEvent.PASS, "this pass was over at once; the caller is told before the next"
        )
        return pause(draft, EscalationPhase.BREATH, least - took)
    return begin_pass(draft)


def begin_pass(draft: DecisionDraft) -> DecisionDraft:
    """Go through the steps once more."""
    hunt = draft.the_incident.hunt
    draft = draft.with_hunt(
        doing=EscalationPhase.STEPS,
        pass_=hunt.pass_ + 1,
        step=0,
        pass_began=draft.facts.now,
        resumes_at=None,
    )
    return enter_step(draft.note(JournalEvent.PASS, f"pass {hunt.pass_ + 1} begins"), 1)


def ring_last_resort(draft: DecisionDraft) -> DecisionDraft:
    """Ring the last resort's numbers in their order."""
    hunt = draft.the_incident.hunt
    fresh = (make_candidate(draft, LAST_RESORT), *find_specialists(draft, ()))
    rung = {candidate.engineer for candidate in fresh}
    stay = tuple(c for c in hunt.candidates if c.engineer not in rung and not is_spent(draft, c))
    draft = draft.with_hunt(
        doing=EscalationPhase.LAST_RESORT, step=0, mark=hunt.mark + 1, candidates=(*fresh, *stay)
    )
    return advance(set_wait_timer(draft.note(JournalEvent.LAST_RESORT, "the last resort is rung")))


def end_pause(draft: DecisionDraft) -> DecisionDraft:
    """A pause is over."""
    doing = draft.the_incident.hunt.doing
    if doing is EscalationPhase.BREATH:
        return begin_pass(draft)
    if doing is EscalationPhase.RESTING:
        return begin(draft.note(JournalEvent.ROUND, "the pause is over: everybody is tried again"))
    return end_wait(draft) if doing.moving else draft


def end_wait(draft: DecisionDraft) -> DecisionDraft:
    """End the wait for a busy engineer. A timer that fires early is set again."""
    mark = draft.the_incident.hunt.mark
    draft = advance(draft)
    return set_wait_timer(draft) if draft.the_incident.hunt.mark == mark else draft


def end(draft: DecisionDraft, but: Page | None = None) -> DecisionDraft:
    """Stop the escalation. Ringing legs other than ``but`` end; listening ones are told."""
    hunt = draft.the_incident.hunt
    passed = tuple(c for c in hunt.candidates if c.passed and c.until)  # in the row it is kept
    draft = draft.with_hunt(
        doing=EscalationPhase.OVER,
        mark=hunt.mark + 1,
        candidates=passed,
        missed=(),
        left=(),
        reminded=0,
        resumes_at=None,
    )
    for leg in draft.the_incident.legs():
        if but is None or leg.id != but.id:
            draft = stop(draft, leg)
    return watch_contact(draft)


# The escalation pauses between two passes, and between two rounds.


BREATH = dt.timedelta(seconds=10)
"""The shortest pass, unless its steps are shorter. The caller hears that the line tries again."""


def rest(draft: DecisionDraft) -> DecisionDraft:
    """Everybody was tried. The next round begins after `again_after`."""
    again_after = draft.facts.line.paging.again_after
    draft = draft.note(
        JournalEvent.RESTING,
        f"nobody took it; the next round begins in {again_after.total_seconds():g} s",
    )
    return pause(draft, EscalationPhase.RESTING, again_after)


def watch_contact(draft: DecisionDraft) -> DecisionDraft:
    """Give the engineer who took the incident `reach_within` to reach the customer."""
    incident = draft.the_incident
    promised = incident.hunt.round or wants_callback(incident, draft.call)
    if incident.state is not IncidentState.ACKNOWLEDGED or not promised:
        return draft
    return draft.do(HuntOn(incident.key, incident.hunt.mark), draft.facts.line.paging.reach_within)


def pause(draft: DecisionDraft, doing: EscalationPhase, length: dt.timedelta) -> DecisionDraft:
    """Pause the escalation. The job carries the mark, so that an older pause has no effect."""
    mark = draft.the_incident.hunt.mark + 1
    resumes_at = draft.facts.now + length
    draft = draft.with_hunt(doing=doing, mark=mark, resumes_at=resumes_at, spared=None)
    return draft.do(HuntOn(draft.the_incident.key, mark), length)


# A signature request of level 1 also rings the specialists of the signature desk. No step waits
# for them, and the engineers of each step are rung before them.


def find_specialists(draft: DecisionDraft, people: tuple[str, ...]) -> tuple[Candidate, ...]:
    """The specialists on call whom the step does not ring, when a pass begins."""
    incident, facts = draft.the_incident, draft.facts
    desk = facts.line.signature_desk
    if incident.kind is not IncidentKind.SIGNATURE_REQUEST or desk is None or incident.hunt.step:
        return ()
    called = incident.hunt.willing(people_of(desk, facts, incident.language))
    rung = (make_candidate(draft, person) for person in called if person not in people)
    return tuple(replace(candidate, beside=True) for candidate in rung)


def ring_time_of(draft: DecisionDraft, candidate: Candidate) -> dt.timedelta:
    """How long each phone of this candidate is rung."""
    line = draft.facts.line
    if candidate.beside and line.signature_desk is not None:
        return line.signature_desk.ring_for
    return ring_for(line, draft.the_incident)

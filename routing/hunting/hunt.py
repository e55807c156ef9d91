"""The hunt for somebody who takes an incident: steps, passes, the last resort, and again."""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.hunting.pauses import BREATH, pause, rest, watch
from routing.hunting.ringing import (
    candidate_for,
    holds_up,
    ring_next,
    spent,
    stop,
    text_again,
    wait_on,
    wait_once,
)
from routing.hunting.specialists import beside, rings_for
from routing.incident import Hunting, Page
from routing.line import LAST_RESORT
from routing.schedule.escalation import called_up, escalation_for, next_step, people_of


def begin(draft: Draft, first: str | None = None) -> Draft:
    """Start a round; whoever had the caller before is rung first."""
    hunt = draft.the_incident.hunt
    draft = draft.with_hunt(
        doing=Hunting.STEPS,
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
        return enter(text_again(draft), 1)
    draft = draft.note("hunt", f"{first} had this caller before and is rung first")
    return advance(draft.with_hunt(candidates=(candidate_for(draft, first),)))


def advance(draft: Draft) -> Draft:
    """Ring each candidate's next phone, and move on when the step has nothing left to wait for."""
    held = draft.the_incident.legs_by_engineer()
    for candidate in draft.the_incident.hunt.candidates:
        if candidate.engineer not in held:
            draft = ring_next(draft, candidate.engineer, rings_for(draft, candidate))
    draft = wait_once(draft)
    hunt, legs = draft.the_incident.hunt, draft.the_incident.legs_by_engineer()
    people = (c for c in hunt.candidates if not c.beside)
    if not hunt.doing.moving or any(holds_up(draft, c, legs.get(c.engineer)) for c in people):
        return draft
    if hunt.doing is Hunting.LAST_RESORT:
        return rest(draft)
    return enter(draft, next_step(draft.facts, draft.the_incident))


def enter(draft: Draft, number: int) -> Draft:
    """Go to this step of the pass, or past the last one; steps with nobody are skipped at once."""
    incident = draft.the_incident
    steps = escalation_for(draft.facts.line, incident).steps
    for at in range(number, len(steps) + 1):
        people = called_up(steps[at - 1], draft.facts, incident)
        if people:
            return begin_step(draft, at, people)
        draft = draft.note("skipped", f"step {at}: {incident.hunt.nobody}")
    return end_pass(draft)


def begin_step(draft: Draft, number: int, people: tuple[str, ...]) -> Draft:
    """Ring everybody of this step at once; who still has phones left from before stays in."""
    hunt = draft.the_incident.hunt
    fresh = (*(candidate_for(draft, person) for person in people), *beside(draft, people))
    rung = {candidate.engineer for candidate in fresh}
    stay = tuple(c for c in hunt.candidates if c.engineer not in rung and not spent(draft, c))
    reason = f"pass {hunt.pass_}, step {number}: on call {', '.join(people)}"
    draft = draft.with_hunt(
        doing=Hunting.STEPS, step=number, mark=hunt.mark + 1, candidates=(*fresh, *stay)
    )
    return advance(wait_on(draft.note("step", reason)))


def end_pass(draft: Draft) -> Draft:
    """Begin the next pass if there was anybody and the file asks for one, else the last resort."""
    incident = draft.the_incident
    hunt, escalation = incident.hunt, escalation_for(draft.facts.line, incident)
    anybody = any(people_of(step, draft.facts, incident.language) for step in escalation.steps)
    if not anybody:
        return last_resort(draft.note("pass", "nobody is on call in any step"))
    if hunt.pass_ >= escalation.repeat:
        return last_resort(draft.note("pass", f"nobody took it in {hunt.pass_} passes"))
    took = draft.facts.now - (hunt.pass_began or draft.facts.now)
    least = min(BREATH, sum((step.ring_for for step in escalation.steps), dt.timedelta(0)))
    if abs(took) < least:
        draft = draft.note("pass", "this pass was over at once; the caller is told before the next")
        return pause(draft, Hunting.BREATH, least - took)
    return next_pass(draft)


def next_pass(draft: Draft) -> Draft:
    """Go through the steps once more."""
    hunt = draft.the_incident.hunt
    draft = draft.with_hunt(
        doing=Hunting.STEPS,
        pass_=hunt.pass_ + 1,
        step=0,
        pass_began=draft.facts.now,
        resumes_at=None,
    )
    return enter(draft.note("pass", f"pass {hunt.pass_ + 1} begins"), 1)


def last_resort(draft: Draft) -> Draft:
    """Ring the last resort's numbers in their order."""
    hunt = draft.the_incident.hunt
    fresh = (candidate_for(draft, LAST_RESORT), *beside(draft, ()))
    rung = {candidate.engineer for candidate in fresh}
    stay = tuple(c for c in hunt.candidates if c.engineer not in rung and not spent(draft, c))
    draft = draft.with_hunt(
        doing=Hunting.LAST_RESORT, step=0, mark=hunt.mark + 1, candidates=(*fresh, *stay)
    )
    return advance(wait_on(draft.note("last_resort", "the last resort is rung")))


def go_on(draft: Draft) -> Draft:
    """A pause is over."""
    doing = draft.the_incident.hunt.doing
    if doing is Hunting.BREATH:
        return next_pass(draft)
    if doing is Hunting.RESTING:
        return begin(draft.note("round", "the pause is over: everybody is tried again"))
    return wait_is_over(draft) if doing.moving else draft


def wait_is_over(draft: Draft) -> Draft:
    """Somebody busy has been waited for; told a moment early, by another clock, it is told anew."""
    mark = draft.the_incident.hunt.mark
    draft = advance(draft)
    return wait_on(draft) if draft.the_incident.hunt.mark == mark else draft


def end(draft: Draft, but: Page | None = None) -> Draft:
    """Stop hunting; ringing legs other than ``but`` are cancelled, listening ones are told."""
    hunt = draft.the_incident.hunt
    passed = tuple(c for c in hunt.candidates if c.passed and c.until)  # in the row it is kept
    draft = draft.with_hunt(
        doing=Hunting.OVER,
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
    return watch(draft)

"""The escalation of an incident: steps, passes, the last resort, and the next round.

A level 1 that may not ring anybody gets quiet notices instead. A flood of such calls must not
become a flood of texts, and no incident may stay unknown. The first call is announced by a text at
once. Each later one has a job that is due fifteen minutes after that text: the first of these jobs
writes one message about all of them, and the others find their incident in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from routing import jobs
from routing.draft import DecisionDraft
from routing.escalation import queue_position, ringing
from routing.facts import QUIET_NOTICE, DecisionFacts
from routing.incident import Candidate, EscalationPhase, Incident, IncidentKind, IncidentState
from routing.journal import JournalEvent
from routing.line import LAST_RESORT, Escalation
from routing.message import UNRUNG, Message
from routing.notify import messages, replying
from routing.oncall.policy import (
    find_escalation,
    find_next_step,
    find_people,
    find_people_to_ring,
    find_ring_time,
    name_step,
)


def begin(draft: DecisionDraft, first: str | None = None) -> DecisionDraft:
    """Start a round. The engineer who had the caller before is rung first."""
    escalation = draft.the_incident.escalation
    draft = draft.with_escalation(
        phase=EscalationPhase.STEPS,
        round=escalation.round + 1,
        pass_=1,
        step=0,
        mark=escalation.mark + 1,
        candidates=(),
        pass_began=draft.facts.now,
        texted=(),
        first=first,
        resumes_at=None,
    )
    if first is None:
        return enter_step(ringing.text_again(draft), 1)
    draft = draft.note(JournalEvent.HUNT, f"{first} had this caller before and is rung first")
    return advance(draft.with_escalation(candidates=(ringing.make_candidate(draft, first),)))


def advance(draft: DecisionDraft) -> DecisionDraft:
    """Ring each candidate's next phone. Enter the next step when this one waits for nobody."""
    held = draft.the_incident.legs_by_engineer()
    for candidate in draft.the_incident.escalation.candidates:
        if candidate.engineer not in held:
            draft = ringing.ring_next(draft, candidate.engineer, ring_time_of(draft, candidate))
    draft = ringing.end_long_waits(draft)
    escalation, legs = draft.the_incident.escalation, draft.the_incident.legs_by_engineer()
    people = (c for c in escalation.candidates if not c.extra)
    if not escalation.phase.moving or any(
        ringing.holds_up(draft, c, legs.get(c.engineer)) for c in people
    ):
        return draft
    if escalation.phase is EscalationPhase.LAST_RESORT:
        return rest(draft)
    return enter_step(draft, find_next_step(draft.facts, draft.the_incident))


def enter_step(draft: DecisionDraft, number: int) -> DecisionDraft:
    """Enter this step of the pass, or end the pass. A step with nobody on call is skipped."""
    incident = draft.the_incident
    steps = find_escalation(draft.facts.line, incident).steps
    for at in range(number, len(steps) + 1):
        people = find_people_to_ring(steps[at - 1], draft.facts, incident)
        if people:
            return begin_step(draft, at, people)
        draft = draft.note(JournalEvent.SKIPPED, f"step {at}: {incident.escalation.nobody}")
    return end_pass(draft)


def begin_step(draft: DecisionDraft, number: int, people: tuple[str, ...]) -> DecisionDraft:
    """Ring everybody of this step at once. Candidates with phones left from earlier steps stay."""
    escalation = draft.the_incident.escalation
    fresh = (
        *(ringing.make_candidate(draft, person) for person in people),
        *find_specialists(draft, people),
    )
    rung = {candidate.engineer for candidate in fresh}
    stay = tuple(
        c
        for c in escalation.candidates
        if c.engineer not in rung and not ringing.is_spent(draft, c)
    )
    step = name_step(draft.facts.line, draft.the_incident, number)
    reason = f"pass {escalation.pass_}, {step}: on call {', '.join(people)}"
    draft = draft.with_escalation(
        phase=EscalationPhase.STEPS,
        step=number,
        mark=escalation.mark + 1,
        candidates=(*fresh, *stay),
    )
    return advance(ringing.set_wait_timer(draft.note(JournalEvent.STEP, reason)))


def change_policy(draft: DecisionDraft, before: Escalation) -> DecisionDraft:
    """Go on by the steps of the plan that was proven while people are rung. Whom its first step
    names is rung now, beside the others; the step under way is not begun again."""
    after = find_escalation(draft.facts.line, draft.the_incident)
    escalation = draft.the_incident.escalation
    if after == before or escalation.phase is not EscalationPhase.STEPS or not escalation.step:
        return draft
    rings, at = [step.ring for step in after.steps], 1
    for step in before.steps[escalation.step - 1 : escalation.step]:  # none: the file was changed
        if step.ring in rings:
            at = rings.index(step.ring) + 1
    draft = draft.with_escalation(step=at)
    incident = draft.the_incident
    known = {*incident.escalation.rung, *(c.engineer for c in incident.escalation.candidates)}
    people = find_people_to_ring(after.steps[0], draft.facts, incident)
    fresh = tuple(ringing.make_candidate(draft, who) for who in people if who not in known)
    draft = draft.with_escalation(candidates=(*incident.escalation.candidates, *fresh))
    named = name_step(draft.facts.line, incident, at)
    draft = draft.note(JournalEvent.STEP, f"goes on as {named} of the plan that is proven now")
    return advance(draft)


def end_pass(draft: DecisionDraft) -> DecisionDraft:
    """Begin the next pass if anybody is on call and the policy repeats, else the last resort."""
    incident = draft.the_incident
    escalation, policy = incident.escalation, find_escalation(draft.facts.line, incident)
    anybody = any(find_people(step, draft.facts, incident.language) for step in policy.steps)
    if not anybody:
        return ring_last_resort(draft.note(JournalEvent.PASS, "nobody is on call in any step"))
    if escalation.pass_ >= policy.repeat:
        return ring_last_resort(
            draft.note(JournalEvent.PASS, f"nobody took it in {escalation.pass_} passes")
        )
    took = draft.facts.now - (escalation.pass_began or draft.facts.now)
    least = min(BREATH, sum((step.ring_for for step in policy.steps), dt.timedelta(0)))
    if abs(took) < least:
        draft = draft.note(
            JournalEvent.PASS, "this pass was over at once; the caller is told before the next"
        )
        return pause(draft, EscalationPhase.BREATH, least - took)
    return begin_pass(draft)


def begin_pass(draft: DecisionDraft) -> DecisionDraft:
    """Go through the steps once more."""
    escalation = draft.the_incident.escalation
    draft = draft.with_escalation(
        phase=EscalationPhase.STEPS,
        pass_=escalation.pass_ + 1,
        step=0,
        pass_began=draft.facts.now,
        resumes_at=None,
    )
    return enter_step(draft.note(JournalEvent.PASS, f"pass {escalation.pass_ + 1} begins"), 1)


def ring_last_resort(draft: DecisionDraft) -> DecisionDraft:
    """Ring the last resort's numbers in their order."""
    escalation = draft.the_incident.escalation
    fresh = (ringing.make_candidate(draft, LAST_RESORT), *find_specialists(draft, ()))
    rung = {candidate.engineer for candidate in fresh}
    stay = tuple(
        c
        for c in escalation.candidates
        if c.engineer not in rung and not ringing.is_spent(draft, c)
    )
    draft = draft.with_escalation(
        phase=EscalationPhase.LAST_RESORT,
        step=0,
        mark=escalation.mark + 1,
        candidates=(*fresh, *stay),
    )
    return advance(
        ringing.set_wait_timer(draft.note(JournalEvent.LAST_RESORT, "the last resort is rung"))
    )


def end_pause(draft: DecisionDraft) -> DecisionDraft:
    """Continue after a pause."""
    doing = draft.the_incident.escalation.phase
    if doing is EscalationPhase.BREATH:
        return begin_pass(draft)
    if doing is EscalationPhase.RESTING:
        return begin(draft.note(JournalEvent.ROUND, "the pause is over: everybody is tried again"))
    if doing.moving:
        return end_wait(draft)
    return draft


def end_wait(draft: DecisionDraft) -> DecisionDraft:
    """End the wait for a busy engineer. A timer that fires early is set again."""
    mark = draft.the_incident.escalation.mark
    draft = advance(draft)
    if draft.the_incident.escalation.mark == mark:
        return ringing.set_wait_timer(draft)
    return draft


def end(draft: DecisionDraft, but: str | None = None) -> DecisionDraft:
    """Stop the escalation. Ringing legs end and listening ones hear why, except the leg ``but``."""
    escalation = draft.the_incident.escalation
    passed = tuple(
        c for c in escalation.candidates if c.passed and c.until
    )  # the desk queue keeps it
    draft = draft.with_escalation(
        phase=EscalationPhase.OVER,
        mark=escalation.mark + 1,
        candidates=passed,
        missed=(),
        next_phones=(),
        reminded=0,
        resumes_at=None,
    )
    for leg in draft.the_incident.legs():
        if leg.id != but:
            draft = ringing.stop(draft, leg)
    return watch_contact(draft)


BREATH = dt.timedelta(seconds=10)
"""The shortest pass, unless its steps are shorter. The caller hears that the line tries again."""


def rest(draft: DecisionDraft) -> DecisionDraft:
    """Pause after everybody was tried. The next round begins after ``again_after``."""
    again_after = draft.facts.line.paging.again_after
    draft = draft.note(
        JournalEvent.RESTING,
        f"nobody took it; the next round begins in {again_after.total_seconds():g} s",
    )
    return pause(draft, EscalationPhase.RESTING, again_after)


def watch_contact(draft: DecisionDraft) -> DecisionDraft:
    """Give the engineer who took the incident ``reach_within`` to reach the customer."""
    incident = draft.the_incident
    promised = incident.escalation.round or queue_position.wants_callback(incident, draft.call)
    if incident.state is not IncidentState.ACKNOWLEDGED or not promised:
        return draft
    timer = jobs.ContinueEscalation(incident.key, incident.escalation.mark)
    return draft.do(timer, draft.facts.line.paging.reach_within)


def pause(draft: DecisionDraft, doing: EscalationPhase, length: dt.timedelta) -> DecisionDraft:
    """Pause the escalation. The job carries the mark, so that an older pause has no effect."""
    mark = draft.the_incident.escalation.mark + 1
    resumes_at = draft.facts.now + length
    draft = draft.with_escalation(phase=doing, mark=mark, resumes_at=resumes_at, spared=None)
    return draft.do(jobs.ContinueEscalation(draft.the_incident.key, mark), length)


def find_specialists(draft: DecisionDraft, people: tuple[str, ...]) -> tuple[Candidate, ...]:
    """The specialists on call whom the step does not ring, when a pass begins. A signature request
    of level 1 rings them too: after the engineers of the step, which does not wait for them."""
    incident, facts = draft.the_incident, draft.facts
    desk = facts.line.signature_desk
    if (
        incident.kind is not IncidentKind.SIGNATURE_REQUEST
        or desk is None
        or incident.escalation.step
    ):
        return ()
    called = incident.escalation.willing(find_people(desk, facts, incident.language))
    rung = (ringing.make_candidate(draft, person) for person in called if person not in people)
    return tuple(replace(candidate, extra=True) for candidate in rung)


def ring_time_of(draft: DecisionDraft, candidate: Candidate) -> dt.timedelta:
    """How long each phone of this candidate is rung."""
    line = draft.facts.line
    if candidate.extra and line.signature_desk is not None:
        return line.signature_desk.ring_for
    return find_ring_time(line, draft.the_incident)


SHOWN = 6
"""The most incident numbers that a notice names, so that the text stays one segment long."""


def notify_quietly(draft: DecisionDraft) -> DecisionDraft:
    """Text the first people on call; within fifteen minutes of such a text, plan a job instead."""
    facts, incident = draft.facts, draft.the_incident
    last = facts.quiet_notice_at()
    if last is not None:
        reason = "the text at the end of these fifteen minutes tells it"
        draft = draft.note(JournalEvent.NO_NOTICE, reason)
        wait = min(last + QUIET_NOTICE - facts.now, QUIET_NOTICE)  # the clock may be set back since
        return draft.do(jobs.ReportUnrung(incident.key), wait)
    for person in first_on_call(facts, incident):
        draft = ringing.text(draft, person)
    if draft.the_incident.pages != incident.pages:
        return draft
    draft = draft.note(JournalEvent.NO_NOTICE, "nobody on call was paged: a message tells it")
    return draft.do(jobs.ReportUnrung(incident.key))


def first_on_call(facts: DecisionFacts, incident: Incident) -> Sequence[str]:
    """The people of the first step in which anybody is on call."""
    steps = find_escalation(facts.line, incident).steps
    found = (find_people(step, facts, incident.language) for step in steps)
    return next((people for people in found if people), ())


def is_unknown(facts: DecisionFacts, incident: Incident) -> bool:
    """True while nobody has this incident and no message was written about it."""
    written = facts.messages_with(UNRUNG, incident.opened_at)
    return _waits(incident) and incident.key not in find_announced(written)


def write_notices(facts: DecisionFacts, incident: Incident) -> tuple[Message, ...]:
    """Write a message to each person about this incident and all others that nobody knows of."""
    found = _find_unknown(facts, incident)
    oldest, line = found[0], facts.line
    numbers = [str(one.number) for one in found]
    shown = " ".join(numbers[:SHOWN])
    if len(numbers) > SHOWN:
        shown += f" +{len(numbers) - SHOWN}"
    values = (
        ("count", len(found)),
        ("numbers", shown),
        ("reply", (replying.explain_accept(line, oldest.number),)),
        ("incidents", " ".join(one.key for one in found)),
    )
    # Two workers at the same moment find the same oldest incident, and write one message.
    news = messages.News(UNRUNG, values, level=1, once=f"unrung {oldest.key}")
    engineers = [line.engineer(person) for person in first_on_call(facts, incident)]
    written = tuple(
        messages.build_message(facts, one, news) for one in engineers if one is not None
    )
    return written or messages.build_manager_messages(facts, news)


def find_announced(notices: Iterable[Message]) -> frozenset[str]:
    """The keys of the incidents that these messages are about."""
    said = (str(dict(message.values).get("incidents", "")) for message in notices)
    return frozenset(key for keys in said for key in keys.split())


def _find_unknown(facts: DecisionFacts, incident: Incident) -> list[Incident]:
    """The incidents that nobody knows of, oldest first. An incident that was texted at once is
    known; this one has a job, so it is not."""
    waiting = [one for one in facts.open_incidents() if _waits(one) and not one.escalation.texted]
    since = min([incident.opened_at, *(one.opened_at for one in waiting)])
    known = find_announced(facts.messages_with(UNRUNG, since))
    found = [one for one in waiting if one.key not in known and one.key != incident.key]
    return sorted([*found, incident], key=lambda one: (one.opened_at, one.number))


def _waits(incident: Incident) -> bool:
    quiet = incident.escalation.phase is EscalationPhase.QUIET and not incident.escalation.rung
    return incident.urgency == 1 and incident.state is IncidentState.OPEN and quiet

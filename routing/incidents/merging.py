"""Two incidents are one matter: one of them, the survivor, goes on for both.

Both are saved in one transaction. The merged incident is closed and points to the survivor, which
has one clock, one place in the contract year and one owner. A caller who waits on the merged one,
and an engineer who is on the telephone about it, go on under the survivor without hearing of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing import jobs
from routing.call import Call
from routing.decision import Case
from routing.draft import DecisionDraft, set_callback_from_call
from routing.escalation import desk_queue, recall, ringing, steps, taking
from routing.events import Merged
from routing.incident import ClockState, EscalationPhase, Incident, IncidentState
from routing.incidents import lifecycle, response_clock
from routing.journal import JournalEvent
from routing.notify import customer, messages


def why_not_merged(merged: Case, into: Case | None) -> str | None:
    """The key of the sentence that says why this incident cannot go on as that one; None when it
    can."""
    incident, survivor = merged.incident, into.incident if into is not None else None
    if incident is None or survivor is None or survivor.line != incident.line:
        return "merge_unknown"
    if survivor.key == incident.key:
        return "merge_itself"
    if incident.merged_into is not None or survivor.merged_into is not None:
        return "merge_merged"
    if IncidentState.CLOSED in (incident.state, survivor.state):
        return "merge_closed"
    if incident.contract not in (None, survivor.contract):
        return "merge_other_contract"
    if incident.kind is not survivor.kind:
        return "merge_other_kind"
    if _are_on_telephone(merged, into):
        return "merge_both_on_telephone"
    return None


def _are_on_telephone(merged: Case, into: Case | None) -> bool:
    """True while two callers or two engineers are on the telephone, or the customer is being
    called: one incident has one of each."""
    cases = [merged, into or Case()]
    calls = [case.call for case in cases]
    incidents = [case.incident for case in cases if case.incident is not None]
    rung = [one.customer_leg for one in incidents if one.customer_leg is not None]
    return (
        all(call is not None and call.live for call in calls)
        or all(one.winner() is not None for one in incidents)
        or any(leg.live for leg in rung)
    )


def merge(draft: DecisionDraft, event: Merged) -> DecisionDraft:
    """The incident goes on as another one."""
    case, incident = draft.facts.case(event.into) or Case(), draft.the_incident
    into = case.incident
    if into is None or why_not_merged(Case(draft.call, incident), case) is not None:
        return draft
    moved = draft.call if draft.call is not None and draft.call.live else None
    before = Case(moved or case.call, into)
    survivor = _add_history(DecisionDraft(draft.facts, before.call, into), incident)
    why = f"incident {incident.number} goes on here, {event.by} by {event.how}"
    survivor = survivor.note(JournalEvent.ABSORBED, why)
    draft, survivor = _move_premium(draft, survivor)
    survivor = _merge_clocks(survivor, incident)
    if moved is not None:
        survivor = _move_call(survivor, moved)
    draft = _close(draft, event, into)
    if _goes_on(incident, into):
        draft, survivor = _move_escalation(draft, survivor, incident)
    else:
        draft = lifecycle.end_escalation(draft)
        # an engineer who wants to call the customer about it is not rung for it any more
        draft = draft.with_escalation(candidates=(), missed=())
        survivor = _join(survivor, incident, event, moved)
    survivor = _tell_owners(survivor, incident, into, event)
    return replace(draft, also=(*draft.also, (before, survivor.decision)))


def _close(draft: DecisionDraft, event: Merged, into: Incident) -> DecisionDraft:
    incident, now = draft.the_incident, draft.facts.now
    draft = draft.with_incident(
        state=IncidentState.CLOSED,
        closed_at=now,
        closed_by=event.by,
        merged_into=into.key,
        queued_at=None,
        clock=replace(
            incident.clock, state=ClockState.STOPPED, strikes=(), mark=incident.clock.mark + 1
        ),
        **lifecycle.NOT_WAITING,
    )
    why = f"goes on as incident {into.number}, {event.by} by {event.how}"
    if event.why:
        why += f": {event.why}"
    draft = draft.note(JournalEvent.MERGED, why)
    return customer.announce_end(draft, into)


def _add_history(draft: DecisionDraft, merged: Incident) -> DecisionDraft:
    """What the survivor knows of both: the more severe level, the calls, what was said and read."""
    into = draft.the_incident
    raised_at = into.raised_at
    if merged.urgency == 1 and into.urgency > 1:
        raised_at = draft.facts.now
    codes = dict(merged.codes) | dict(into.codes)
    rung = tuple(dict.fromkeys((*into.escalation.rung, *merged.escalation.rung)))
    return draft.with_escalation(rung=rung).with_incident(
        merged=(*into.merged, merged.key, *merged.merged),
        urgency=min(into.urgency, merged.urgency),
        raised_at=raised_at,
        calls=(*into.calls, *merged.calls),
        contact=into.contact or merged.contact,
        introduction=into.introduction or merged.introduction,
        matter=into.matter or merged.matter,
        message=into.message or merged.message,
        subject=into.subject or merged.subject,
        products=into.products or merged.products,
        affected_since=into.affected_since or merged.affected_since,
        rings=into.rings or merged.rings,
        codes=tuple(codes.items()),
        proven=tuple(dict.fromkeys((*into.proven, *merged.proven))),
        breached_at=min(filter(None, (into.breached_at, merged.breached_at)), default=None),
    )


def _move_premium(
    draft: DecisionDraft, survivor: DecisionDraft
) -> tuple[DecisionDraft, DecisionDraft]:
    """One matter has one place in the contract year: the survivor's own, or that of the merged
    one. A matter that the staff set to standard has none."""
    merged, into = draft.the_incident, survivor.the_incident
    if not merged.premium:
        return draft, survivor
    if into.counted is not None or into.waived is not None:
        draft = draft.with_incident(premium=False, waived=f"merged into {into.number}")
        return draft.note(JournalEvent.STANDARD, "the survivor counts for both"), survivor
    draft = draft.with_incident(premium=False, counted=None)
    survivor = survivor.with_incident(premium=True, counted=merged.counted)
    return draft, survivor.note(JournalEvent.COUNTED, f"in place of incident {merged.number}")


def _merge_clocks(survivor: DecisionDraft, merged: Incident) -> DecisionDraft:
    """The clock whose response is due first goes on. A clock that runs comes before one that
    waits for the customer, and a response that is given stays given."""
    into = survivor.the_incident
    if merged.clock.state is not ClockState.RUNNING or merged.respond_by is None:
        return survivor
    if into.clock.state is ClockState.STOPPED:
        return survivor
    running = into.clock.state is ClockState.RUNNING and into.respond_by is not None
    if running and (into.respond_by or merged.respond_by) <= merged.respond_by:
        return survivor
    survivor = survivor.with_incident(**lifecycle.NOT_WAITING)
    return response_clock.take_over(survivor, merged)


def _move_call(survivor: DecisionDraft, call: Call) -> DecisionDraft:
    into = survivor.the_incident
    survivor = survivor.with_call(incident=into.key)
    survivor = survivor.with_incident(call=call.id, language=call.language)
    return set_callback_from_call(survivor, call, into.caller)


# The telephones: the escalation of the merged incident goes on for the survivor, or ends.


def _goes_on(merged: Incident, into: Incident) -> bool:
    """True when the merged incident's telephones go on for the survivor: an engineer is on the
    line about it, or is sought for it and for the survivor nobody is."""
    if merged.winner() is not None:
        return True
    unowned = into.state is IncidentState.OPEN or _came_after_response(merged, into)
    if not unowned or into.winner() is not None or into.escalation.phase.seeking:
        return False
    if merged.escalation.phase.seeking:
        return True
    rows = EscalationPhase.ROW
    return merged.escalation.phase is rows and into.escalation.phase is not rows


def _move_escalation(
    draft: DecisionDraft, survivor: DecisionDraft, merged: Incident
) -> tuple[DecisionDraft, DecisionDraft]:
    """The survivor has the escalation and the telephones of the merged incident from now on."""
    survivor = lifecycle.end_escalation(survivor)
    into = survivor.the_incident
    mark = max(merged.escalation.mark, into.escalation.mark) + 1
    rung = into.escalation.rung
    survivor = survivor.with_incident(
        state=_find_state(merged),
        acknowledged_by=merged.acknowledged_by,
        acknowledged_at=merged.acknowledged_at,
        responded_at=None,
        responded_by=None,
        reached=merged.reached,
        reopen_reason=merged.reopen_reason,
        previous_engineer=merged.previous_engineer,
        queued_at=into.queued_at or merged.queued_at,
        escalation=replace(merged.escalation, mark=mark, rung=rung),
        pages=(*into.pages, *merged.legs()),
    )
    draft = draft.with_incident(
        pages=tuple(page for page in merged.pages if not page.live),
        escalation=replace(
            merged.escalation, phase=EscalationPhase.OVER, candidates=(), missed=(), mark=mark
        ),
    )
    return draft, _set_timers(survivor)


def _find_state(merged: Incident) -> IncidentState:
    if merged.acknowledged_by is None:
        return IncidentState.OPEN
    return IncidentState.ACKNOWLEDGED


def _set_timers(survivor: DecisionDraft) -> DecisionDraft:
    """The timers of the merged incident are about that one: set them for the survivor."""
    incident, facts = survivor.the_incident, survivor.facts
    escalation = incident.escalation
    if escalation.phase is EscalationPhase.OVER:
        return steps.watch_contact(survivor)
    timer = jobs.ContinueEscalation(incident.key, escalation.mark)
    if escalation.resumes_at is not None:
        survivor = survivor.do(timer, max(escalation.resumes_at - facts.now, dt.timedelta(0)))
    elif recall.is_rung_alone(escalation):
        survivor = survivor.do(timer, recall.ALONE_FOR)
    else:
        survivor = ringing.set_wait_timer(survivor)
    if escalation.phase is EscalationPhase.ROW:
        survivor = survivor.do(jobs.ServeDesk(incident.line))
    engineer, since = incident.acknowledged_by, incident.acknowledged_at
    if engineer is not None and since is not None:
        due = jobs.CheckKeyDeadline(incident.key, engineer, since)
        survivor = survivor.do(due, taking.KEPT_WITHIN)
    return survivor


def _join(
    survivor: DecisionDraft, merged: Incident, event: Merged, moved: Call | None
) -> DecisionDraft:
    """The telephones of the merged incident have ended. Its owner, its caller and its level are
    the survivor's."""
    before = survivor.the_incident
    if _came_after_response(merged, before):
        survivor = recall.reopen(survivor, "it was reported again after the response")
        survivor = _tell_desk(survivor)
    owner = merged.acknowledged_by
    if owner is not None and survivor.the_incident.state is IncidentState.OPEN:
        survivor = taking.acknowledge(survivor, owner, event.how)
        if survivor.the_incident.escalation.phase is EscalationPhase.OVER:
            survivor = survivor.with_incident(reached=merged.reached)  # nobody waits for a key
    call = survivor.call
    raised = merged.urgency == 1 and survivor.the_incident.raised_at == survivor.facts.now
    if call is not None and call.holds and (moved or raised):
        return _serve_caller(survivor)
    if raised and survivor.the_incident.escalation.phase is EscalationPhase.QUIET:
        return _tell_desk(survivor)
    return survivor


def _tell_desk(survivor: DecisionDraft) -> DecisionDraft:
    """Nobody waits at the telephone: the desk is told, and of a level 1 somebody in any case."""
    why = "nobody waits at the telephone: the desk is told"
    if survivor.the_incident.state is not IncidentState.OPEN:
        return survivor
    if survivor.the_incident.urgency == 1:
        return desk_queue.tell_without_ringing(survivor, why)
    return desk_queue.leave_queue(survivor, why)


def _came_after_response(merged: Incident, into: Incident) -> bool:
    if into.state is not IncidentState.RESPONDED or merged.state is IncidentState.RESPONDED:
        return False
    return merged.opened_at > (into.responded_at or merged.opened_at)


def _serve_caller(survivor: DecisionDraft) -> DecisionDraft:
    """Somebody holds the line: they are connected as a caller who calls again is."""
    incident = survivor.the_incident
    winner = incident.winner()
    if incident.urgency == 1:
        return recall.put_through(survivor)
    if winner is not None:
        return recall.send_to_caller(survivor, winner)
    if incident.escalation.phase is EscalationPhase.ROW:
        return desk_queue.return_to_queue(survivor)
    return taking.start(survivor)


def _tell_owners(
    survivor: DecisionDraft, merged: Incident, into: Incident, event: Merged
) -> DecisionDraft:
    """Tell an engineer who has it no more, and one who has more than they knew."""
    owner = survivor.the_incident.acknowledged_by
    told = []
    if merged.acknowledged_by != owner:
        told.append((merged.acknowledged_by, "merged_away"))
    if into.acknowledged_by != owner:
        told.append((into.acknowledged_by, "merged_away"))
    told.append((owner, "merged_here"))
    for person, words in told:
        engineer = survivor.facts.line.engineer(person or "")
        if engineer is None or not engineer.phones or engineer.id == event.by:
            continue
        incident = survivor.the_incident
        news = messages.News(words, (("other", merged.number),), incident.key, incident.urgency)
        letter = messages.build_message(survivor.facts, engineer, news)
        survivor = messages.send_message(survivor, letter)
    return survivor

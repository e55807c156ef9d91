"""The customer calls again about an incident. The engineer who has it comes first."""

from __future__ import annotations

import datetime as dt

from routing import drill, jobs
from routing.draft import DecisionDraft
from routing.escalation import desk_queue, queue_position, steps, taking
from routing.incident import EscalationPhase, EscalationState, IncidentState, ReopenReason
from routing.journal import JournalEvent
from routing.line import LAST_RESORT
from routing.notify import messages, replying, text_codes
from routing.oncall.policy import find_next_step, name_of
from routing.page import LegState, Page

ALONE_FOR = dt.timedelta(seconds=45)
"""How long the engineer who has the incident is rung alone, before the escalation goes on."""


def put_through(draft: DecisionDraft) -> DecisionDraft:
    """Find an engineer for the waiting customer: the one on the line, the one who has the incident,
    or the escalation."""
    incident = draft.the_incident
    winner, engineer = incident.winner(), incident.acknowledged_by
    if winner is not None:
        return send_to_caller(draft, winner)
    if engineer is not None:
        draft = reopen(draft, f"the customer calls again, {engineer} has it and is rung first")
        return begin_with(draft, engineer)
    draft = draft.with_incident(reopen_reason=ReopenReason.CALLED_AGAIN)
    if incident.escalation.phase.moving or incident.escalation.phase is EscalationPhase.BREATH:
        return draft.note(JournalEvent.SERVED, "the escalation under way is also for this caller")
    return steps.begin(
        draft.note(JournalEvent.ROUND, "the customer waits again: everybody is tried at once")
    )


def begin_with(draft: DecisionDraft, first: str | None) -> DecisionDraft:
    """Begin the escalation. The first engineer is rung alone for a while."""
    draft = steps.begin(draft, first)
    incident = draft.the_incident
    alone = jobs.ContinueEscalation(incident.key, incident.escalation.mark)
    if first is None:
        return draft
    return draft.do(alone, ALONE_FOR)


def take_back(draft: DecisionDraft) -> tuple[DecisionDraft, str | None]:
    """Reopen an incident that became level 1. In office hours its engineer is rung first. Outside
    them the engineer gets a message, and the engineers on call are rung."""
    incident = draft.the_incident
    who = incident.acknowledged_by
    if incident.state is IncidentState.OPEN or who is None:
        return draft, None
    at_work = draft.facts.office_open and draft.facts.line.engineer(who) is not None
    reason = f"{who} had it: it is escalated again, as level 1"
    if at_work:
        return reopen(draft, reason), who
    return reopen(notify_engineer(draft), reason), None


def send_to_caller(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Send the engineer who is on the line to the caller. A call to the customer is not cut:
    another person may have answered it. The carrier is asked at once whether the engineer is still
    there, because the callback of a hang-up may be lost or late."""
    draft = draft.with_incident(reopen_reason=ReopenReason.CALLED_AGAIN).do(jobs.CheckLeg(leg.id))
    if leg.state is LegState.CALLING:
        why = f"{leg.engineer} is calling the customer, and is connected after that"
        return draft.note(JournalEvent.CALLS_ALREADY, why, leg.id)
    return connect(draft, leg).do(jobs.RefreshDocument(leg.id))


def connect(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Connect the engineer with the caller who is back. It is a new conversation."""
    state, turn = LegState.CONNECTING, leg.turn + 1
    draft = draft.with_page(leg, state=state, turn=turn, rounds=0, became=None, back=True)
    draft = draft.with_call(answered_by=leg.engineer, answered_at=draft.facts.now)
    reason = f"{leg.engineer} goes to the customer who is back"
    return taking.end_message(draft).note(JournalEvent.CONNECTING, reason, leg.id)


def reopen(
    draft: DecisionDraft, why: str, reason: ReopenReason = ReopenReason.CALLED_AGAIN
) -> DecisionDraft:
    """Take the incident from its engineer and open it again."""
    before = draft.the_incident.acknowledged_by
    return taking.clear_acknowledgement(draft, reason, before).note(JournalEvent.REOPENED, why)


def give_back(
    draft: DecisionDraft, why: str, reason: ReopenReason = ReopenReason.CALLED_AGAIN
) -> DecisionDraft:
    """Open the incident again for the engineer who is still on the telephone about it."""
    draft = draft.with_incident(
        state=IncidentState.ACKNOWLEDGED,
        responded_at=None,
        responded_by=None,
        reopen_reason=reason,
    )
    return draft.note(JournalEvent.REOPENED, why)


def is_rung_alone(escalation: EscalationState) -> bool:
    """True while one engineer is rung first, and no step has begun."""
    return (
        escalation.phase is EscalationPhase.STEPS
        and escalation.first is not None
        and escalation.step == 0
    )


def ring_others_too(draft: DecisionDraft) -> DecisionDraft:
    """Go on with the escalation, from the first step that has another engineer."""
    incident = draft.the_incident
    draft = draft.note(
        JournalEvent.BESIDE, f"no key from {incident.escalation.first}: others are rung too"
    )
    return steps.enter_step(draft, find_next_step(draft.facts, incident))


def notify_engineer(draft: DecisionDraft) -> DecisionDraft:
    """Tell the engineer who has the incident that the customer called again."""
    incident, facts = draft.the_incident, draft.facts
    who = facts.line.engineer(incident.acknowledged_by or "")
    if who is None or not who.phones:
        return draft.note(JournalEvent.NOBODY_TOLD, "nobody has it who could be told")
    news = messages.News("called_again", (), incident.key, incident.urgency)
    message = messages.build_message(facts, who, news)
    draft = draft.write(message, message.at - facts.now)
    return draft.note(JournalEvent.TOLD, f"{who.id} is told that the customer has called again")


REMINDERS = 2
"""How many reminders of a callback are sent."""

ASK_AGAIN = dt.timedelta(minutes=1)
"""How long no reminder is sent to an engineer who is on the line about the incident."""


def handle_timer(draft: DecisionDraft) -> DecisionDraft:
    """A pause is over, a queue position is due, or the time to reach the customer has passed."""
    incident, escalation = draft.the_incident, draft.the_incident.escalation
    match escalation.phase:
        case EscalationPhase.OVER:
            return escalate_overdue(draft)
        case EscalationPhase.ROW:
            return desk_queue.check_position(draft)
        case EscalationPhase.LATER:
            return desk_queue.notify_desk(draft)
    if is_rung_alone(escalation):
        return ring_others_too(draft)
    if drill.is_waking(incident.line) and escalation.phase is EscalationPhase.RESTING:
        return end_drill(draft)
    return steps.end_pause(draft)


def end_drill(draft: DecisionDraft) -> DecisionDraft:
    """End a drill: everybody was rung once."""
    draft = draft.with_incident(
        state=IncidentState.CLOSED, closed_at=draft.facts.now, closed_by=drill.PERSON
    )
    return steps.end(draft.note(JournalEvent.DRILL_OVER, "everybody was rung once"))


def escalate_overdue(draft: DecisionDraft) -> DecisionDraft:
    """Escalate again: the customer was not reached, and no engineer is on the line about it."""
    incident = draft.the_incident
    if incident.state is not IncidentState.ACKNOWLEDGED or incident.reached:
        return draft
    if incident.winner() is not None:
        return draft.do(jobs.ContinueEscalation(incident.key, incident.escalation.mark), ASK_AGAIN)
    if incident.urgency > 1:
        return remind_of_callback(draft)
    who = incident.acknowledged_by or LAST_RESORT
    if text_codes.lacks_proof(incident, who):
        draft = draft.with_incident(lapsed=tuple(dict.fromkeys((*incident.lapsed, who))))
    within = draft.facts.line.paging.reach_within.total_seconds()
    draft = taking.clear_acknowledgement(draft, ReopenReason.OVERDUE, who)
    why = f"{who} had it and did not say within {within:g} s that the customer was reached"
    return steps.begin(draft.note(JournalEvent.REOPENED, why))


def remind_of_callback(draft: DecisionDraft) -> DecisionDraft:
    """Remind the engineer, in office hours, of a callback that is not recorded. The second and last
    reminder also goes to the duty manager."""
    incident, facts = draft.the_incident, draft.facts
    again = jobs.ContinueEscalation(incident.key, incident.escalation.mark)
    opens = facts.office_opens()
    if not queue_position.wants_callback(incident, draft.call):
        return draft
    if opens is not None and not facts.office_open:
        return draft.do(again, opens - facts.now)
    draft = remind(draft.with_escalation(reminded=incident.escalation.reminded + 1))
    if incident.escalation.reminded + 1 < REMINDERS:
        return draft.do(again, facts.line.paging.reach_within)
    return remind_manager(draft)


def remind(draft: DecisionDraft) -> DecisionDraft:
    """Send a reminder to the engineer who has the incident."""
    incident, line = draft.the_incident, draft.facts.line
    engineer = line.engineer(incident.acknowledged_by or "")
    if engineer is None:
        return draft.note(JournalEvent.NOBODY_TOLD, "nobody has it who could be reminded")
    values = (("reply", (replying.explain_done(line, incident.number, None),)),)
    news = messages.News("call_back_due", values, incident.key, incident.urgency)
    why = f"{engineer.id} is reminded: no word that the customer was called back"
    message = messages.build_message(draft.facts, engineer, news)
    return messages.send_message(draft, message).note(JournalEvent.REMINDED, why)


def remind_manager(draft: DecisionDraft) -> DecisionDraft:
    """Send the reminder to the duty manager, too."""
    incident, line = draft.the_incident, draft.facts.line
    who = name_of(line, incident.acknowledged_by) or "?"
    news = messages.News("call_back_due_had", (("name", who),), incident.key, incident.urgency)
    for message in messages.build_manager_messages(draft.facts, news):
        draft = messages.send_message(draft, message)
    return draft

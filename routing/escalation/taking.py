"""An engineer takes an incident, and the carrier connects caller and engineer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing import events, jobs
from routing.call import OUTSIDE_QUEUE, Call, CallOutcome, Stage
from routing.contracts import premium
from routing.draft import DecisionDraft, park
from routing.escalation import desk_queue, queue_position, ringing, steps
from routing.incident import EscalationPhase, Incident, IncidentState, ReopenReason
from routing.journal import JournalEvent
from routing.message import FORGEABLE, Via
from routing.notify.text_codes import lacks_proof, mark_proven
from routing.page import LegState, Page, PageResult, TalkOutcome, WrapUpChoice

CONNECT_TRIES = 3
"""How often an engineer is sent to the queue of a caller who still waits by our record."""


def is_taken_by_other(incident: Incident, leg: Page) -> bool:
    """True when another leg's key won while this one listened."""
    winner = incident.winner()
    if winner is not None:
        return winner.id != leg.id
    if incident.state in (IncidentState.RESPONDED, IncidentState.CLOSED):
        return True
    over = incident.escalation.phase is EscalationPhase.OVER
    return over and incident.acknowledged_by != leg.engineer


def take(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """The first key wins. The escalation ends, and the engineer is connected or calls back."""
    call, now = draft.call, draft.facts.now
    draft = draft.with_page(
        leg,
        result=PageResult.ACCEPTED,
        state=_choose_state(draft),
        turn=leg.turn + 1,
        rounds=0,
        slips=0,
    )
    draft = draft.with_incident(
        state=IncidentState.ACKNOWLEDGED, acknowledged_by=leg.engineer, acknowledged_at=now
    )
    if draft.the_incident.escalation.spared == leg.engineer:
        draft = draft.with_escalation(spared=None)
    draft = draft.note(JournalEvent.ACCEPTED, f"{leg.engineer} pressed the key first", leg.id)
    if call is not None and call.holds:
        if call.stage is Stage.RETURNING:
            draft = park(draft.with_call(bridged=False))
        draft = end_message(draft.with_call(answered_by=leg.engineer, answered_at=now))
    draft = mark_proven(draft, leg.engineer)
    return steps.end(premium.count_incident(draft), but=leg.id)


def _choose_state(draft: DecisionDraft) -> LegState:
    """The state of the leg after the key: connect, call the customer, or offer to call."""
    if draft.call is not None and draft.call.holds:
        return LegState.CONNECTING
    if queue_position.is_called_back_next(draft.the_incident, draft.call):
        return LegState.CALLING
    return LegState.OFFERED


def end_message(draft: DecisionDraft) -> DecisionDraft:
    """End what the caller is saying, so that the engineer need not wait."""
    call = draft.the_call
    if not can_be_brought(call):
        return draft
    return draft.do(jobs.EndMessage(call.id, call.turn))


def can_be_brought(call: Call) -> bool:
    """True for a caller who holds, and whom the carrier can bring to the queue from what they are
    saying. The answer to the confirmation of level 1 is waited for."""
    return call.holds and call.stage in OUTSIDE_QUEUE and call.stage is not Stage.CONFIRM


def begin_talk(draft: DecisionDraft, leg: Page, event: events.LegConnected) -> DecisionDraft:
    """The carrier connects caller and engineer."""
    if leg.state is not LegState.CONNECTING or draft.call is None or not draft.call.live:
        return draft
    draft = draft.with_page(leg, state=LegState.TALKING)
    if draft.call is not None and draft.call.stage is Stage.RETURNING:
        return draft  # this event is late: the conversation is over already
    draft = draft.with_call(stage=Stage.BRIDGED, bridged=True, fate=CallOutcome.CONNECTED)
    draft = draft.with_incident(reached=True)
    return draft.note(JournalEvent.BRIDGED, "caller and engineer are connected", leg.id)


def end_talk(draft: DecisionDraft, leg: Page, event: events.LegParted) -> DecisionDraft:
    """End the connection: they have talked, or the caller had left the queue."""
    if event.turn != leg.turn or not leg.won:
        return draft
    if leg.state is LegState.ENDED and event.bridged:
        return count_connected(draft, leg)
    if leg.state is LegState.TALKING or (leg.state is LegState.CONNECTING and event.bridged):
        return finish_talk(draft, leg)
    if leg.state is LegState.CONNECTING:
        return retry_connection(draft, leg)
    return draft


def finish_talk(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Record the conversation. The carrier is asked whether the caller is still there."""
    call, turn = draft.call, leg.turn + 1
    became = TalkOutcome.TALKED
    draft = draft.with_page(leg, state=LegState.CLOSING, turn=turn, rounds=0, became=became)
    if call is not None and not call.bridged:
        draft = draft.with_call(bridged=True, fate=CallOutcome.CONNECTED)
        draft = count_connected(draft, leg)
    draft = draft.with_incident(reached=True)
    draft = draft.note(JournalEvent.PARTED, "the conversation is over", leg.id)
    if call is None or not call.live:
        return draft
    return draft.do(jobs.CheckCall(call.id))


def retry_connection(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Try again, or give up: the caller hung up, leaves a message, or was not in the queue."""
    call, state = draft.call, LegState.OFFERED
    if leg.became:
        state = LegState.CLOSING
    draft = draft.with_page(leg, state=state, turn=leg.turn + 1, rounds=0)
    if call is None or not call.live:
        reason = "the caller hung up before being connected"
        draft = draft.note(JournalEvent.CALLER_GONE, reason, leg.id)
        if leg.became:
            return draft
        return uncount_connected(draft)
    rescued = call.stage is Stage.RESCUE and not call.bridged
    speaking = rescued or call.stage in OUTSIDE_QUEUE
    if speaking or leg.rounds + 1 < CONNECT_TRIES:
        rounds = leg.rounds + (not speaking)
        draft = draft.with_page(leg, state=LegState.CONNECTING, turn=leg.turn + 1, rounds=rounds)
        reason = "the caller is still there: tried once more"
        return draft.note(JournalEvent.CONNECTING, reason, leg.id)
    if not leg.became:
        draft = draft.with_call(answered_by=None, answered_at=None)
    reason = "the caller could not be reached in the queue"
    return draft.note(JournalEvent.NOT_REACHED, reason, leg.id).do(jobs.CheckCall(call.id))


def accept_late_talk(draft: DecisionDraft) -> DecisionDraft:
    """Record that they were connected, although the carrier's event was lost and the escalation
    restarted."""
    incident, call = draft.the_incident, draft.the_call
    engineer = incident.escalation.first
    if call.answered_by is not None or incident.winner() is not None or engineer is None:
        return draft
    now = draft.facts.now
    draft = draft.with_call(answered_by=engineer, answered_at=now)
    draft = draft.with_incident(
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_by=engineer,
        acknowledged_at=now,
        reached=True,
    )
    draft = mark_proven(draft, engineer)
    return steps.end(
        draft.note(JournalEvent.TALKED, f"{engineer} had talked with the caller after all")
    )


def clear_acknowledgement(
    draft: DecisionDraft, reopen_reason: ReopenReason | None, previous_engineer: str | None
) -> DecisionDraft:
    """Open the incident again: nobody has it any more."""
    return draft.with_escalation(spared=None).with_incident(
        state=IncidentState.OPEN,
        acknowledged_by=None,
        acknowledged_at=None,
        reached=False,
        responded_at=None,
        responded_by=None,
        closed_at=None,
        closed_by=None,
        reopen_reason=reopen_reason,
        previous_engineer=previous_engineer,
        proven=(),
    )


def reopen_for_caller(draft: DecisionDraft, engineer: str, why: str) -> DecisionDraft:
    """Open the incident for a caller who waits again. The engineer who had it is rung first, or
    beside those who are rung already because a colleague of the caller has raised it."""
    raised = draft.the_incident.escalation.phase.seeking
    draft = clear_acknowledgement(draft, None, None)
    if draft.the_call.fate is not CallOutcome.CONNECTED:
        draft = draft.with_call(answered_by=None, answered_at=None)
    draft = draft.note(JournalEvent.REOPENED, f"{engineer} {why}")
    if not raised:
        return start(draft, first=engineer)
    if draft.facts.line.engineer(engineer) is None:
        return draft
    return include(draft, engineer)


def include(draft: DecisionDraft, person: str, *, asked: bool = False) -> DecisionDraft:
    """Ring this engineer now, in addition to the current candidates."""
    candidates = draft.the_incident.escalation.candidates
    waiting = [c for c in candidates if c.engineer == person and not ringing.is_spent(draft, c)]
    rung = waiting or [ringing.make_candidate(draft, person)]
    rung = [replace(candidate, asked=asked or candidate.asked) for candidate in rung]
    kept = tuple(c for c in candidates if c.engineer != person)
    return steps.advance(draft.with_escalation(candidates=(*kept, *rung)))


def ring_freed(draft: DecisionDraft, holder: str) -> DecisionDraft:
    """Ring an engineer, or a number of the last resort, that was busy when it was their turn.

    They are not waited for again if they ring for another incident by now: the escalation would
    be held up for as long as others want them.
    """
    escalation = draft.the_incident.escalation
    person = holder.partition(" ")[0]
    if holder not in escalation.missed or escalation.phase in (
        EscalationPhase.OVER,
        EscalationPhase.QUIET,
    ):
        return draft
    if holder in draft.facts.busy(draft.the_incident.key):
        return draft
    return include(draft.note(JournalEvent.FREE, f"{person} is free again"), person)


def acknowledge(draft: DecisionDraft, engineer: str, by: Via) -> DecisionDraft:
    """Acknowledge without a key. It ends the paging, but no escalation while a caller waits."""
    if by not in FORGEABLE:
        draft = mark_proven(draft, engineer)
    incident, call = draft.the_incident, draft.call
    if engineer in incident.lapsed and lacks_proof(incident, engineer, by):
        return draft.note(
            JournalEvent.NOT_ACKNOWLEDGED, f"{engineer} did by text before, and reached nobody"
        )
    if incident.state is not IncidentState.OPEN:
        return draft.note(
            JournalEvent.ACKNOWLEDGED_AGAIN, f"{engineer} did by {by}, but it is {incident.state}"
        )
    draft = draft.with_incident(
        state=IncidentState.ACKNOWLEDGED, acknowledged_by=engineer, acknowledged_at=draft.facts.now
    )
    draft = draft.note(JournalEvent.ACKNOWLEDGED, f"{engineer} acknowledged by {by}")
    if not lacks_proof(draft.the_incident, engineer, by):
        draft = premium.count_in_writing(draft)
    if call is not None and call.holds:
        draft = draft.note(JournalEvent.STILL_WAITS, "the caller waits: rung at once")
        return set_key_deadline(include(draft, engineer, asked=True), engineer)
    return steps.end(draft)


KEPT_WITHIN = dt.timedelta(seconds=45)
"""How long a caller waits for the key after an acknowledgement by text or link."""


def set_key_deadline(draft: DecisionDraft, engineer: str) -> DecisionDraft:
    """Set the timer for the key of an engineer who acknowledged while the caller waits."""
    command = jobs.CheckKeyDeadline(draft.the_incident.key, engineer, draft.facts.now)
    return draft.do(command, KEPT_WITHIN)


def end_key_deadline(draft: DecisionDraft, event: events.KeyDeadlinePassed) -> DecisionDraft:
    """Open the incident again: no key came, and the caller still waits."""
    incident, call = draft.the_incident, draft.call
    theirs = (incident.acknowledged_by, incident.acknowledged_at) == (event.engineer, event.since)
    if incident.state is not IncidentState.ACKNOWLEDGED or not theirs:
        return draft  # a key has set a later time
    if call is None or not call.holds:
        return draft
    draft = clear_acknowledgement(draft, incident.reopen_reason, incident.previous_engineer)
    seconds = KEPT_WITHIN.total_seconds()
    why = f"{event.engineer} acknowledged it and pressed no key within {seconds:g} s"
    draft = draft.note(JournalEvent.REOPENED, f"{why}: the caller waits, everybody is rung")
    return resume(draft)


def pass_back(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Pass the incident on from the engineer who has it. The others are rung."""
    if draft.the_incident.acknowledged_by != leg.engineer:
        return draft
    draft = clear_acknowledgement(draft, ReopenReason.HANDED_OVER, leg.engineer)
    draft = draft.with_page(leg, said=WrapUpChoice.HANDED_OVER)
    why = f"{leg.engineer} had it and passes it on: the others are rung first"
    return resume(draft.note(JournalEvent.REOPENED, why, leg.id), spared=leg.engineer)


def resume(draft: DecisionDraft, spared: str | None = None) -> DecisionDraft:
    """Start an escalation where none is running."""
    if draft.the_incident.escalation.phase not in (EscalationPhase.OVER, EscalationPhase.RESTING):
        return draft
    return start(draft.with_escalation(spared=spared))


def count_connected(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Count a call that is over as connected: the event of its conversation came late."""
    call = draft.call
    if call is None or call.outcome is None or call.outcome is CallOutcome.CONNECTED:
        return draft
    return draft.with_call(
        outcome=CallOutcome.CONNECTED,
        fate=CallOutcome.CONNECTED,
        bridged=True,
        answered_by=call.answered_by or leg.engineer,
        answered_at=call.answered_at or draft.facts.now,
    )


def overtake(draft: DecisionDraft) -> DecisionDraft:
    """Make this call the incident's latest. The call before it is checked, because later events of
    the leg are about this call."""
    before, call = draft.the_incident.call, draft.the_call.id
    draft = draft.with_incident(call=call)
    if before in (None, call):
        return draft
    return draft.do(jobs.CheckCall(before))


def uncount_overtaken(draft: DecisionDraft) -> DecisionDraft:
    """Count the earlier call as unanswered: its caller called again before the connection."""
    call, incident = draft.the_call, draft.incident
    if incident is None or incident.call == call.id:
        return draft
    if call.bridged or call.outcome is not CallOutcome.CONNECTED:
        return draft
    return uncount_connected(draft.note(JournalEvent.UNMET, "called again before they were joined"))


def uncount_connected(draft: DecisionDraft) -> DecisionDraft:
    """Count a call that ended without a connection as its fate says, although a key was pressed."""
    call = draft.call
    if call is None or call.bridged or call.outcome is not CallOutcome.CONNECTED:
        return draft
    outcome = call.fate or CallOutcome.ABANDONED
    return draft.with_call(outcome=outcome, answered_by=None, answered_at=None)


def start(draft: DecisionDraft, first: str | None = None) -> DecisionDraft:
    """Escalate level 1, ringing the ``first`` engineer before others; other levels wait for the
    desk."""
    incident = draft.the_incident
    if incident.urgency == 1:
        return steps.begin(draft, first)
    if desk_queue.find_staff(draft.facts, incident):
        return desk_queue.join_queue(draft)
    return desk_queue.leave_unstaffed(draft, "nobody is at the desk now")

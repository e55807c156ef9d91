"""A caller who leaves: the queue, a conversation that is over, or the line altogether."""

from __future__ import annotations

import datetime as dt

from routing.call import Call, CallOutcome, Preamble, Stage
from routing.caller import menus, signature_request, urgency
from routing.caller.last_resort import dial_last_resort
from routing.draft import LONG_OVER, DecisionDraft, ask_was_this_all, park, tell_later
from routing.escalation import steps, taking
from routing.events import CallChecked, CallEnded, Left, LeftQueue, StayedOn
from routing.incident import EscalationPhase
from routing.jobs import CHECK_CALL_AFTER, CheckCall, DeleteQueue, RingBack
from routing.journal import JournalEvent
from routing.line import LAST_RESORT
from routing.page import LegState

QUEUED = (Stage.WAITING, Stage.BRIDGED)


def leave_queue(draft: DecisionDraft, event: LeftQueue) -> DecisionDraft:
    """Handle the carrier's reason for the end of the queue. It may come twice, or late."""
    call = draft.the_call
    if not call.live:
        return draft
    if event.how is Left.HUNG_UP:
        return end_call(draft, CallEnded(call.id))
    if event.turn is not None and event.turn < call.queued:
        return draft
    if event.how is Left.BROKEN and call.stage is Stage.WAITING:
        return dial_last_resort(draft, "the carrier's queue failed")
    if event.how is not Left.BRIDGED or call.stage not in QUEUED:
        return draft
    draft = draft.with_call(bridged=True, fate=CallOutcome.CONNECTED)
    draft = taking.accept_late_talk(draft)
    if draft.the_incident.hunt.spared == call.answered_by is not None:
        return wait_for_next_engineer(draft)
    draft = draft.note(JournalEvent.OTHER_SIDE_LEFT, "the other side hung up first: was this all?")
    return ask_was_this_all(draft)


def wait_for_next_engineer(draft: DecisionDraft) -> DecisionDraft:
    """The engineer has handed the incident over: the caller waits again."""
    draft = draft.with_call(bridged=False).note(JournalEvent.HANDED_OVER, "waits for the next one")
    draft = park(draft)
    if draft.the_incident.hunt.doing is EscalationPhase.LATER:
        return tell_later(draft, Preamble.DESK_CLOSED)
    return draft


def stay_on(draft: DecisionDraft, event: StayedOn) -> DecisionDraft:
    """The caller is still there after five seconds and waits again. The engineer is rung first."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.RETURNING:
        return draft
    winner = draft.the_incident.winner()
    if winner is not None and winner.closes:
        draft = draft.note(
            JournalEvent.STAYS_ON, f"waits while {winner.engineer} says what became of it"
        )
        return park(draft.with_call(bridged=False), Preamble.ENGINEER_DECIDES)
    engineer = call.answered_by or LAST_RESORT
    for leg in draft.the_incident.legs():
        if leg.won:
            draft = draft.with_page(leg, state=LegState.ENDED)
    draft = park(draft.with_call(bridged=False))
    return taking.reopen_for_caller(draft, engineer, "left the conversation, the caller stayed on")


def end_call(draft: DecisionDraft, event: CallEnded) -> DecisionDraft:
    """The call is over. An incident that nobody took is still paged."""
    call, incident = draft.the_call, draft.incident
    if not call.live:
        return draft
    raises = call.stage is Stage.CONFIRM and incident is not None and incident.urgency > 1
    outcome = find_outcome(call, raises=raises, failed=event.failed)
    draft = draft.with_call(stage=Stage.ENDED, left_at=call.stage, outcome=outcome)
    draft = draft.with_call(ended_at=draft.facts.now)
    draft = draft.note(JournalEvent.ENDED, f"the call is over: {outcome}")
    if call.parked_at is not None:
        draft = draft.do(DeleteQueue(call.queue), dt.timedelta(seconds=2))
    if call.rings_back is not None:
        return draft.do(RingBack(call.id))
    if incident is None:
        return menus.decide_after_hang_up(draft)
    if raises:
        why = "says that it is level 1 and hung up when asked to confirm: nobody takes it back"
        return urgency.raise_to_level_1(draft.note(JournalEvent.ABANDONED, why))
    if signature_request.is_before_queue(draft) or urgency.keeps_position(draft):
        return urgency.leave_desk_queue(draft)
    if incident.call != call.id:
        return draft
    return continue_without_caller(draft)


def find_outcome(call: Call, *, raises: bool, failed: bool) -> CallOutcome:
    """What the ended call counts as. A caller who raises the level is no longer just registered."""
    if call.fate is not None and not (raises and call.fate is CallOutcome.REGISTERED):
        return call.fate
    if call.answered_by:
        return CallOutcome.CONNECTED
    return CallOutcome.FAILED if failed else CallOutcome.ABANDONED


def continue_without_caller(draft: DecisionDraft) -> DecisionDraft:
    """What the end of the latest call means for the escalation or the queue of its incident."""
    incident = draft.the_incident
    if incident.hunt.doing is EscalationPhase.OVER:
        return draft
    if incident.acknowledged_by is not None:
        draft = draft.note(
            JournalEvent.HUNT_OVER, f"{incident.acknowledged_by} has acknowledged it by text"
        )
        return steps.end(draft.with_incident(rowed_at=None))
    if incident.hunt.doing in (EscalationPhase.QUIET, EscalationPhase.LATER):
        return draft
    if incident.hunt.doing is EscalationPhase.ROW:
        return urgency.leave_desk_queue(draft)
    return draft.note(JournalEvent.GOES_ON, "nobody took it yet: the incident goes on being paged")


def check_call(draft: DecisionDraft, event: CallChecked) -> DecisionDraft:
    """Handle the carrier's answer about the call. A live call is checked again later."""
    call = draft.the_call
    if not call.live:
        return taking.uncount_overtaken(draft)
    if not event.live:
        found = "the carrier says that the call is over; its word was lost"
        return end_call(draft.note(JournalEvent.FOUND_GONE, found), CallEnded(call.id))
    if call.stage in QUEUED and is_forsaken(draft):
        return ask_was_this_all(
            draft.note(JournalEvent.ALONE, "nobody has or seeks this caller any more")
        )
    asked = call.returned_at or draft.facts.now
    if call.stage is Stage.RETURNING and draft.facts.now - asked >= LONG_OVER:
        draft = draft.note(
            JournalEvent.STILL_THERE, "five seconds are long over and the caller is there"
        )
        draft = stay_on(draft, StayedOn(call.id, call.turn))
    return draft.do(CheckCall(call.id), CHECK_CALL_AFTER)


def is_forsaken(draft: DecisionDraft) -> bool:
    """True when no engineer has the call and none is rung: the carrier's last callback was lost."""
    incident = draft.the_incident
    return incident.hunt.doing is EscalationPhase.OVER and incident.winner() is None

"""A caller who leaves the queue, a conversation or the line, and the last resort.

The last resort is dialled from the caller's own document when the queue failed or the workers do
not act. The person who picks up is asked for a key, because a mailbox may answer.
"""

from __future__ import annotations

import datetime as dt

from routing import events, jobs
from routing.call import Call, CallOutcome, Preamble, Stage
from routing.caller import menus, signature_request, urgency
from routing.contracts import premium
from routing.decision import Case
from routing.draft import LONG_OVER, DecisionDraft, ask, ask_was_this_all, park, tell_later
from routing.escalation import desk_queue, recall, steps, taking
from routing.incident import EscalationPhase, IncidentState
from routing.journal import JournalEvent
from routing.line import LAST_RESORT, Line
from routing.page import LegState
from routing.voice_document import Document, HangUp, Menu, Next, say

QUEUED = (Stage.WAITING, Stage.BRIDGED)


def leave_queue(draft: DecisionDraft, event: events.LeftQueue) -> DecisionDraft:
    """Handle the carrier's reason for the end of the queue. It may come twice, or late."""
    call = draft.the_call
    if not call.live:
        return draft
    if event.how is events.Left.HUNG_UP:
        return end_call(draft, events.CallEnded(call.id))
    if event.turn is not None and event.turn < call.queued:
        return draft
    if event.how is events.Left.BROKEN and call.stage is Stage.WAITING:
        return dial_last_resort(draft, "the carrier's queue failed")
    if event.how is not events.Left.BRIDGED or call.stage not in QUEUED:
        return draft
    draft = draft.with_call(bridged=True, fate=CallOutcome.CONNECTED)
    draft = taking.accept_late_talk(draft)
    if draft.the_incident.escalation.spared == call.answered_by is not None:
        return wait_for_next_engineer(draft)
    draft = draft.note(JournalEvent.OTHER_SIDE_LEFT, "the other side hung up first: was this all?")
    return ask_was_this_all(draft)


def wait_for_next_engineer(draft: DecisionDraft) -> DecisionDraft:
    """The engineer has handed the incident over: the caller waits again."""
    draft = draft.with_call(bridged=False).note(JournalEvent.HANDED_OVER, "waits for the next one")
    draft = park(draft)
    if draft.the_incident.escalation.phase is EscalationPhase.LATER:
        return tell_later(draft, Preamble.DESK_CLOSED)
    return draft


def stay_on(draft: DecisionDraft, event: events.StayedOn) -> DecisionDraft:
    """The caller has pressed a key, or is still there after some seconds, and waits again. The
    engineer is rung first."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.RETURNING:
        return draft
    winner = draft.the_incident.winner()
    if winner is not None and winner.closes:
        draft = draft.note(
            JournalEvent.STAYS_ON, f"waits while {winner.engineer} says what became of it"
        )
        return park(draft.with_call(bridged=False), Preamble.ENGINEER_DECIDES)
    if winner is not None and winner.state is LegState.CALLING:
        return recall.send_to_caller(park(draft.with_call(bridged=False)), winner)
    engineer = call.answered_by or LAST_RESORT
    for leg in draft.the_incident.legs():
        if leg.won:
            draft = draft.with_page(leg, state=LegState.ENDED)
    draft = park(draft.with_call(bridged=False))
    return taking.reopen_for_caller(draft, engineer, "left the conversation, the caller stayed on")


def end_call(draft: DecisionDraft, event: events.CallEnded) -> DecisionDraft:
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
        draft = draft.do(jobs.DeleteQueue(call.queue), dt.timedelta(seconds=2))
    if call.rings_back is not None:
        return draft.do(jobs.RingBack(call.id))
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
    """The outcome of the ended call. A caller who raises the level is no longer just registered."""
    if call.fate is not None and not (raises and call.fate is CallOutcome.REGISTERED):
        return call.fate
    if call.answered_by:
        return CallOutcome.CONNECTED
    if failed:
        return CallOutcome.FAILED
    return CallOutcome.ABANDONED


def continue_without_caller(draft: DecisionDraft) -> DecisionDraft:
    """Decide for the escalation or the queue of an incident whose latest call is over."""
    incident = draft.the_incident
    if incident.escalation.phase is EscalationPhase.OVER:
        return draft
    if incident.acknowledged_by is not None:
        draft = draft.note(
            JournalEvent.HUNT_OVER, f"{incident.acknowledged_by} has acknowledged it by text"
        )
        return steps.end(draft.with_incident(queued_at=None))
    if incident.escalation.phase in (EscalationPhase.QUIET, EscalationPhase.LATER):
        return draft
    if incident.escalation.phase is EscalationPhase.ROW:
        return urgency.leave_desk_queue(draft)
    return draft.note(JournalEvent.GOES_ON, "nobody took it yet: the incident goes on being paged")


def check_call(draft: DecisionDraft, event: events.CallChecked) -> DecisionDraft:
    """Handle the carrier's answer about the call. A live call is checked again later."""
    call = draft.the_call
    if not call.live:
        return taking.uncount_overtaken(draft)
    if not event.live:
        found = "the carrier says that the call is over; its word was lost"
        return end_call(draft.note(JournalEvent.FOUND_GONE, found), events.CallEnded(call.id))
    if call.stage in QUEUED and is_forsaken(draft):
        return ask_was_this_all(
            draft.note(JournalEvent.ALONE, "nobody has or seeks this caller any more")
        )
    asked = call.returned_at or draft.facts.now
    if call.stage is Stage.RETURNING and draft.facts.now - asked >= LONG_OVER:
        draft = draft.note(
            JournalEvent.STILL_THERE, "five seconds are long over and the caller is there"
        )
        draft = stay_on(draft, events.StayedOn(call.id, call.turn))
    return draft.do(jobs.CheckCall(call.id), jobs.CHECK_CALL_AFTER)


def is_forsaken(draft: DecisionDraft) -> bool:
    """True when no engineer has the call and none is rung: the carrier's last callback was lost."""
    incident = draft.the_incident
    return incident.escalation.phase is EscalationPhase.OVER and incident.winner() is None


# The last resort.


ASKED = 3
"""How often the key is asked for, and how many wrong keys are allowed."""


def connect_unattended(draft: DecisionDraft, event: events.Unattended) -> DecisionDraft:
    """Connect the caller without the workers, which do not act."""
    if draft.the_call.stage is not Stage.WAITING or draft.the_incident.winner() is not None:
        return draft
    return dial_last_resort(draft, "due work is overdue: nobody would be rung")


def dial_last_resort(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Dial the last resort, number after number with each attempt; lower levels leave a message."""
    if draft.the_incident.urgency != 1:
        return desk_queue.leave_unstaffed(draft, f"{why}; the caller may leave a message")
    draft = draft.with_call(rescues=draft.the_call.rescues + 1)
    return ask(
        draft.note(JournalEvent.RESCUE, f"{why}; the last resort is dialled directly"), Stage.RESCUE
    )


def find_rescue_number(call: Call, line: Line) -> str:
    """The number of the last resort whose turn it is."""
    return line.last_resort[(call.rescues - 1) % len(line.last_resort)]


def make_rescue_key(call: Call) -> str:
    """The digit that takes this call; another one for each call and each number dialled."""
    return str(int(call.id[:6], 16) % 7 + 2 - call.rescues % 2)


def take_rescue_key(draft: DecisionDraft, event: events.RescueTaken) -> DecisionDraft:
    """The last resort pressed a key: the right one takes the call, a wrong one is counted."""
    call = draft.the_call
    if call.stage is not Stage.RESCUE or call.bridged:
        return draft
    if event.key == make_rescue_key(call):
        return take_directly(draft, LAST_RESORT)
    if event.key in ("", "*", "#"):
        return draft  # the question is asked again
    return draft.with_call(slips=call.slips + 1)


def take_directly(draft: DecisionDraft, person: str) -> DecisionDraft:
    """The last resort takes the call. A call from the caller's document has no leg."""
    now = draft.facts.now
    draft = draft.with_incident(
        state=IncidentState.ACKNOWLEDGED, acknowledged_by=person, acknowledged_at=now
    )
    draft = draft.with_call(
        answered_by=person, answered_at=now, bridged=True, fate=CallOutcome.CONNECTED
    ).with_incident(reached=True)
    return steps.end(
        premium.count_incident(draft.note(JournalEvent.ACCEPTED, f"{person} pressed the key"))
    )


def end_rescue(draft: DecisionDraft, event: events.RescueOver) -> DecisionDraft:
    """Handle the end of the dialling. If nobody pressed the key, the caller waits as before."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.RESCUE:
        return draft
    if call.bridged:
        return ask_was_this_all(draft)
    return park(draft.note(JournalEvent.RESCUE_OVER, "the last resort did not take it; waits on"))


def build_rescue_document(case: Case, line: Line, *, answered_key: bool = False) -> Document:
    """The document for the person who picks up. After the right key it is empty, and the carrier
    connects the two."""
    language, call = line.languages[0], case.call
    taken = call is not None and call.stage is Stage.RESCUE and call.bridged
    if answered_key and taken:
        return Document(language, ())
    if taken:
        return Document(language, (say("taken"), HangUp()))
    if call is None or not call.holds:
        return Document(language, (say("over"), HangUp()))
    not_taken = (say("not_connected"), say("goodbye"), HangUp())
    if call.stage is not Stage.RESCUE:
        return Document(language, not_taken)
    if call.slips >= ASKED:
        return Document(language, (say("wrong_key"), *not_taken))
    then = Next("call.rescue_key", call.id, call.turn)
    named = line.name_in(language)
    asked = Menu((say("rescue_whisper", line=named, take=make_rescue_key(call)),), then)
    return Document(language, (*(asked,) * ASKED, *not_taken))

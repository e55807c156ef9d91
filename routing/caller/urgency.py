"""The level of a call: chosen and confirmed, or decided for a caller who presses nothing."""

from __future__ import annotations

from routing import events, page, recording
from routing.call import Call, CallOutcome, Preamble, Stage
from routing.caller import opening, signature_request
from routing.caller.questions import CallerView, Decide, go_round
from routing.contracts import coverage, premium
from routing.contracts.plans import Door
from routing.decision import Case
from routing.draft import DecisionDraft, ask, park, tell_later, why_barred
from routing.escalation import desk_queue, recall, steps, taking
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.incidents import response_clock
from routing.journal import JournalEvent
from routing.notify.customer import keep_late_recording
from routing.oncall import policy
from routing.oncall.local_time import LocalMoment
from routing.voice_document import Say, Spoken, say

LEVELS = {1: "critical", 2: "high", 3: "medium", 4: "low"}


def choose_level(draft: DecisionDraft, level: int) -> DecisionDraft:
    """Take the level that the caller chose. Who has not proved who they are does so now, except at
    a level 1 for which somebody may be rung at once."""
    draft = draft.with_call(urgency=level)
    draft = draft.note(JournalEvent.URGENCY, f"chose level {level}, {LEVELS[level]}")
    waits = level > 1 or opening.why_not_rung(draft) is not None
    if waits and draft.the_call.owes_pin:
        return ask(draft, Stage.PIN)
    return follow_level(draft, level)


def follow_level(draft: DecisionDraft, level: int) -> DecisionDraft:
    """Level 1 wakes people, so it takes a second key. The other levels are reported."""
    if level == 1:
        return opening.ask_to_confirm(draft)
    return report_lower_level(draft)


def ask_level(
    draft: DecisionDraft, remark: Preamble = Preamble.NONE, pause: int = 0
) -> DecisionDraft:
    """Ask for the level, or go on with what was chosen before the PIN. It is chosen again after
    news of the contract."""
    call = draft.the_call
    if draft.incident is not None:
        return opening.hold_caller(draft)
    if remark in (Preamble.NONE, Preamble.UNIDENTIFIED) and call.request is not None:
        return signature_request.ask_fault(draft)
    if remark in (Preamble.NONE, Preamble.UNIDENTIFIED) and call.urgency is not None:
        return follow_level(draft, call.urgency)
    return ask(draft.with_call(request=None), Stage.URGENCY, remark, pause)


def abandon_level(draft: DecisionDraft) -> DecisionDraft:
    """The caller chose a level, and hung up before it was reported. What was chosen counts."""
    call = draft.the_call
    if call.request is not None:
        return signature_request.abandon(draft)
    if call.urgency is None:
        return draft
    if call.urgency == 1:
        return opening.open_critical(draft)
    draft = opening.open_incident(draft)
    return desk_queue.leave_queue(draft, "the caller has gone: the desk is told")


def say_confirmation(view: CallerView) -> Say:
    """Ask to confirm level 1. The sentence promises an engineer only where one may be rung."""
    incident, unrung = view.incident, view.call.unrung
    if incident is None:
        return say("confirm_message" if unrung else "confirm_level_1")
    return say("raise_message" if unrung else "raise_to_level_1", level=incident.urgency)


def confirm(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Handle a confirmed level 1."""
    draft = draft.note(JournalEvent.CONFIRMED, why)
    if draft.incident is not None:
        return raise_to_level_1(draft)
    return opening.open_critical(draft)


def take_back(draft: DecisionDraft) -> DecisionDraft:
    """Ask for the level again, or keep the earlier one."""
    around = go_round(draft)
    if draft.incident is not None:
        level = draft.incident.urgency
        draft = (around or draft).note(JournalEvent.NOT_CONFIRMED, f"stays level {level}")
        return keep_level(draft, ask_once_more=around is not None)
    if around is None:
        return decide_level(draft, "the level was chosen again and again")
    draft = around.with_call(urgency=None, request=None)
    return ask(draft.note(JournalEvent.NOT_CONFIRMED, "chooses the level again"), Stage.URGENCY)


def abandon_confirmation(draft: DecisionDraft) -> DecisionDraft:
    """The caller hangs up instead of confirming. The level counts all the same."""
    why = "chose level 1 and hung up when asked to confirm: nobody takes it back"
    return opening.open_critical(draft.note(JournalEvent.ABANDONED, why))


def offer_help(view: CallerView) -> tuple[Spoken, ...]:
    """Name key 9 after the first error, and key 0 after the second to a caller for whom somebody
    may be rung."""
    if view.call.silences + view.call.slips == 1 or view.call.unrung:
        return (say("urgency_again"),)
    return (say("urgency_again"), say("human_key"))


UNTOLD = 2
"""The level of a caller who asks for a human before any level. Nobody is woken for it, and it comes
first at the desk."""


def ask_for_human(draft: DecisionDraft, otherwise: Decide) -> DecisionDraft:
    """Put a caller who asks for a human in the queue of the desk. While nobody is at the desk, do
    what silence does."""
    if may_wait_by_phone(draft):
        opened = draft.note(JournalEvent.URGENCY, f"asks for a human: level {UNTOLD}")
        opened = opening.open_incident(opened.with_call(urgency=UNTOLD))
        if desk_queue.find_staff(draft.facts, opened.the_incident):
            return desk_queue.join_queue(park(opened, Preamble.IN_ROW))
    return otherwise(draft.note(JournalEvent.NO_KEY, "asks for a human; nobody is at the desk"))


def decide_level(draft: DecisionDraft, why: str) -> DecisionDraft:
    """A known caller, or one who pressed a key, is level 1. Other callers are asked for a name."""
    call = draft.the_call
    if call.entitlement.verified or call.pressed:
        draft = draft.with_call(urgency=1, request=None)
        return opening.open_critical(draft.note(JournalEvent.NO_KEY, f"{why}: taken as level 1"))
    draft = draft.note(
        JournalEvent.NO_KEY, "nothing was pressed in the whole call: a name is asked for"
    )
    return ask(draft, Stage.INTRODUCE)


def take_name(draft: DecisionDraft, event: events.Introduced) -> DecisionDraft:
    """A caller who says a name is level 1, unverified. Silence pages nobody."""
    call = draft.the_call
    asked = call.stage is Stage.INTRODUCE
    late = event.recording is not None and hung_up_while_speaking(call)
    if event.turn != call.turn or not (asked or late):
        return keep_late_recording(draft, recording.Purpose.INTRODUCTION, event.recording)
    if event.recording is None:
        draft = draft.note(
            JournalEvent.REJECTED, "pressed nothing and said nothing: nobody is woken"
        )
        return ask(draft.with_call(fate=CallOutcome.REJECTED), Stage.FAREWELL, Preamble.SILENT)
    draft = draft.with_call(urgency=1).note(
        JournalEvent.INTRODUCED, "said a name: the engineer hears it first"
    )
    return opening.open_critical(draft, introduction=event.recording)


def hung_up_while_speaking(call: Call) -> bool:
    """True for a caller who hung up while saying a name. The end of the call may be reported before
    the name."""
    return call.left_at is Stage.INTRODUCE and call.urgency is None


# An incident of level 2 to 4 becomes level 1 by the customer's word. Its number stays, and the
# response clock starts again. A colleague who is on the line about it is served first.


def raise_to_level_1(draft: DecisionDraft) -> DecisionDraft:
    """Connect the caller with the engineer who has the incident, or escalate it."""
    incident = draft.the_incident
    draft = draft.with_call(urgency=1)
    if draft.the_call.fate is not CallOutcome.CONNECTED:  # they have talked: nothing undoes that
        draft = draft.with_call(fate=None)
    if incident.urgency > 1:
        draft = restart_response_clock(draft)
    if find_colleague(draft, incident.key) is not None:
        return raise_with_colleague(draft)
    draft = taking.overtake(draft)
    winner = incident.winner()
    if winner is None and incident.urgency > 1:
        return escalate_raised(draft)
    if not draft.the_call.live:
        return draft
    if winner is not None and winner.state is page.LegState.CONNECTING:
        return park(draft)
    return recall.put_through(park(draft))


def restart_response_clock(draft: DecisionDraft) -> DecisionDraft:
    """Promise the response time of level 1. An incident taken by a key counts as premium."""
    incident, now = draft.the_incident, draft.facts.now
    draft = draft.with_incident(urgency=1, raised_at=now, queued_at=None)
    draft = opening.apply_plan(draft)
    standing = coverage.describe_standing(draft.facts.line, draft.the_incident)
    draft = draft.note(
        JournalEvent.RAISED, f"level {incident.urgency} has become level 1, {standing}"
    )
    draft = response_clock.start(premium.store_few_left(draft), now)
    if incident.winner() is None:
        return draft
    return premium.count_incident(draft)


def escalate_raised(draft: DecisionDraft) -> DecisionDraft:
    """Ring an engineer for a caller who waits or has hung up, unless the caller is barred."""
    draft, first = recall.take_back(draft)
    draft = desk_queue.set_phase(draft, EscalationPhase.QUIET)
    why = opening.why_not_rung(draft)
    if why is not None:
        draft = draft.with_call(fate=draft.the_call.fate or CallOutcome.REGISTERED)
        draft = opening.take_message_only(draft.note(JournalEvent.NOT_RUNG, why))
        return desk_queue.leave_queue(draft, "nobody is called out: the desk is told")
    if draft.the_call.live:
        draft = opening.hold_caller(draft)
    return recall.begin_with(draft, first)


def raise_in_writing(draft: DecisionDraft, event: events.RaisedByCustomer) -> DecisionDraft:
    """Do for a customer who writes what the telephone does for one who calls. Nobody is put
    through; a colleague who waits on the telephone waits for the same engineer."""
    incident = draft.the_incident
    if not can_be_raised(incident):
        return draft
    draft = draft.with_incident(rings=True)
    draft = draft.note(JournalEvent.RAISE, f"says by {event.door} that it is level 1 by now")
    if incident.urgency > 1:
        draft = restart_response_clock(draft)
    if draft.call is not None and draft.call.live:
        draft = draft.with_call(urgency=1)
    if draft.the_incident.winner() is not None:
        return draft
    draft, first = recall.take_back(draft)
    draft = desk_queue.set_phase(draft, EscalationPhase.QUIET)
    why = why_barred(draft.facts, incident.entitlement, incident.caller)
    if why is None:
        return recall.begin_with(draft, first)
    draft = draft.note(JournalEvent.NOT_RUNG, why)
    if draft.call is not None and draft.call.stage is Stage.WAITING:
        draft = opening.take_message_only(draft)
    else:
        draft = steps.notify_quietly(draft)
    return desk_queue.leave_queue(draft, "nobody is called out: the desk is told")


def can_be_raised(incident: Incident) -> bool:
    """True for an incident for which nobody is rung and that waits for a response."""
    waits = incident.state in (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
    quiet = not incident.rings and not incident.escalation.phase.seeking
    return waits and (incident.urgency > 1 or quiet)


def raise_with_colleague(draft: DecisionDraft) -> DecisionDraft:
    """The call of the colleague is served as level 1. This caller leaves a message."""
    incident = draft.the_incident
    if incident.winner() is not None:
        draft = recall.notify_engineer(draft)
    elif not incident.escalation.phase.seeking and opening.why_not_rung(draft) is None:
        draft, first = recall.take_back(draft)
        draft = recall.begin_with(draft, first)
    if draft.the_call.live:
        return ask(draft, Stage.MESSAGE, Preamble.RAISED)
    return draft


def find_colleague(draft: DecisionDraft, incident: str) -> Call | None:
    """The call of a colleague of the contract who is on the line about this incident."""
    case = draft.facts.case(incident) or Case()
    other = case.call
    if other is None or not other.live or other.id == draft.the_call.id:
        return None
    return other


def keep_level(draft: DecisionDraft, *, ask_once_more: bool = True) -> DecisionDraft:
    """Return the caller to the desk queue or to the message. The question about level 1 is not
    repeated for a caller who has gone round often enough."""
    draft = draft.with_call(urgency=draft.the_incident.urgency)
    waits = draft.the_call.parked_at is not None
    if waits and is_pursued(draft):
        if draft.the_incident.escalation.phase is EscalationPhase.ROW:
            return park(draft, Preamble.IN_ROW)
        return park(draft)
    if ask_once_more and (waits or draft.the_call.told_later):
        return tell_later(draft)
    return ask(draft, Stage.MESSAGE)


def is_pursued(draft: DecisionDraft) -> bool:
    """True while the incident is queued, escalated, or taken by a live leg."""
    incident = draft.the_incident
    phase = incident.escalation.phase
    return phase is EscalationPhase.ROW or phase.seeking or incident.winner() is not None


# Levels 2 to 4: the desk queue in office hours, else the time from which it is handled and a
# message. The incident stays when the caller hangs up, and the desk gets a message.


def report_lower_level(draft: DecisionDraft) -> DecisionDraft:
    """Open an incident of level 2, 3 or 4."""
    draft = opening.open_incident(draft)
    if not may_wait_by_phone(draft):
        draft = desk_queue.leave_queue(draft, "the plan has no telephone: the desk is told")
        return tell_later(draft)
    if desk_queue.find_staff(draft.facts, draft.the_incident):
        return desk_queue.join_queue(park(draft, Preamble.IN_ROW))
    if lacks_desk(draft):
        return register(draft)
    return tell_later(desk_queue.leave_queue(draft, "nobody is at the desk now"))


def may_wait_by_phone(draft: DecisionDraft) -> bool:
    """True unless the caller's plan does not include the telephone."""
    plan = coverage.plan_of_caller(draft.facts.line, draft.the_call)
    return plan is None or plan.allows(Door.PHONE)


def lacks_desk(draft: DecisionDraft) -> bool:
    """True in office hours when the line has no desk for this incident."""
    return (
        draft.facts.office_open and policy.find_desk(draft.facts.line, draft.the_incident) is None
    )


def register(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """Tell the caller the number of the stored incident."""
    draft = ask(draft.with_call(fate=CallOutcome.REGISTERED), Stage.FAREWELL, remark)
    return draft.note(
        JournalEvent.REGISTERED, "the file names no desk: it is handled after this call"
    )


OF_A_REQUEST = {"later_at": "later_at_request", "later_soon": "later_soon_request"}
"""What says the number of an incident to others says that of a request to who made one."""


def say_when_handled(view: CallerView) -> tuple[Spoken, ...]:
    """When the incident will be handled, and where to send a sample."""
    call, incident = view.call, view.incident
    number, request, which = 0, None, "later"
    if incident is not None:
        number, request = incident.number, incident.request
        if incident.calls[:1] != (call.sid,):
            which = "again"
    if call.remark is Preamble.CALLED_AGAIN:
        which = "again"
    sentence = f"{which}_soon"
    if call.handled_at is not None:
        sentence = f"{which}_at"
    if request is not None:
        sentence = OF_A_REQUEST.get(sentence, sentence)
    samples = signature_request.say_samples(incident, view.line)
    if call.handled_at is None:
        return (say(sentence, number=number), *samples)
    at = LocalMoment(call.handled_at, view.line.timezone)
    return (say(sentence, number=number, at=at), *samples)


def say_later_keys(view: CallerView) -> Say:
    """The key for level 1. The sentence promises an engineer only where one may be rung."""
    return say("later_keys_message" if view.call.unrung else "later_keys")


def claim_level_1(draft: DecisionDraft) -> DecisionDraft:
    """The caller says that business has stopped since."""
    return opening.ask_to_confirm(draft.note(JournalEvent.RAISE, "says that it is level 1 by now"))


def ask_message(draft: DecisionDraft) -> DecisionDraft:
    """Ask for a message."""
    return ask(draft, Stage.MESSAGE)


def keeps_position(draft: DecisionDraft) -> bool:
    """True for a caller who hung up in the desk queue and wants to be called back."""
    incident, call = draft.the_incident, draft.the_call
    in_queue = incident.escalation.phase is EscalationPhase.ROW and incident.call == call.id
    return in_queue and call.outcome is CallOutcome.CALLBACK


def leave_desk_queue(draft: DecisionDraft) -> DecisionDraft:
    """A caller who hangs up in the queue keeps the position only if they are to be called back."""
    if draft.the_call.outcome is CallOutcome.CALLBACK:
        return draft.note(JournalEvent.KEEPS_PLACE, "is called back when it is their turn")
    return desk_queue.leave_queue(draft, "the caller has gone: the desk is told")

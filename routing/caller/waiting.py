"""A caller who waits: what each key does, and what becomes of the words that the caller says.

What the caller hears meanwhile is in `hold.py`.
"""

from __future__ import annotations

from routing.call import CallOutcome, Preamble, Stage
from routing.caller import signature_request, urgency
from routing.caller.opening import enter_queue
from routing.caller.questions import STAR, CallerView, repeat
from routing.draft import DecisionDraft, ask, park
from routing.escalation import taking
from routing.events import MatterSaid, MessageCut, MessageLeft
from routing.journal import JournalEvent
from routing.notify.customer import is_new_recording, keep_late_recording, keep_recording
from routing.recording import Purpose


def is_critical(view: CallerView) -> bool:
    """True for a caller at level 1."""
    return view.incident is not None and view.incident.urgency == 1


def is_in_queue(view: CallerView) -> bool:
    """True for a caller at levels 2 to 4, who waits for the desk."""
    return view.incident is not None and view.incident.urgency > 1


def ask_message(draft: DecisionDraft) -> DecisionDraft:
    """Ask for a message. The escalation and the queue position go on."""
    return ask(draft.note(JournalEvent.MESSAGE, "wants to leave a message"), Stage.MESSAGE)


def promise_callback(draft: DecisionDraft) -> DecisionDraft:
    """Promise a callback. The caller may hang up and keeps the position."""
    if draft.the_incident.dialled is None:
        draft = draft.note(JournalEvent.NO_CALLBACK, "we do not know a number to call back")
        return ask(draft, Stage.WAITING, Preamble.NO_NUMBER)
    draft = draft.with_call(fate=CallOutcome.CALLBACK)
    return ask(draft.note(JournalEvent.CALLBACK, "wants to be called back"), Stage.CALLBACK)


def repeat_choices(draft: DecisionDraft) -> DecisionDraft:
    """Say the news and the keys again. Whoever asks twice is spoken to slowly."""
    draft = repeat(draft, STAR) or ask(draft, Stage.WAITING)
    return draft.with_call(remark=Preamble.REPEAT)


def wait_on(draft: DecisionDraft) -> DecisionDraft:
    """Change nothing: the caller waits for a human already."""
    return draft


def repeat_keys(draft: DecisionDraft) -> DecisionDraft:
    """Say that the key has no meaning, and go on waiting."""
    return ask(draft, Stage.WAITING, Preamble.NO_SUCH_KEY)


def take_matter(draft: DecisionDraft, event: MatterSaid) -> DecisionDraft:
    """Store what the caller says is wrong, and put them in the queue. Silence is not asked about
    again."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.MATTER:
        return keep_late_recording(draft, Purpose.MATTER, event.recording)
    if event.recording is None:
        return enter_queue(draft.note(JournalEvent.MATTER, "nothing was said"))
    draft = keep_recording(draft, Purpose.MATTER, event.recording)
    return enter_queue(draft.note(JournalEvent.MATTER, "the caller said what is wrong"))


def take_message(draft: DecisionDraft, event: MessageLeft) -> DecisionDraft:
    """Store the message of the incident. A caller with a running escalation waits on."""
    call = draft.the_call
    if not call.live:
        return take_late_message(draft, event.recording)
    if event.turn != call.turn or call.stage is not Stage.MESSAGE:
        return keep_late_recording(draft, Purpose.MESSAGE, event.recording)
    remark = Preamble.NONE
    if event.recording is None:
        draft = draft.note(JournalEvent.MESSAGE_LEFT, "nothing was said")
    else:
        remark = Preamble.MESSAGE_KEPT
        draft = store_message(draft, event.recording).with_call(fate=CallOutcome.MESSAGE)
        draft = draft.note(JournalEvent.MESSAGE_LEFT, "a message was left")
    if signature_request.is_before_queue(draft):
        return signature_request.join_queue(draft)
    if call.parked_at is not None and urgency.is_pursued(draft):
        return park(draft, remark)
    return ask(draft, Stage.FAREWELL, remark)


def cut_message(draft: DecisionDraft, event: MessageCut) -> DecisionDraft:
    """End what the caller says because somebody has taken the call: the caller goes to the queue.
    The carrier reports the recording by itself."""
    call = draft.the_call
    if event.turn != call.turn or not taking.can_be_brought(call):
        return draft
    return enter_queue(
        draft.note(JournalEvent.MESSAGE_CUT, "the call is taken: words end here, and are kept")
    )


def take_late_message(draft: DecisionDraft, recording: str | None) -> DecisionDraft:
    """Store a message that a hang-up ended. The end of the call may arrive before the message."""
    if recording is None or not is_new_recording(draft, recording):
        return draft
    draft = store_message(draft, recording).note(
        JournalEvent.MESSAGE_LEFT, "a message was left by hanging up"
    )
    if draft.the_call.outcome is CallOutcome.ABANDONED:
        return draft.with_call(outcome=CallOutcome.MESSAGE)
    return draft


def store_message(draft: DecisionDraft, recording: str) -> DecisionDraft:
    """Store the message of the incident, and its id on the call."""
    draft = keep_recording(draft, Purpose.MESSAGE, recording)
    return draft.with_call(message=draft.the_incident.message)

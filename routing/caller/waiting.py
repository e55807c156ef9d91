"""A caller who waits: the keys of the waiting room, and a message that is spoken meanwhile."""

from __future__ import annotations

from routing.call import CallOutcome, Preamble, Stage
from routing.caller import signature_request
from routing.caller.urgency import waited_for
from routing.draft import DecisionDraft, ask, park
from routing.events import MessageCut, MessageLeft, WaitingKey
from routing.journal import JournalEvent
from routing.notify.customer import keep, keep_late, unheard
from routing.recording import Purpose

MESSAGE_KEY = "1"
CALLBACK_KEY = "2"
ROW_CALLBACK_KEY = "1"
ROW_MESSAGE_KEY = "2"
RAISE_KEY = "3"


def waiting_key(draft: DecisionDraft, event: WaitingKey) -> DecisionDraft:
    """Key 1 leaves a message, key 2 asks for a callback. The escalation goes on either way."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.WAITING:
        return draft
    draft = draft.with_call(pressed=True)
    if draft.the_incident.urgency > 1:
        return row_key(draft, event.key)
    if event.key == MESSAGE_KEY:
        return ask(draft.note(JournalEvent.MESSAGE, "wants to leave a message"), Stage.MESSAGE)
    if event.key == CALLBACK_KEY:
        return call_back(draft)
    return ask(draft, Stage.WAITING, Preamble.NO_SUCH_KEY)


def row_key(draft: DecisionDraft, key: str) -> DecisionDraft:
    """In the desk queue, key 1 asks for a callback, 2 leaves a message, 3 makes it level 1.

    A key that comes as somebody takes the call does nothing: the two are about to be joined.
    """
    if draft.the_incident.winner() is not None:
        return draft
    if key == ROW_CALLBACK_KEY:
        return call_back(draft)
    if key == ROW_MESSAGE_KEY:
        return ask(draft.note(JournalEvent.MESSAGE, "wants to leave a message"), Stage.MESSAGE)
    if key == RAISE_KEY:
        return ask(draft.note(JournalEvent.RAISE, "says that it is level 1 by now"), Stage.CONFIRM)
    return ask(draft, Stage.WAITING, Preamble.NO_SUCH_KEY)


def call_back(draft: DecisionDraft) -> DecisionDraft:
    """Promise a callback. The caller may hang up and keeps the position."""
    if draft.the_incident.dialled is None:
        draft = draft.note(JournalEvent.NO_CALLBACK, "we do not know a number to call back")
        return ask(draft, Stage.WAITING, Preamble.NO_NUMBER)
    draft = draft.with_call(fate=CallOutcome.CALLBACK)
    return ask(draft.note(JournalEvent.CALLBACK, "wants to be called back"), Stage.CALLBACK)


def message_left(draft: DecisionDraft, event: MessageLeft) -> DecisionDraft:
    """Store the message of the incident. A caller with a running escalation waits on."""
    call = draft.the_call
    if not call.live:
        return left_at_last(draft, event.recording)
    if event.turn != call.turn or call.stage is not Stage.MESSAGE:
        return keep_late(draft, Purpose.MESSAGE, event.recording)
    if event.recording is not None:
        draft = kept(draft, event.recording).with_call(fate=CallOutcome.MESSAGE)
    what = "a message was left" if event.recording else "nothing was said"
    draft = draft.note(JournalEvent.MESSAGE_LEFT, what)
    remark = Preamble.MESSAGE_KEPT if event.recording else Preamble.NONE
    if signature_request.before_row(draft):
        return signature_request.wait(draft)
    waits = call.parked_at is not None and waited_for(draft)
    return park(draft, remark) if waits else ask(draft, Stage.FAREWELL, remark)


def message_cut(draft: DecisionDraft, event: MessageCut) -> DecisionDraft:
    """Somebody has taken the call: the caller goes back to the queue, where they are waited for.
    The carrier tells of what was spoken by itself."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.MESSAGE or call.parked_at is None:
        return draft
    draft = draft.note(
        JournalEvent.MESSAGE_CUT, "the call is taken: the message ends here, and is kept"
    )
    taken = draft.incident is not None and draft.incident.winner() is not None
    return park(draft, Preamble.TAKEN if taken else Preamble.NONE)


def left_at_last(draft: DecisionDraft, recording: str | None) -> DecisionDraft:
    """A hang-up ends a message too. The end of the call may arrive before the message."""
    call = draft.the_call
    if recording is None or not unheard(draft, recording):
        return draft
    draft = kept(draft, recording).note(
        JournalEvent.MESSAGE_LEFT, "a message was left by hanging up"
    )
    abandoned = call.outcome is CallOutcome.ABANDONED
    return draft.with_call(outcome=CallOutcome.MESSAGE) if abandoned else draft


def kept(draft: DecisionDraft, recording: str) -> DecisionDraft:
    """Store the message of the incident, and its id on the call."""
    draft = keep(draft, Purpose.MESSAGE, recording)
    return draft.with_call(message=draft.the_incident.message)

"""Dials the last resort from the caller's own document when the workers do not act.

The person who picks up is asked for a key, because a mailbox may answer.
"""

from __future__ import annotations

from routing.call import Call, CallOutcome, Stage
from routing.contracts import premium
from routing.decision import Case
from routing.draft import DecisionDraft, ask, ask_was_this_all, park
from routing.escalation import desk_queue, steps
from routing.events import RescueOver, RescueTaken, Unattended
from routing.incident import IncidentState
from routing.journal import JournalEvent
from routing.line import LAST_RESORT, Line
from routing.voice_document import Document, HangUp, Menu, Next, say

ASKED = 3
"""How often the key is asked for, and how many wrong keys are allowed."""


def connect_unattended(draft: DecisionDraft, event: Unattended) -> DecisionDraft:
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


def rescue_number(call: Call, line: Line) -> str:
    """The number of the last resort whose turn it is."""
    return line.last_resort[(call.rescues - 1) % len(line.last_resort)]


def rescue_key(call: Call) -> str:
    """The digit that takes this call; another one for each call and each number dialled."""
    return str(int(call.id[:6], 16) % 7 + 2 - call.rescues % 2)


def take_rescue_key(draft: DecisionDraft, event: RescueTaken) -> DecisionDraft:
    """The last resort pressed a key: the right one takes the call, a wrong one is counted."""
    call = draft.the_call
    if call.stage is not Stage.RESCUE or call.bridged:
        return draft
    if event.key == rescue_key(call):
        return take_directly(draft, LAST_RESORT)
    if not event.key:
        return draft
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
    return steps.end(premium.count(draft.note(JournalEvent.ACCEPTED, f"{person} pressed the key")))


def end_rescue(draft: DecisionDraft, event: RescueOver) -> DecisionDraft:
    """Handle the end of the dialling. If nobody pressed the key, the caller waits as before."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.RESCUE:
        return draft
    if call.bridged:
        return ask_was_this_all(draft)
    return park(draft.note(JournalEvent.RESCUE_OVER, "the last resort did not take it; waits on"))


def rescue_document(matter: Case, line: Line, *, answered_key: bool = False) -> Document:
    """The document for the person who picks up. After the right key it is empty, and the carrier
    connects the two."""
    language, call = line.languages[0], matter.call
    taken = call is not None and call.stage is Stage.RESCUE and call.bridged
    if answered_key and taken:
        return Document(language, ())
    if call is None or call.stage is not Stage.RESCUE or taken:
        return Document(language, (say("over"), HangUp()))
    if call.slips >= ASKED:
        return Document(language, (say("wrong_key"), HangUp()))
    then = Next("call.rescue_key", call.id, call.turn)
    asked = Menu((say("rescue_whisper", line=line.name, take=rescue_key(call)),), then)
    return Document(language, (*(asked,) * ASKED, HangUp()))

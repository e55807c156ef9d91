"""The wrap-up after a conversation: responded, connect again, or hand over."""

from __future__ import annotations

from routing.call import Call, Stage
from routing.contracts import premium
from routing.draft import DecisionDraft, park
from routing.escalation import recall
from routing.escalation.queue_position import is_called_back_next
from routing.escalation.taking import clear_acknowledgement, start
from routing.events import CustomerRung, NoteSpoken, Responded
from routing.incident import Incident, ReopenReason
from routing.incidents import lifecycle
from routing.jobs import Freed
from routing.journal import JournalEvent
from routing.message import Via
from routing.notify.customer import keep_recording
from routing.page import LegState, Page, TalkOutcome, WrapUpChoice
from routing.recording import Purpose
from routing.voice_document import Act, HangUp, Menu, Next, Record, Redirect, say

RESPONDED_KEY = "1"
CALL_KEY = "2"
HAND_OVER_KEY = "3"
NOTE_KEY = "4"
STANDARD_KEY = "5"
ASKED = 2
"""How often the menu is repeated after silence."""

MISSES = 3
"""How often the menu is repeated after silences and wrong keys together."""


def still_there(call: Call | None) -> bool:
    """True while the caller of this conversation is on the line."""
    return call is not None and call.holds


def closing_key(draft: DecisionDraft, leg: Page, key: str | None) -> DecisionDraft:
    """One key gives the result. A second silence or a third wrong key hangs up and changes
    nothing."""
    if key == RESPONDED_KEY:
        return responded(draft, leg)
    if key == HAND_OVER_KEY:
        return hand_over(draft, leg)
    if key == NOTE_KEY:
        return dictate(draft, leg)
    if key == CALL_KEY and still_there(draft.call):
        return back_to_the_caller(draft, leg)
    if key == CALL_KEY and draft.the_incident.dialled is not None:
        draft = draft.with_page(leg, state=LegState.CALLING, turn=leg.turn + 1)
        return draft.note(JournalEvent.CALLING_BACK, f"{leg.engineer} calls the customer", leg.id)
    if key == STANDARD_KEY and draft.the_incident.premium:
        draft = premium.set_to_standard(draft, leg.engineer, "closing menu")
        return draft.with_page(leg, turn=leg.turn + 1, rounds=0)
    return missed(draft, leg, key)


def missed(draft: DecisionDraft, leg: Page, key: str | None) -> DecisionDraft:
    """Nothing was pressed, or a key without a meaning."""
    rounds, slips = leg.rounds + (key is None), leg.slips + (key is not None)
    return draft.with_page(leg, turn=leg.turn + 1, rounds=rounds, slips=slips)


def given_up(leg: Page) -> bool:
    """True when the menu has no repetitions left."""
    return leg.rounds >= ASKED or leg.rounds + leg.slips >= MISSES


def responded(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Record the response. A caller who stayed on is asked whether this was all."""
    draft = leave(draft, leg, WrapUpChoice.RESPONDED)
    said = Responded(draft.the_incident.key, leg.engineer, Via.KEY, "at the closing menu")
    return lifecycle.let_go(lifecycle.responded(draft, said))


def hand_over(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Hand the incident over. All other engineers are rung first; the caller waits on."""
    draft = clear_acknowledgement(
        leave(draft, leg, WrapUpChoice.HANDED_OVER), ReopenReason.HANDED_OVER, leg.engineer
    )
    if draft.call is not None and draft.call.stage is Stage.RETURNING:
        draft = park(draft.with_call(bridged=False))
    why = f"{leg.engineer} hands it over: the others are rung first"
    return start(draft.with_hunt(spared=leg.engineer).note(JournalEvent.REOPENED, why, leg.id))


def back_to_the_caller(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Connect engineer and caller once more: the caller has stayed on."""
    if draft.the_call.stage is Stage.RETURNING:
        draft = park(draft.with_call(bridged=False))
    draft = draft.with_page(leg, state=LegState.CONNECTING, turn=leg.turn + 1, rounds=0)
    return draft.note(JournalEvent.CONNECTING, f"{leg.engineer} goes back to the caller", leg.id)


def leave(draft: DecisionDraft, leg: Page, said: WrapUpChoice) -> DecisionDraft:
    """The engineer hears a last sentence and is free for the next."""
    draft = draft.with_page(leg, state=LegState.ENDED, said=said, turn=leg.turn + 1)
    draft = draft.note(JournalEvent.LEG_ENDED, f"{leg.engineer}: {said}", leg.id)
    return draft.do(Freed(draft.the_incident.line, leg.holds))


def closing_menu(leg: Page, incident: Incident, call: Call | None) -> tuple[Act, ...]:
    """The wrap-up menu. The key that calls back is offered when there is a number to call."""
    if given_up(leg):
        return (say("goodbye"), HangUp())
    became = say("caller_still_there" if still_there(call) else leg.became or "talk_over")
    menu = "closing_menu" if incident.dialled else "closing_menu_without"
    if still_there(call):
        menu = "closing_menu_there"
    then = Next("leg.key", leg.id, leg.turn)
    waived = (say("set_to_standard"),) if incident.waived is not None else ()
    foreign = (say("number_not_dialled"),) if incident.undialled else ()
    counts = (say("closing_standard", key=STANDARD_KEY),) if incident.premium else ()
    spoken = (*waived, became, *foreign, say(menu, number=incident.number), *counts)
    return (Menu(spoken, then), Redirect(then))


# When the caller has hung up, the engineer can call the customer back through the line.


CALL_BACK_KEY = "1"
"""The key that calls the customer back when the caller has hung up."""


def offered_key(draft: DecisionDraft, leg: Page, key: str | None) -> DecisionDraft:
    """Call the customer back through the line."""
    if key != CALL_BACK_KEY or draft.the_incident.dialled is None:
        return missed(draft, leg, key)
    draft = draft.with_page(leg, state=LegState.CALLING, turn=leg.turn + 1)
    return draft.note(JournalEvent.CALLING_BACK, f"{leg.engineer} calls the customer back", leg.id)


def customer_rung(draft: DecisionDraft, leg: Page, event: CustomerRung) -> DecisionDraft:
    """The call back is over: a customer who called meanwhile is met. Else the closing menu follows
    an answer, which may be a mailbox's."""
    if event.turn != leg.turn or leg.state is not LegState.CALLING:
        return draft
    reason = "somebody or something answered" if event.answered else "nobody answered"
    draft = draft.note(JournalEvent.CALLED_BACK, f"the customer was called back: {reason}", leg.id)
    if draft.call is not None and draft.call.holds:
        return recall.connect(draft, leg)
    tried = leg.became is not None or is_called_back_next(draft.the_incident, draft.call)
    became = TalkOutcome.UNANSWERED if tried else None
    became = TalkOutcome.TALKED if event.answered else became
    state = LegState.CLOSING if became else LegState.OFFERED
    return draft.with_page(leg, state=state, turn=leg.turn + 1, rounds=0, became=became)


# A note that an engineer speaks after a talk.


NOTE_SECONDS = 120


def dictate(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Record the note after the tone."""
    return draft.with_page(leg, state=LegState.DICTATING, turn=leg.turn + 1)


def note_spoken(draft: DecisionDraft, leg: Page, event: NoteSpoken) -> DecisionDraft:
    """Back to the menu; whoever hung up in the middle has still left what was said. A note of
    nothing counts as silence at the menu."""
    if event.turn != leg.turn or leg.state not in (LegState.DICTATING, LegState.ENDED):
        return draft
    state = LegState.CLOSING if leg.state is LegState.DICTATING else leg.state
    rounds = leg.rounds + 1 if event.recording is None else 0
    draft = draft.with_page(leg, state=state, turn=leg.turn + 1, rounds=rounds)
    if event.recording is None:
        return draft.note(JournalEvent.NOTED, "nothing was said", leg.id)
    draft = keep_recording(draft, Purpose.NOTE, event.recording, by=leg.engineer)
    return draft.note(JournalEvent.NOTED, f"{leg.engineer} spoke a note", leg.id)


def ask_note(leg: Page) -> tuple[Act, ...]:
    """Ask for the note; silence goes back to the menu."""
    then = Next("leg.noted", leg.id, leg.turn)
    return (say("ask_note"), Record(then, NOTE_SECONDS), Redirect(then))

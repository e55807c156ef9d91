"""A note that an engineer speaks after a talk."""

from __future__ import annotations

from routing.draft import Draft
from routing.events import NoteSpoken
from routing.incident import LegState, Page
from routing.keeping import keep
from routing.recording import Purpose
from routing.speech import Act, GoOn, Next, Record, say

NOTE_SECONDS = 120


def dictate(draft: Draft, leg: Page) -> Draft:
    """The tone sounds, and what is said after it is kept."""
    return draft.with_page(leg, state=LegState.DICTATING, turn=leg.turn + 1)


def note_spoken(draft: Draft, leg: Page, event: NoteSpoken) -> Draft:
    """Back to the menu; whoever hung up in the middle has still left what was said. A note of
    nothing counts as silence at the menu."""
    if event.turn != leg.turn or leg.state not in (LegState.DICTATING, LegState.ENDED):
        return draft
    state = LegState.CLOSING if leg.state is LegState.DICTATING else leg.state
    rounds = leg.rounds + 1 if event.recording is None else 0
    draft = draft.with_page(leg, state=state, turn=leg.turn + 1, rounds=rounds)
    if event.recording is None:
        return draft.note("noted", "nothing was said", leg.id)
    draft = keep(draft, Purpose.NOTE, event.recording, by=leg.engineer)
    return draft.note("noted", f"{leg.engineer} spoke a note", leg.id)


def ask_note(leg: Page) -> tuple[Act, ...]:
    """Ask for the note; silence goes back to the menu."""
    then = Next("leg.noted", leg.id, leg.turn)
    return (say("ask_note"), Record(then, NOTE_SECONDS), GoOn(then))

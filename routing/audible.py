"""What of a document can be heard now: a recording that cannot be played becomes a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from routing.recording import Keeping
from routing.speech import Act, AskDigits, Document, Hear, Menu, Spoken, say

StateOf = Callable[[str], Keeping | None]


def audible(document: Document, state_of: StateOf) -> Document:
    """The document with each recording as far as it can be played, so that nobody hears an error.

    One that still lies at the carrier is announced first: it may not be ready there.
    """
    acts = tuple(heard for act in document.acts for heard in _act(act, state_of))
    return replace(document, acts=acts)


def _act(act: Act, state_of: StateOf) -> tuple[Act, ...]:
    if isinstance(act, Menu | AskDigits):
        spoken = tuple(heard for one in act.spoken for heard in _spoken(one, state_of))
        return (replace(act, spoken=spoken),)
    return _spoken(act, state_of) if isinstance(act, Hear) else (act,)


def _spoken(act: Spoken, state_of: StateOf) -> tuple[Spoken, ...]:
    if not isinstance(act, Hear):
        return (act,)
    match state_of(act.recording):
        case Keeping.KEPT:
            return (act,)
        case Keeping.WAITING:
            return (say("recording_arrives"), act)
    return (say("recording_missing"),)

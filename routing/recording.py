"""A recording: what a caller or an engineer said, from the carrier's hands into our own keeping."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.voice_document import Act, AskDigits, Document, Menu, Play, Spoken, say


class Purpose(StrEnum):
    """What was asked for when it was spoken."""

    INTRODUCTION = "introduction"  # a name and company
    MESSAGE = "message"
    NOTE = "note"  # of an engineer


class RecordingState(StrEnum):
    """Where the sound is."""

    WAITING = "waiting"  # still at the carrier only
    KEPT = "kept"
    MISSING = "missing"  # the carrier says that there is none
    FORGOTTEN = "forgotten"  # deleted: somebody asked for it, or its time was over


@dataclass(frozen=True, slots=True)
class Sound:
    """What was counted while a recording was written down; ``seconds`` is None where the sound
    does not say how long it is."""

    bytes: int
    sha256: str
    content_type: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of one incident (its key). ``url`` and ``sid`` are the carrier's; ``by`` is
    the engineer who spoke, None for a customer; ``call`` is our id of the customer's call."""

    id: str
    line: str
    incident: str
    made_at: dt.datetime
    purpose: Purpose
    url: str
    call: str | None = None
    by: str | None = None
    state: RecordingState = RecordingState.WAITING
    sound: Sound | None = None
    kept_at: dt.datetime | None = None
    deleted_at: dt.datetime | None = None  # at the carrier
    forgotten_at: dt.datetime | None = None

    @property
    def sid(self) -> str:
        """The carrier's id: the last part of its address, without an ending such as .wav."""
        last = self.url.partition("?")[0].rstrip("/").rpartition("/")[2]
        return last.partition(".")[0]


# What of a document can be heard now: a recording that cannot be played becomes a sentence.


StateOf = Callable[[str], RecordingState | None]


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
    return _spoken(act, state_of) if isinstance(act, Play) else (act,)


def _spoken(act: Spoken, state_of: StateOf) -> tuple[Spoken, ...]:
    if not isinstance(act, Play):
        return (act,)
    match state_of(act.recording):
        case RecordingState.KEPT:
            return (act,)
        case RecordingState.WAITING:
            return (say("recording_arrives"), act)
    return (say("recording_missing"),)

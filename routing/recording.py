"""A recording: the spoken words of a caller or an engineer, fetched from the carrier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.voice_document import Act, AskDigits, Document, Menu, Play, Spoken, say


class Purpose(StrEnum):
    """The purpose of a recording."""

    INTRODUCTION = "introduction"  # a name and company
    MATTER = "matter"  # what is wrong, said while people are rung
    MESSAGE = "message"
    NOTE = "note"  # of an engineer


class Transcription(StrEnum):
    """Who turns recordings into words: nobody, an engine on a machine of ours, or the carrier."""

    OFF = "off"
    LOCAL = "local"
    CARRIER = "carrier"


CARRIER_LANGUAGE = "en"
"""The only language that the carrier turns into words, as Americans speak it."""


class RecordingState(StrEnum):
    """Where the sound is."""

    WAITING = "waiting"  # still at the carrier only
    KEPT = "kept"
    MISSING = "missing"  # the carrier has none
    FORGOTTEN = "forgotten"  # deleted, on request or by retention


@dataclass(frozen=True, slots=True)
class Sound:
    """Properties of the stored sound. ``seconds`` is None when the file does not say its length."""

    bytes: int
    sha256: str
    content_type: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of an incident (its key). ``url`` and ``sid`` are the carrier's; ``by`` is the
    engineer who spoke, None for a customer; ``call`` is our id of the customer's call. ``words`` is
    what a program understood of the sound, '' if that was nothing; None as long as no program has
    listened. They are deleted with the sound."""

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
    words: str | None = None

    @property
    def sid(self) -> str:
        """The carrier's id: the last part of its address, without an ending such as .wav."""
        last = self.url.partition("?")[0].rstrip("/").rpartition("/")[2]
        return last.partition(".")[0]


def list_customer_words(recordings: Iterable[Recording]) -> list[str]:
    """What programs understood of the customer's recordings, in their order."""
    return [one.words for one in recordings if one.by is None and one.words]


def lacks_words(recording: Recording) -> bool:
    """True for a recording of the customer that may still be turned into words."""
    there = recording.state in (RecordingState.WAITING, RecordingState.KEPT)
    return recording.by is None and recording.words is None and there


StateOf = Callable[[str], RecordingState | None]


def make_playable(document: Document, state_of: StateOf) -> Document:
    """The document with a sentence in place of each recording that cannot be played, so that nobody
    hears an error. A recording that is still at the carrier is announced first, because it may not
    be ready."""
    if not any(_plays(act) for act in document.acts):
        return document
    acts = tuple(heard for act in document.acts for heard in _act(act, state_of))
    return replace(document, acts=acts)


def _plays(act: Act) -> bool:
    if isinstance(act, Menu | AskDigits):
        return any(isinstance(one, Play) for one in act.spoken)
    return isinstance(act, Play)


def _act(act: Act, state_of: StateOf) -> tuple[Act, ...]:
    if isinstance(act, Menu | AskDigits):
        spoken = tuple(heard for one in act.spoken for heard in _spoken(one, state_of))
        return (replace(act, spoken=spoken),)
    if isinstance(act, Play):
        return _spoken(act, state_of)
    return (act,)


def _spoken(act: Spoken, state_of: StateOf) -> tuple[Spoken, ...]:
    if not isinstance(act, Play):
        return (act,)
    match state_of(act.recording):
        case RecordingState.KEPT:
            return (act,)
        case RecordingState.WAITING:
            return (say("recording_arrives"), act)
    return (say("recording_missing"),)

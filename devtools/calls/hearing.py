"""What one telephone heard, and how it is counted. This module alone says what a second is.

* The line speaks fifteen characters a second, as the simulated phone company reads aloud.
* A person thinks for 0.8 seconds before the first key of an answer, and the line speaks on
  meanwhile. Each further key takes 0.4 seconds. Someone who knows the menu by heart thinks not.
* A word counts as heard when it has begun.
* Silence is a time in which a person hears nothing (no speech, no music, no other person, no
  ringing) and does nothing (presses no key, says nothing). A digit that is pressed ends it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

CHARACTERS_A_SECOND = 15
THINKS, KEY = 0.8, 0.4
LETTERS = "".join(chr(code) for code in range(0x250) if chr(code).isalnum())

Entry = dict[str, Any]


@dataclass(frozen=True)
class Spoken:
    """One sentence or melody that a telephone heard, from when until when."""

    text: str
    begins: float
    ends: float
    language: str = ""

    @property
    def heard(self) -> str:
        """The text as far as it was spoken, up to the end of the word that was interrupted."""
        length = round((self.ends - self.begins) * CHARACTERS_A_SECOND)
        rest = self.text[length:]
        if length and rest and not self.text[length - 1].isspace():
            length += len(rest) - len(rest.lstrip(LETTERS))
        return self.text[:length].rstrip()

    @property
    def words(self) -> int:
        """How many of its words had begun when it ended, or was interrupted."""
        return len(self.heard.split())


@dataclass
class Heard:
    """One leg of a call: all that its telephone heard and did, in seconds since the story began."""

    number: str
    calls: bool
    begins: float
    ends: float = 0.0
    spoken: list[Spoken] = field(default_factory=list)
    sounds: list[tuple[float, float]] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    questions: list[float] = field(default_factory=list)
    acts: list[tuple[float, str, str]] = field(default_factory=list)

    def words(self, until: float) -> int:
        """The words heard by then."""
        return sum(cut(one, until).words for one in self.spoken if one.begins < until)

    def speech(self, until: float) -> float:
        """The seconds of speech heard by then."""
        return sum(min(one.ends, until) - one.begins for one in self.spoken if one.begins < until)

    def silences(self) -> Iterator[tuple[float, float]]:
        """Each silence: when it began, and how many seconds it took."""
        quiet_since = self.begins
        for begins, ends in sorted([*self.sounds, (self.ends, self.ends)]):
            if begins > quiet_since:
                yield quiet_since, begins - quiet_since
            quiet_since = max(quiet_since, ends)

    def counted(self) -> Counter[str]:
        """How often each sentence was heard."""
        return Counter(one.text for one in self.spoken)


def cut(one: Spoken, until: float) -> Spoken:
    """The sentence as far as it was heard by then."""
    return Spoken(one.text, one.begins, min(one.ends, until), one.language)


def seconds_to_speak(text: str) -> float:
    """How long the line takes to say this."""
    return len(text) / CHARACTERS_A_SECOND


class Listener:
    """Reads a transcript entry by entry, and knows what sounds at each moment."""

    def __init__(self, heard: Heard, since: dt.datetime, dials: Sequence[dt.datetime]) -> None:
        """Count from ``since``; ``dials`` are the moments at which this leg rang another phone."""
        self.heard, self._since = heard, since
        self._dials = {(moment - since).total_seconds() for moment in dials}
        self._asks = self._waits = False
        self._joined_at: float | None = None

    def read(self, entries: Sequence[Entry]) -> Heard:
        """Everything that this transcript says was heard."""
        for position, entry in enumerate(entries):
            reader = getattr(self, f"_on_{entry['what']}", None)
            if reader is not None:
                reader(self._at(entry), entry, entries[position + 1 :])
        self._part(self.heard.ends)
        return self.heard

    def _at(self, entry: Entry) -> float:
        return (dt.datetime.fromisoformat(entry["at"]) - self._since).total_seconds()

    def _on_document(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        self._asks = False

    def _on_gather(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        self._asks = True
        if not self._waits:
            self.heard.questions.append(at)

    def _on_record(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        self.heard.questions.append(at)
        self._did(at, "hears", "(a tone)")

    def _on_enqueue(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        self._waits = True

    def _on_dequeue(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        self._waits = False

    def _on_key(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        self.heard.keys.append(at)
        self._did(at, "presses", entry["text"])
        self.heard.sounds.append((at, at))

    def _on_say(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        ends = self._ends(at + seconds_to_speak(entry["text"]), following)
        self.heard.spoken.append(Spoken(entry["text"], at, ends, entry.get("language") or ""))
        self.heard.sounds.append((at, ends))

    def _on_play(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        ends = self._ends(at + entry.get("seconds", 0), following)
        self.heard.sounds.append((at, ends))
        music = "music.wav" in str(entry.get("url"))
        self._did(at, "hears", f"({'music' if music else 'a recording'}, {ends - at:.0f} s)")

    def _on_speak(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        self.heard.sounds.append((at, at + entry["seconds"]))
        self._did(at, "speaks", f"({entry['seconds']:.0f} s)")

    def _on_dial(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        if at in self._dials:  # a telephone that rings is heard; a queue is silent
            self.heard.sounds.append((at, self._ends(self.heard.ends, following)))

    def _on_bridge(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        self._joined_at = at
        self._did(at, "talks", "")

    def _on_unbridge(self, at: float, entry: Entry, following: Sequence[Entry]) -> None:
        self._part(at)

    def _did(self, at: float, does: str, what: str) -> None:
        self.heard.acts.append((at, does, what))

    def _part(self, at: float) -> None:
        if self._joined_at is not None:
            self.heard.sounds.append((self._joined_at, at))
            self._joined_at = None

    def _ends(self, at: float, following: Sequence[Entry]) -> float:
        """When a sound ends that would last until ``at``: the next entry ends it, and a key only
        where keys are asked for."""
        for entry in following:
            passes_over = entry["what"] in ("speak", "voice", "warning")
            if not passes_over and (entry["what"] != "key" or self._asks):
                return min(at, self._at(entry), self.heard.ends)
        return min(at, self.heard.ends)

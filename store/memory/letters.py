"""The letters of the book in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from routing.errands import Errand
from routing.letter import CONTACT, Letter
from routing.page import Result
from store.letters import ENDED
from store.memory.rows import Rows


class MemoryLetters:
    """Keeps what ``routing.ports.Book`` promises of letters."""

    rows: Rows
    _lock: Lock

    def write(self, letters: Sequence[Letter], at: dt.datetime) -> Sequence[str]:
        """Write letters that belong to no decision, each once, and the errands that send them."""
        with self._lock:
            fresh = [letter for letter in letters if letter.id not in self.rows.letters]
            self.rows.letters |= {letter.id: letter for letter in fresh}
            return self.rows.post([Errand(letter.at, letter.sending) for letter in fresh], at)

    def letter(self, letter_id: str) -> Letter | None:
        """The letter of this id."""
        return self.rows.letters.get(letter_id)

    def letter_became(
        self, letter_id: str, result: Result, sid: str | None = None, reason: str | None = None
    ) -> None:
        """What became of it; delivered, undelivered and failed are final."""
        letter = self.rows.letters.get(letter_id)
        if letter is not None and letter.result not in ENDED:
            became = replace(letter, result=result, sid=sid or letter.sid, reason=reason)
            self.rows.letters[letter_id] = became

    def letters_of(self, line: str, words: str, since: dt.datetime) -> Sequence[Letter]:
        """The letters of a line in these words since, oldest first, that are about no one
        incident."""
        ours = [one for one in self.rows.letters.values() if one.line == line and one.at >= since]
        found = [one for one in ours if one.words == words and one.incident is None]
        return sorted(found, key=lambda one: (one.at, one.id))

    def letters_wait(self, incident: str) -> bool:
        """True while a letter to a contact about this incident has not gone out."""
        letters = [each for each in self.rows.letters.values() if each.incident == incident]
        return any(each.reader == CONTACT and each.result is None for each in letters)

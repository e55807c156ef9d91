"""What is kept of letters: the part of the book in which they stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from routing.letter import Letter
from routing.page import Result


class LetterBook(Protocol):
    """Letters, and what became of them."""

    def write(self, letters: Sequence[Letter], at: dt.datetime) -> Sequence[str]:
        """Write letters that belong to no decision of the flow, and the errands that send them;
        one of an id that was written before is left as it is. Gives back the errands due."""

    def letter(self, letter_id: str) -> Letter | None:
        """The letter of this id."""

    def letter_became(
        self, letter_id: str, result: Result, sid: str | None = None, reason: str | None = None
    ) -> None:
        """What became of it, and why, where somebody said so: delivered, undelivered and failed are
        final; unknown ids are none."""

    def letters_of(self, line: str, words: str, since: dt.datetime) -> Sequence[Letter]:
        """The letters of a line in these words since, oldest first, that are about no one
        incident."""

    def letters_wait(self, incident: str) -> bool:
        """True while a letter to a contact about this incident (its key) has not gone out."""

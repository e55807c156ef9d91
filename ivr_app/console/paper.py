"""Fields of forms that are read as the files of the line are, so that both take the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ivr_app.console.viewer import line
from plan.reading import Reader, Reading, Terms, Wrong
from plan.sheet import Mark, Word
from routing.dialling import dialled_countries

T = TypeVar("T")


def as_on_paper(reader: Reader[T], mistake: str) -> Callable[[str], T]:
    """Reads a field with the reader of a file; ``mistake`` is the key of what is said otherwise."""

    def read(text: str) -> T:
        looked_at = line()
        terms = Terms(_unhashed)
        if looked_at is not None:
            dialled = dialled_countries(looked_at)
            terms = replace(terms, country=looked_at.country, dialled=dialled)
        try:
            return reader(Word(Mark(1, ""), text), Reading(terms))
        except Wrong:
            raise ValueError(mistake) from None

    return read


def _unhashed(pin: str, owner: str) -> str:
    """No form asks for a PIN."""
    return ""

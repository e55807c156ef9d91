"""What the line says, by the key of the sentence: only the tests of words know its words."""

from __future__ import annotations

from string import Formatter

from carrier.prompts import read_spoken, render_sentence
from routing.voice_document import Value


def words_of(prompt: str, language: str = "nl", **values: Value) -> str:
    """The sentence with these values; without any, its longest part that has no value in it."""
    if values:
        return render_sentence(language, prompt, values)
    parts = [text for text, *_ in Formatter().parse(read_spoken(language)[prompt])]
    return max(parts, key=len).strip()

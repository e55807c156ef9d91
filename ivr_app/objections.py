"""Why what was said about an incident is not done: no such incident, nobody we know, not now."""

from __future__ import annotations

from collections.abc import Mapping

from carrier import prompts
from routing.line import Line


class NoIncidentError(Exception):
    """There is no incident of this number."""


class NobodyError(Exception):
    """Who speaks, or is named, is nobody of the line; ``known`` are those who are."""

    def __init__(self, who: str, line: Line, known: tuple[str, ...]) -> None:
        """The message names nobody but who was asked for."""
        super().__init__(who)
        self.who, self.line, self.known = who, line, known


class NotNowError(Exception):
    """What was said cannot be done as the incident stands."""

    def __init__(self, words: str, values: Mapping[str, str | int]) -> None:
        """``words`` is the key of the sentence that says why."""
        super().__init__(words)
        self.words, self.values = words, values

    def sentence(self, language: str) -> str:
        """Why not, in this language."""
        return prompts.text(language, self.words, self.values)

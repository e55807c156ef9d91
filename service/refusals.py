"""What there is to say of a change, in the language and by the clock of whoever asks for it."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from carrier import prompts
from routing.line import Line

MESSAGES_FILE = Path(__file__).with_name("refusals.toml")

Value = str | int | dt.datetime


@dataclass(frozen=True)
class RefusalText:
    """``words`` is the key of a sentence; moments among the ``values`` are told to the minute."""

    words: str
    values: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, words: str, **values: Value) -> RefusalText:
        """The remark that these values fill in."""
        return cls(words, tuple(values.items()))

    def said(self, language: str, zone: str) -> str:
        """The sentence."""
        told = {name: _format_value(value, ZoneInfo(zone)) for name, value in self.values}
        return load_messages()[self.words][language].format_map(told)


class ChangeRefusedError(Exception):
    """Why something stays as it is."""

    def __init__(self, words: str, **values: Value) -> None:
        """``words`` is the key of the sentence that says why."""
        super().__init__(words)
        self.remark = RefusalText.of(words, **values)


class ShiftRefusedError(ChangeRefusedError):
    """Why the shifts stay as they are."""


class PhoneRefusedError(ChangeRefusedError):
    """Why somebody's telephone numbers stay as they are."""


@cache
def load_messages() -> Mapping[str, Mapping[str, str]]:
    """Every sentence by its key, in each language."""
    return tomllib.loads(MESSAGES_FILE.read_text(encoding="utf-8"))


def _format_value(value: Value, zone: ZoneInfo) -> str | int:
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).replace(tzinfo=None).isoformat(" ", "minutes")
    return value


# Why what was said about an incident is not done: no such incident, nobody we know, not now.


class IncidentNotFoundError(Exception):
    """There is no incident of this number."""


class UnknownPersonError(Exception):
    """Who speaks, or is named, is nobody of the line; ``known`` are those who are."""

    def __init__(self, who: str, line: Line, known: tuple[str, ...]) -> None:
        """The message names nobody but who was asked for."""
        super().__init__(who)
        self.who, self.line, self.known = who, line, known


class ActionRefusedError(Exception):
    """What was said cannot be done as the incident stands."""

    def __init__(self, words: str, values: Mapping[str, str | int]) -> None:
        """``words`` is the key of the sentence that says why."""
        super().__init__(words)
        self.words, self.values = words, values

    def sentence(self, language: str) -> str:
        """Why not, in this language."""
        return prompts.text(language, self.words, self.values)

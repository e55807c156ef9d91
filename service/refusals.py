"""Reasons why a change is refused, and warnings about one, as texts of ``refusals.toml``."""

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

LANGUAGES = ("nl", "en")
"""The languages of console, portal and API; the first is the default. A telephone speaks more."""

MESSAGES_FILE = Path(__file__).with_name("refusals.toml")

Value = str | int | dt.datetime


@dataclass(frozen=True)
class RefusalText:
    """``key`` names a sentence; times among the ``values`` are shown to the minute."""

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, key: str, **values: Value) -> RefusalText:
        """The text of this key with these values."""
        return cls(key, tuple(values.items()))

    def render(self, language: str, zone: str) -> str:
        """The sentence in this language, with times in this zone."""
        shown = {name: _format_value(value, ZoneInfo(zone)) for name, value in self.values}
        return load_messages()[self.key][language].format_map(shown)


class ChangeRefusedError(Exception):
    """A change is refused; ``reason`` says why."""

    def __init__(self, key: str, **values: Value) -> None:
        """``key`` names the sentence that says why."""
        super().__init__(key)
        self.reason = RefusalText.of(key, **values)


class ShiftRefusedError(ChangeRefusedError):
    """A change of shifts is refused."""


class PhoneRefusedError(ChangeRefusedError):
    """A change of phone numbers is refused."""


class LodgingRefusedError(ChangeRefusedError):
    """The customer of an incident, or a file, is not known."""


@cache
def load_messages() -> Mapping[str, Mapping[str, str]]:
    """Every sentence by its key, in each language."""
    return tomllib.loads(MESSAGES_FILE.read_text(encoding="utf-8"))


def _format_value(value: Value, zone: ZoneInfo) -> str | int:
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).replace(tzinfo=None).isoformat(" ", "minutes")
    return value


# Why an action on an incident is refused.


class IncidentNotFoundError(Exception):
    """There is no incident of this number."""


class UnknownPersonError(Exception):
    """The person is not on the line; ``known`` lists the people who are."""

    def __init__(self, who: str, line: Line, known: tuple[str, ...]) -> None:
        """The message names only the person who was asked for."""
        super().__init__(who)
        self.who, self.line, self.known = who, line, known


class ActionRefusedError(Exception):
    """The action is not possible in the current state of the incident."""

    def __init__(self, key: str, values: Mapping[str, str | int]) -> None:
        """``key`` names the sentence that says why."""
        super().__init__(key)
        self.key, self.values = key, values

    def render(self, language: str) -> str:
        """The reason in this language."""
        return prompts.render_text(language, self.key, self.values)

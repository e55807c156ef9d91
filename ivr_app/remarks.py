"""What there is to say of a change, in the language and by the clock of whoever asks for it."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

WORDS = Path(__file__).with_name("remarks.toml")

Value = str | int | dt.datetime


@dataclass(frozen=True)
class Remark:
    """``words`` is the key of a sentence; moments among the ``values`` are told to the minute."""

    words: str
    values: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, words: str, **values: Value) -> Remark:
        """The remark that these values fill in."""
        return cls(words, tuple(values.items()))

    def said(self, language: str, zone: str) -> str:
        """The sentence."""
        told = {name: _told(value, ZoneInfo(zone)) for name, value in self.values}
        return catalogue()[self.words][language].format_map(told)


class UnchangedError(Exception):
    """Why something stays as it is."""

    def __init__(self, words: str, **values: Value) -> None:
        """``words`` is the key of the sentence that says why."""
        super().__init__(words)
        self.remark = Remark.of(words, **values)


class ShiftStaysError(UnchangedError):
    """Why the shifts stay as they are."""


class NumberStaysError(UnchangedError):
    """Why somebody's telephone numbers stay as they are."""


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every sentence by its key, in each language."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def _told(value: Value, zone: ZoneInfo) -> str | int:
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).replace(tzinfo=None).isoformat(" ", "minutes")
    return value

"""What somebody wrote about an incident: the only free words that the line keeps of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class How(StrEnum):
    """By which way somebody told the line something."""

    KEY = "key"
    TEXT = "text"
    LINK = "link"
    COMMAND = "command line"
    CONSOLE = "console"
    CALL = "call"
    API = "api"


@dataclass(frozen=True, slots=True)
class Memo:
    """A note on an incident. ``words`` may name people, so they stand here and nowhere else; a
    spoken note is a recording."""

    id: str
    incident: str
    at: dt.datetime
    by: str
    how: How
    words: str


class Memos(Protocol):
    """The notes on every incident. They are written with the decision that heard of them."""

    def memos(self, incident: str) -> Sequence[Memo]:
        """The notes on an incident, oldest first."""

    def jotted(self, memo: str) -> bool:
        """True when a note of this id is kept, on whatever incident."""

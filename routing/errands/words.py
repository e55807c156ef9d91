"""What must be told to somebody in writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Text:
    """Send the text of this page."""

    page: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Mail:
    """Send the e-mail of this page."""

    page: str
    kind: Literal["mail"] = "mail"


@dataclass(frozen=True, slots=True)
class Send:
    """Send this letter, by text or by mail."""

    letter: str
    kind: Literal["send"] = "send"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell the duty manager that this person gets no more texts today."""

    line: str
    engineer: str
    kind: Literal["alarm"] = "alarm"

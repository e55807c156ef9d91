"""What must be told to somebody in writing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from routing.contract import Plan


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
class TellRelease:
    """Write to those of this plan who asked to hear of releases, about that of this incident."""

    incident: str
    plan: Plan = Plan.MSA_PLUS
    kind: Literal["tell_release"] = "tell_release"

    @property
    def name(self) -> str:
        """The same for everybody who plans it, and an id as any other to a queue."""
        told = f"release/{self.incident}/{self.plan}"
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell the duty manager that this person gets no more texts today."""

    line: str
    engineer: str
    kind: Literal["alarm"] = "alarm"

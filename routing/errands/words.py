"""What must be told to somebody in writing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Literal

from routing.contract import Plan
from routing.errands.lane import Lane


@dataclass(frozen=True, slots=True)
class Text:
    """Send the text of this page."""

    page: str
    kind: Literal["text"] = "text"
    lane: ClassVar[Lane] = Lane.TEXTS


@dataclass(frozen=True, slots=True)
class Mail:
    """Send the e-mail of this page."""

    page: str
    kind: Literal["mail"] = "mail"
    lane: ClassVar[Lane] = Lane.REST


@dataclass(frozen=True, slots=True)
class Send:
    """Send this letter by text."""

    letter: str
    kind: Literal["send"] = "send"
    lane: ClassVar[Lane] = Lane.TEXTS


@dataclass(frozen=True, slots=True)
class SendMail:
    """Send this letter by mail."""

    letter: str
    kind: Literal["send_mail"] = "send_mail"
    lane: ClassVar[Lane] = Lane.REST


@dataclass(frozen=True, slots=True)
class TellRelease:
    """Write to those of this plan who asked to hear of releases, about that of this incident."""

    incident: str
    plan: Plan = Plan.MSA_PLUS
    kind: Literal["tell_release"] = "tell_release"
    lane: ClassVar[Lane] = Lane.REST

    @property
    def name(self) -> str:
        """The same for everybody who plans it, and an id as any other to a queue."""
        told = f"release/{self.incident}/{self.plan}"
        return f"{self.lane}-{hashlib.blake2b(told.encode(), digest_size=16).hexdigest()}"


@dataclass(frozen=True, slots=True)
class WrongPins:
    """Tell the duty manager that PINs of this contract, or of any, are being guessed."""

    line: str
    contract: str | None = None
    kind: Literal["wrong_pins"] = "wrong_pins"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class TellUnrung:
    """Tell those on call of this incident, for which nobody was rung, and of others like it."""

    incident: str
    again: int = 0  # how often nobody could be told
    kind: Literal["tell_unrung"] = "tell_unrung"
    lane: ClassVar[Lane] = Lane.DECISIONS

    @property
    def name(self) -> str:
        """The same for everybody who plans it, and an id as any other to a queue."""
        tried = f"unrung/{self.incident}/{self.again}"
        return f"{self.lane}-{hashlib.blake2b(tried.encode(), digest_size=16).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell the duty manager that this person gets no more texts today."""

    line: str
    engineer: str
    kind: Literal["alarm"] = "alarm"
    lane: ClassVar[Lane] = Lane.DECISIONS

"""The people who are reached for a line, and the ways to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How an engineer can be reached; ``call`` is the ring itself, the others go beside it."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Engineer:
    """Somebody who can be on call. ``phones`` are E.164, tried in order; no languages means all."""

    id: str
    name: str
    phones: tuple[str, ...]
    email: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyManager:
    """Who is told when something about the line itself needs a human: by text, mail, or both."""

    phone: str | None = None
    email: str | None = None
    language: str | None = None

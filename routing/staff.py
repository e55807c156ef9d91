"""The people who are reached for a line, and the ways to reach them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from routing.duty import Hours


class Channel(StrEnum):
    """How an engineer can be reached; ``call`` is the ring itself, the others go beside it."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class ContactRule:
    """One of an engineer's own rules for notices: by which way, so long after the first ring."""

    by: Channel
    after: dt.timedelta = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class Engineer:
    """Somebody who can be on call. ``phones`` are E.164, tried in order; no languages means all.

    ``contact`` stands in place of the line's `paging.channels`; ``quiet`` is in the line's zone.
    """

    id: str
    name: str
    phones: tuple[str, ...]
    email: str | None = None
    languages: tuple[str, ...] = ()
    contact: tuple[ContactRule, ...] = ()
    quiet: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyManager:
    """Who is told when something about the line itself needs a human: by text, mail, or both."""

    phone: str | None = None
    email: str | None = None
    language: str | None = None

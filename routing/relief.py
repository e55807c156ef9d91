"""A relief: somebody who comes on duty at a handover, is told so, and says that it was read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class HandoverRules:
    """Whether whoever comes on is told, and how long there is to confirm it."""

    tell: bool = True
    confirm_within: dt.timedelta = dt.timedelta(minutes=15)


class Standing(StrEnum):
    """What has become of a relief so far."""

    TOLD = "told"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"  # no reply in time: others were told
    LAPSED = "lapsed"  # the duty was somebody else's before it had to be confirmed
    SKIPPED = "skipped"  # nobody was told: the line was away for too long


@dataclass(frozen=True, slots=True)
class Relief:
    """One person who comes on in one schedule at one instant.

    ``before`` went off then. ``until`` is None where the duty has no end in sight. ``code`` is
    what the person texts back; ``reply`` is the carrier's id of the text that confirmed.
    """

    id: str
    line: str
    schedule: str
    at: dt.datetime
    engineer: str
    before: tuple[str, ...]
    until: dt.datetime | None
    code: int
    standing: Standing = Standing.TOLD
    told_at: dt.datetime | None = None
    confirm_by: dt.datetime | None = None
    confirmed_at: dt.datetime | None = None
    warned_at: dt.datetime | None = None
    reply: str | None = None
    version: int = 0

    @property
    def waits(self) -> bool:
        """True while a reply is still wanted, even when it is late."""
        return self.standing in (Standing.TOLD, Standing.UNCONFIRMED)

    def lasts(self, now: dt.datetime) -> bool:
        """True while the duty is not over."""
        return self.until is None or now < self.until

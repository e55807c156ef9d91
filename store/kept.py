"""What is kept beside the file of a line: who is on call for a time instead of others."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from routing.line import Override

SWAP = "swap"
OVERRIDE = "override"
CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Kept:
    """An override with its origin, and the name by which that origin knows it."""

    override: Override
    origin: str
    uid: str
    created_at: dt.datetime

    @property
    def by_hand(self) -> bool:
        """True for what somebody changed, and not a calendar."""
        return self.origin != CALENDAR

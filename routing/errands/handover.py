"""What must be done at a handover."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import ClassVar, Literal

from routing.errands.lane import Lane


@dataclass(frozen=True, slots=True)
class HandoverDue:
    """Tell this engineer about coming on at this instant, if the schedule still says so."""

    line: str
    schedule: str
    at: dt.datetime
    engineer: str
    kind: Literal["handover_due"] = "handover_due"
    lane: ClassVar[Lane] = Lane.DECISIONS

    @property
    def name(self) -> str:
        """The same for everybody who plans this handover, and an id as any other to a queue."""
        parts = (self.line, self.schedule, self.at.astimezone(dt.UTC).isoformat(), self.engineer)
        digest = hashlib.blake2b("/".join(parts).encode(), digest_size=16).hexdigest()
        return f"{self.lane}-{digest}"


@dataclass(frozen=True, slots=True)
class ReliefCheck:
    """At its time: was the letter of this relief lost, and is it confirmed?"""

    relief: str
    kind: Literal["relief_check"] = "relief_check"
    lane: ClassVar[Lane] = Lane.DECISIONS

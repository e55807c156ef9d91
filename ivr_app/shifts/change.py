"""One change of who is on call: who gives, who takes, and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ivr_app.calendars.stretches import Span
from routing.line import Engineer
from store.kept import OVERRIDE, SWAP


@dataclass(frozen=True, slots=True)
class Change:
    """Who gives, who takes, and when; ``uid`` names the change, ``at`` is when it is made.

    Where nobody gives, somebody is on call beside the others; where nobody takes, one fewer is.
    """

    give: Engineer | None
    take: Engineer | None
    span: Span
    uid: str
    at: dt.datetime

    @property
    def origin(self) -> str:
        """A swap between two people, or an override."""
        return SWAP if self.give and self.take else OVERRIDE

"""What somebody wants changed, held against what can be: whom, until when, and not in the past."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from ivr_app.calendars.stretches import Span
from ivr_app.remarks import ShiftStaysError
from ivr_app.shifts.change import Change
from routing.line import Engineer

LONGEST = dt.timedelta(days=100)
"""What goes on for longer is no swap, and belongs into the file."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who gives, who takes, and when; in a trade also the time that the giver has in ``back``."""

    give: Engineer | None
    take: Engineer | None
    span: Span
    back: Span | None = None

    def changes(self, at: dt.datetime) -> tuple[Change, ...]:
        """The changes that it comes to, under one name. Raises ShiftStaysError."""
        if self.give is None and self.take is None:
            raise ShiftStaysError("nobody")
        if self.give and self.take and self.give.id == self.take.id:
            raise ShiftStaysError("same", name=self.give.name)
        uid = f"{'swap' if self.give and self.take else 'override'}-{secrets.token_hex(8)}"
        first = Change(self.give, self.take, _ahead(self.span, at), uid, at)
        if self.back is None:
            return (first,)
        return first, Change(self.take, self.give, _ahead(self.back, at), uid, at)


def _ahead(span: Span, at: dt.datetime) -> Span:
    """From now on, of what has begun."""
    start, end = span
    if start >= end:
        raise ShiftStaysError("order")
    if end - max(start, at) > LONGEST:
        raise ShiftStaysError("long", days=LONGEST.days)
    if end <= at:
        raise ShiftStaysError("over")
    return max(start, at), end

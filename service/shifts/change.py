"""A requested change of shifts, its checks and its warnings."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from routing.line import Engineer, Schedule
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import segments
from service.calendar_feed import Span
from service.refusals import RefusalText, ShiftRefusedError, Value
from store.people.overrides import OVERRIDE, SWAP, StoredOverride


@dataclass(frozen=True, slots=True)
class ShiftChange:
    """``give`` leaves a span and ``take`` covers it; ``uid`` names the change, made at ``at``.

    Without ``give`` an extra engineer is on call; without ``take`` one fewer is.
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


# The request, checked: different people, a span in order, not too long, not in the past.


MAX_LENGTH = dt.timedelta(days=100)
"""A longer change belongs in the line's file."""


@dataclass(frozen=True, slots=True)
class ShiftRequest:
    """A swap or an override; a trade also has ``back``, the span that the giver takes in return."""

    give: Engineer | None
    take: Engineer | None
    span: Span
    back: Span | None = None

    def changes(self, at: dt.datetime) -> tuple[ShiftChange, ...]:
        """The changes of the request, with one uid. Raises ShiftRefusedError."""
        if self.give is None and self.take is None:
            raise ShiftRefusedError("nobody")
        if self.give and self.take and self.give.id == self.take.id:
            raise ShiftRefusedError("same", name=self.give.name)
        uid = f"{'swap' if self.give and self.take else 'override'}-{secrets.token_hex(8)}"
        first = ShiftChange(self.give, self.take, _clip_to_future(self.span, at), uid, at)
        if self.back is None:
            return (first,)
        return first, ShiftChange(self.take, self.give, _clip_to_future(self.back, at), uid, at)


def _clip_to_future(span: Span, at: dt.datetime) -> Span:
    """Cut off the part of a span that has passed. Raises ShiftRefusedError."""
    start, end = span
    if start >= end:
        raise ShiftRefusedError("order")
    if end - max(start, at) > MAX_LENGTH:
        raise ShiftRefusedError("long", days=MAX_LENGTH.days)
    if end <= at:
        raise ShiftRefusedError("over")
    return max(start, at), end


# Warnings about a change, and changes that the line's file overrules.


def check_against_file(
    change: ShiftChange, after: Schedule, given: Sequence[Span], office: OfficeHours
) -> None:
    """Raise ShiftRefusedError where the line's file overrules the change."""
    give, take = change.give, change.take
    for start, end in given:
        for segment in segments(after, start, end, office):
            told: dict[str, Value] = {"schedule": after.id, "start": start, "end": end}
            if give and (give.id in segment.on_call or (take and take.id not in segment.on_call)):
                raise ShiftRefusedError("only_file", name=give.name, **told)
            if take and take.id not in segment.on_call:
                raise ShiftRefusedError("instead", **told)


def warn_of_double_duty(change: ShiftChange, doubled: Sequence[Span]) -> Iterator[RefusalText]:
    """Warn of the spans in which the taker is on call already."""
    name = change.take.name if change.take else ""
    return (RefusalText.of("thinner", name=name, start=start, end=end) for start, end in doubled)


def warn_of_absences(
    change: ShiftChange, given: Sequence[Span], kept: Sequence[StoredOverride]
) -> Iterator[RefusalText]:
    """Warn of the spans in which the taker is absent."""
    take = change.take
    for override in (k.override for k in kept if take and k.override.remove == take.id):
        if take and any(override.start < end and start < override.end for start, end in given):
            yield RefusalText.of("away", name=take.name, start=override.start, end=override.end)

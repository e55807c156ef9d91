"""What is odd about a change of shifts, and what the file would not let hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ivr_app.calendars.stretches import Span
from ivr_app.remarks import Remark, ShiftStaysError, Value
from ivr_app.shifts.change import Change
from routing.line import Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import segments
from store.kept import Kept


def refuse_what_would_not_hold(
    change: Change, after: Schedule, given: Sequence[Span], office: Office
) -> None:
    """Raises ShiftStaysError where the file has the last word on a time."""
    give, take = change.give, change.take
    for start, end in given:
        for segment in segments(after, start, end, office):
            told: dict[str, Value] = {"schedule": after.id, "start": start, "end": end}
            if give and (give.id in segment.on_call or (take and take.id not in segment.on_call)):
                raise ShiftStaysError("only_file", name=give.name, **told)
            if take and take.id not in segment.on_call:
                raise ShiftStaysError("instead", **told)


def thinner(change: Change, doubled: Sequence[Span]) -> Iterator[Remark]:
    """When the taker was on call already."""
    name = change.take.name if change.take else ""
    return (Remark.of("thinner", name=name, start=start, end=end) for start, end in doubled)


def away(change: Change, given: Sequence[Span], kept: Sequence[Kept]) -> Iterator[Remark]:
    """When the taker is away."""
    take = change.take
    for override in (k.override for k in kept if take and k.override.remove == take.id):
        if take and any(override.start < end and start < override.end for start, end in given):
            yield Remark.of("away", name=take.name, start=override.start, end=override.end)

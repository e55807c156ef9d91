"""A change taken back: what is kept afterwards, and which times go back to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ivr_app.calendars.stretches import gaps, stretches
from ivr_app.remarks import Remark, ShiftStaysError
from routing.line import Override, Schedule
from routing.schedule.hours import Office
from store.kept import Kept


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is kept after a change was taken back, what went back, and what is odd about it."""

    kept: tuple[Kept, ...]
    back: tuple[Override, ...]
    remarks: tuple[Remark, ...] = ()


def undo(
    uid: str, schedule: Schedule, kept: Sequence[Kept], at: dt.datetime, office: Office
) -> Undoing:
    """Take a change back from ``at`` on; raises ShiftStaysError when there is none, or it is over.

    ``schedule`` is the file's. A swap is one however often it was given on: all of it goes back to
    whom the file has.
    """
    ours = [k.override for k in kept if k.uid == uid and k.by_hand]
    if not ours:
        raise ShiftStaysError("unknown", uid=uid)
    back = tuple(replace(o, start=max(o.start, at)) for o in ours if o.end > at)
    if not back:
        raise ShiftStaysError("undone_over")
    after = tuple(one for k in kept for one in _before(k, uid, at))
    overrides = (*schedule.overrides, *(k.override for k in after))
    remarks = _oddities(back, replace(schedule, overrides=overrides), office)
    return Undoing(after, back, tuple(remarks))


def _before(kept: Kept, uid: str, at: dt.datetime) -> Iterator[Kept]:
    """What stays of one: all of another change, and of ours what is over."""
    if kept.uid != uid or not kept.by_hand:
        yield kept
    elif kept.override.start < at:
        yield replace(kept, override=replace(kept.override, end=min(kept.override.end, at)))


def _oddities(back: Sequence[Override], after: Schedule, office: Office) -> Iterator[Remark]:
    for one in back:
        span = one.start, one.end
        for start, end in gaps(after, span, office):
            yield Remark.of("gap", schedule=after.id, start=start, end=end)
        if one.remove and not any(stretches(one.remove, after, span, office)):
            yield Remark.of("not_back", name=one.remove, schedule=after.id)

"""A swap taken back: what is kept afterwards, and which times go back to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ivr_app.calendars.stretches import Span, gaps, stretches
from ivr_app.cli.printout import local
from ivr_app.cli.refusal import Refusal
from routing.line import Override, Schedule
from routing.schedule.hours import Office
from store.overrides import SWAP, Kept


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is kept after a swap was taken back, what went back, and what is odd about it."""

    kept: tuple[Kept, ...]
    back: tuple[Override, ...]
    remarks: tuple[str, ...] = ()


def undo(
    uid: str, schedule: Schedule, kept: Sequence[Kept], at: dt.datetime, office: Office
) -> Undoing:
    """Take a swap back from ``at`` on; raises Refusal when there is none, or when it is over.

    ``schedule`` is the file's. A swap is one however often it was given on: all of it goes back to
    whom the file has.
    """
    ours = [k.override for k in kept if k.uid == uid and k.origin == SWAP]
    if not ours:
        raise Refusal(f"There is no swap {uid}; flask --app ivr_app swaps lists those there are.")
    back = tuple(replace(o, start=max(o.start, at)) for o in ours if o.end > at)
    if not back:
        raise Refusal("That swap is over: what was on call then stays as it was.")
    after = tuple(one for k in kept for one in _before(k, uid, at))
    overrides = (*schedule.overrides, *(k.override for k in after))
    remarks = _oddities(back, replace(schedule, overrides=overrides), office)
    return Undoing(after, back, tuple(remarks))


def _before(kept: Kept, uid: str, at: dt.datetime) -> Iterator[Kept]:
    """What stays of one: all of another swap, and of ours what is over."""
    if kept.uid != uid or kept.origin != SWAP:
        yield kept
    elif kept.override.start < at:
        yield replace(kept, override=replace(kept.override, end=min(kept.override.end, at)))


def _oddities(back: Sequence[Override], after: Schedule, office: Office) -> Iterator[str]:
    for one in back:
        for span in gaps(after, (one.start, one.end), office):
            yield f"nobody is on call in {after.id} {_when(span, after)}"
        if not any(stretches(one.remove or "", after, (one.start, one.end), office)):
            yield f"{one.remove} is not on call in {after.id} then, as the file is now"


def _when(span: Span, schedule: Schedule) -> str:
    start, end = (local(at, schedule.timezone, "minutes") for at in span)
    return f"from {start} to {end}"

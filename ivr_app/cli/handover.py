"""A shift given away: what is kept afterwards, or why it cannot be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ivr_app.calendars.stretches import Span, stretches
from ivr_app.cli.printout import local
from ivr_app.cli.refusal import Refusal
from routing.line import Engineer, Override, Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import on_call, segments
from store.overrides import SWAP, Kept


@dataclass(frozen=True, slots=True)
class Swap:
    """Who gives, who takes, and when; ``uid`` names the swap, ``at`` is when it is made."""

    give: Engineer
    take: Engineer
    span: Span
    uid: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """What is kept after a swap, the times that changed hands, and what is odd about it.

    Without ``uid`` nothing stands under the swap's own name: it only changed earlier ones.
    """

    kept: tuple[Kept, ...]
    given: tuple[Span, ...]
    remarks: tuple[str, ...] = ()
    uid: str | None = None


def hand_over(swap: Swap, schedule: Schedule, kept: Sequence[Kept], office: Office) -> Handover:
    """Give the shift away; raises Refusal when it is not theirs to give, or would do nothing.

    ``schedule`` is the file's. What somebody has through an earlier swap can be given on, because
    an override never acts on another one: the earlier swap is cut where the new one begins.
    """
    before = _after_swaps(schedule, kept)
    given = tuple(stretches(swap.give.id, before, swap.span, office))
    if not given:
        raise Refusal(_not_theirs(swap, before, office))
    doubled = [span for one in given for span in stretches(swap.take.id, before, one, office)]
    if _length(doubled) == _length(given):
        raise Refusal(f"{swap.take.name} is on call in {schedule.id} for all of that time already.")
    after = _decided(swap, schedule, kept, office)
    _refuse_what_would_not_hold(swap, _after_swaps(schedule, after), given, office)
    others = tuple(k for k in kept if k.origin != SWAP)
    remarks = (*_thinner(swap, schedule, doubled), *_away(swap, schedule, given, others))
    standing = any(k.uid == swap.uid for k in after)
    return Handover((*after, *others), given, remarks, swap.uid if standing else None)


def _after_swaps(schedule: Schedule, kept: Sequence[Kept]) -> Schedule:
    """Absences are left out: what somebody who is away leaves empty can still be given away."""
    swaps = tuple(k.override for k in kept if k.origin == SWAP)
    return replace(schedule, overrides=schedule.overrides + swaps)


def _decided(
    swap: Swap, schedule: Schedule, kept: Sequence[Kept], office: Office
) -> tuple[Kept, ...]:
    earlier = tuple(p for k in kept if k.origin == SWAP for p in _pieces(k, swap))
    mine = Kept(Override(*swap.span, swap.give.id, swap.take.id), SWAP, swap.uid, swap.at)
    one, other = (_after_swaps(schedule, swaps) for swaps in (earlier, (*earlier, mine)))
    acts = list(segments(one, *swap.span, office)) != list(segments(other, *swap.span, office))
    return (*earlier, mine) if acts else earlier


def _pieces(kept: Kept, swap: Swap) -> Iterator[Kept]:
    """An earlier swap, in which the new one takes the place of whoever took."""
    override = kept.override
    start, end = max(override.start, swap.span[0]), min(override.end, swap.span[1])
    if override.add != swap.give.id or start >= end:
        yield kept
        return
    if override.start < start:
        yield replace(kept, override=replace(override, end=start))
    if override.remove != swap.take.id:  # or else the shift goes back to whom it came from
        changed = replace(override, start=start, end=end, add=swap.take.id)
        yield replace(kept, override=changed)
    if end < override.end:
        yield replace(kept, override=replace(override, start=end))


def _refuse_what_would_not_hold(
    swap: Swap, after: Schedule, given: Sequence[Span], office: Office
) -> None:
    for span in given:
        for segment in segments(after, *span, office):
            if swap.give.id in segment.on_call or swap.take.id not in segment.on_call:
                raise Refusal(
                    f"{swap.give.name} is on call in {after.id} {_when(span, after)} through an"
                    " override or `instead` of line.yaml, which a swap cannot change: change it"
                    " there and apply."
                )


def _not_theirs(swap: Swap, schedule: Schedule, office: Office) -> str:
    then = ", ".join(on_call(schedule, swap.span[0], office)) or "nobody"
    when = _when(swap.span, schedule)
    return f"{swap.give.name} is not on call in {schedule.id} {when}; as it begins: {then}."


def _thinner(swap: Swap, schedule: Schedule, doubled: Sequence[Span]) -> Iterator[str]:
    for span in doubled:
        when = _when(span, schedule)
        yield f"{swap.take.name} was on call already {when}: one person fewer then"


def _away(
    swap: Swap, schedule: Schedule, given: Sequence[Span], kept: Sequence[Kept]
) -> Iterator[str]:
    for override in (k.override for k in kept if k.override.remove == swap.take.id):
        if any(override.start < end and start < override.end for start, end in given):
            when = _when((override.start, override.end), schedule)
            yield f"{swap.take.name} is away {when}, says an imported calendar"


def _length(spans: Sequence[Span]) -> dt.timedelta:
    return sum((end - start for start, end in spans), dt.timedelta())


def _when(span: Span, schedule: Schedule) -> str:
    start, end = (local(at, schedule.timezone, "minutes") for at in span)
    return f"from {start} to {end}"

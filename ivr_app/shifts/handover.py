"""A shift that changes hands: what is kept afterwards, or why it cannot be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ivr_app.calendars.stretches import Span, stretches, uncovered
from ivr_app.remarks import Remark, ShiftStaysError, Value
from ivr_app.shifts.change import Change
from ivr_app.shifts.oddities import away, refuse_what_would_not_hold, thinner
from routing.line import Engineer, Override, Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import on_call, segments
from store.kept import Kept


@dataclass(frozen=True, slots=True)
class Handover:
    """What is kept after a change, the times that changed hands, and what is odd about it.

    Without ``uid`` nothing stands under the change's own name: it only changed earlier ones.
    """

    kept: tuple[Kept, ...]
    given: tuple[Span, ...]
    remarks: tuple[Remark, ...] = ()
    uid: str | None = None


def hand_over(change: Change, schedule: Schedule, kept: Sequence[Kept], office: Office) -> Handover:
    """Change the shifts; raises ShiftStaysError when it is not theirs to give, or does nothing.

    ``schedule`` is the file's. What somebody has through an earlier swap can be given on, because
    an override never acts on another one: the earlier swap is cut where the new one begins.
    """
    before = _after_hands(schedule, kept)
    given = _times(change, before, office)
    doubled = _doubled(change, before, given, office)
    if change.take and _length(doubled) == _length(given):
        raise ShiftStaysError("already", name=change.take.name, schedule=schedule.id)
    after = _decided(change, schedule, kept, office)
    refuse_what_would_not_hold(change, _after_hands(schedule, after), given, office)
    others = tuple(k for k in kept if not k.by_hand)
    remarks = (*thinner(change, doubled), *away(change, given, others))
    standing = any(k.uid == change.uid for k in after)
    return Handover((*after, *others), given, remarks, change.uid if standing else None)


def _after_hands(schedule: Schedule, kept: Sequence[Kept]) -> Schedule:
    """Absences are left out: what somebody who is away leaves empty can still be given away."""
    by_hand = tuple(k.override for k in kept if k.by_hand)
    return replace(schedule, overrides=schedule.overrides + by_hand)


def _times(change: Change, before: Schedule, office: Office) -> tuple[Span, ...]:
    """When something changes: while the giver is on call, or else while the taker is not."""
    if change.give is None:
        taker = change.take.id if change.take else ""
        given = tuple(uncovered(taker, before, change.span, office))
        if not given and change.take:
            raise ShiftStaysError("already", name=change.take.name, schedule=before.id)
        return given
    given = tuple(stretches(change.give.id, before, change.span, office))
    if not given:
        raise _not_theirs(change.give, change.span, before, office)
    return given


def _doubled(
    change: Change, before: Schedule, given: Sequence[Span], office: Office
) -> Sequence[Span]:
    """When the taker of somebody's time is on call already."""
    if change.give is None or change.take is None:
        return ()
    return [span for one in given for span in stretches(change.take.id, before, one, office)]


def _decided(
    change: Change, schedule: Schedule, kept: Sequence[Kept], office: Office
) -> tuple[Kept, ...]:
    earlier = tuple(p for k in kept if k.by_hand for p in _pieces(k, change))
    give, take = (one.id if one else None for one in (change.give, change.take))
    mine = Kept(Override(*change.span, give, take), change.origin, change.uid, change.at)
    one, other = (_after_hands(schedule, hands) for hands in (earlier, (*earlier, mine)))
    acts = list(segments(one, *change.span, office)) != list(segments(other, *change.span, office))
    return (*earlier, mine) if acts else earlier


def _pieces(kept: Kept, change: Change) -> Iterator[Kept]:
    """An earlier change, in which the new one takes the place of whoever took."""
    override = kept.override
    start, end = max(override.start, change.span[0]), min(override.end, change.span[1])
    if change.give is None or override.add != change.give.id or start >= end:
        yield kept
        return
    if override.start < start:
        yield replace(kept, override=replace(override, end=start))
    taker = change.take.id if change.take else None
    if override.remove != taker:  # or else the shift goes back to whom it came from
        yield replace(kept, override=replace(override, start=start, end=end, add=taker))
    if end < override.end:
        yield replace(kept, override=replace(override, start=end))


def _not_theirs(give: Engineer, span: Span, schedule: Schedule, office: Office) -> ShiftStaysError:
    then = ", ".join(on_call(schedule, span[0], office))
    told: dict[str, Value] = {
        "name": give.name,
        "schedule": schedule.id,
        "start": span[0],
        "end": span[1],
    }
    if not then:
        return ShiftStaysError("not_theirs_nobody", **told)
    return ShiftStaysError("not_theirs", **told, people=then)


def _length(spans: Sequence[Span]) -> dt.timedelta:
    return sum((end - start for start, end in spans), dt.timedelta())

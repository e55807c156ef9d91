"""A change of shifts: the request, its checks, and the overrides after it or after its undo."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from routing.line import Engineer, Override, Schedule
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import on_call, segments
from service.calendar_feed import Span, find_gaps, find_offcall_spans, find_oncall_spans
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
        return choose_origin(self.give, self.take)

    @property
    def ids(self) -> tuple[str | None, str | None]:
        """The ids of giver and taker."""
        return _id_of(self.give), _id_of(self.take)


MAX_LENGTH = dt.timedelta(days=100)
"""A longer change belongs in the line's file."""


@dataclass(frozen=True, slots=True)
class ShiftRequest:
    """A swap or an override; a trade also has ``back``, the span that the giver takes in return."""

    give: Engineer | None
    take: Engineer | None
    span: Span
    back: Span | None = None

    def changes(self, at: dt.datetime, token: str | None = None) -> tuple[ShiftChange, ...]:
        """The changes of the request, with one uid, in which the token is random unless it is
        given. Raises ShiftRefusedError."""
        if self.give is None and self.take is None:
            raise ShiftRefusedError("nobody")
        if self.give and self.take and self.give.id == self.take.id:
            raise ShiftRefusedError("same", name=self.give.name)
        uid = f"{choose_origin(self.give, self.take)}-{token or secrets.token_hex(8)}"
        first = ShiftChange(self.give, self.take, _clip_to_future(self.span, at), uid, at)
        if self.back is None:
            return (first,)
        return first, ShiftChange(self.take, self.give, _clip_to_future(self.back, at), uid, at)


def choose_origin(give: Engineer | None, take: Engineer | None) -> str:
    """A change between two people is a swap; any other is an override."""
    if give and take:
        return SWAP
    return OVERRIDE


def name_of_person(person: Engineer | None) -> str:
    """The person's name; empty for nobody."""
    if person is None:
        return ""
    return person.name


def _id_of(person: Engineer | None) -> str | None:
    if person is None:
        return None
    return person.id


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


# The overrides after a change, or the reason why it is refused.


@dataclass(frozen=True, slots=True)
class ExchangedShifts:
    """The overrides after a change, the spans that it affects, and warnings.

    ``uid`` is None when the change only altered earlier overrides.
    """

    kept: tuple[StoredOverride, ...]
    given: tuple[Span, ...]
    remarks: tuple[RefusalText, ...] = ()
    uid: str | None = None


def exchange_shifts(
    change: ShiftChange, schedule: Schedule, kept: Sequence[StoredOverride], office: OfficeHours
) -> ExchangedShifts:
    """Change the shifts; raises ShiftRefusedError if the giver is not on call, or nothing changes.

    ``schedule`` is that of the file. A span from an earlier swap can be given on: overrides do not
    stack, so the earlier swap is cut where the new one begins.
    """
    before = _apply_manual_overrides(schedule, kept)
    given = _find_affected_spans(change, before, office)
    doubled = _find_double_duty(change, before, given, office)
    if change.take and _sum_lengths(doubled) == _sum_lengths(given):
        raise ShiftRefusedError("already", name=change.take.name, schedule=schedule.id)
    after = _combine_overrides(change, schedule, kept, office)
    _check_against_file(change, _apply_manual_overrides(schedule, after), given, office)
    absences = tuple(k for k in kept if not k.by_hand)
    remarks = (*_warn_of_double_duty(change, doubled), *_warn_of_absences(change, given, absences))
    uid = None
    if any(k.uid == change.uid for k in after):
        uid = change.uid
    return ExchangedShifts((*after, *absences), given, remarks, uid)


def _apply_manual_overrides(schedule: Schedule, kept: Sequence[StoredOverride]) -> Schedule:
    """Apply swaps and overrides, but no absences: an absent engineer can give a shift away."""
    by_hand = tuple(k.override for k in kept if k.by_hand)
    return replace(schedule, overrides=schedule.overrides + by_hand)


def _find_affected_spans(
    change: ShiftChange, before: Schedule, office: OfficeHours
) -> tuple[Span, ...]:
    """The spans that change: while the giver is on call, or else while the taker is not."""
    if change.give is None:
        taker = _id_of(change.take) or ""
        given = tuple(find_offcall_spans(taker, before, change.span, office))
        if not given and change.take:
            raise ShiftRefusedError("already", name=change.take.name, schedule=before.id)
        return given
    given = tuple(find_oncall_spans(change.give.id, before, change.span, office))
    if not given:
        raise _build_not_on_call_error(change.give, change.span, before, office)
    return given


def _find_double_duty(
    change: ShiftChange, before: Schedule, given: Sequence[Span], office: OfficeHours
) -> Sequence[Span]:
    """The spans in which the taker is on call already."""
    if change.give is None or change.take is None:
        return ()
    return [
        span for one in given for span in find_oncall_spans(change.take.id, before, one, office)
    ]


def _combine_overrides(
    change: ShiftChange, schedule: Schedule, kept: Sequence[StoredOverride], office: OfficeHours
) -> tuple[StoredOverride, ...]:
    """The manual overrides after the change; an override that has no effect is left out."""
    earlier = tuple(p for k in kept if k.by_hand for p in _split_earlier_change(k, change))
    override = Override(*change.span, *change.ids)
    with_change = (*earlier, StoredOverride(override, change.origin, change.uid, change.at))
    one, other = (_apply_manual_overrides(schedule, some) for some in (earlier, with_change))
    if list(segments(one, *change.span, office)) == list(segments(other, *change.span, office)):
        return earlier
    return with_change


def _split_earlier_change(kept: StoredOverride, change: ShiftChange) -> Iterator[StoredOverride]:
    """Split an earlier override where the new change replaces its taker."""
    override = kept.override
    start, end = max(override.start, change.span[0]), min(override.end, change.span[1])
    if change.give is None or override.add != change.give.id or start >= end:
        yield kept
        return
    if override.start < start:
        yield replace(kept, override=replace(override, end=start))
    taker = _id_of(change.take)
    if override.remove != taker:  # else the shift returns to its earlier owner
        yield replace(kept, override=replace(override, start=start, end=end, add=taker))
    if end < override.end:
        yield replace(kept, override=replace(override, start=end))


def _build_not_on_call_error(
    give: Engineer, span: Span, schedule: Schedule, office: OfficeHours
) -> ShiftRefusedError:
    people = ", ".join(on_call(schedule, span[0], office))
    values: dict[str, Value] = {
        "name": give.name,
        "schedule": schedule.id,
        "start": span[0],
        "end": span[1],
    }
    if not people:
        return ShiftRefusedError("not_theirs_nobody", **values)
    return ShiftRefusedError("not_theirs", **values, people=people)


def _sum_lengths(spans: Sequence[Span]) -> dt.timedelta:
    return sum((end - start for start, end in spans), dt.timedelta())


# Warnings about a change, and changes that the line's file overrules.


def _check_against_file(
    change: ShiftChange, after: Schedule, given: Sequence[Span], office: OfficeHours
) -> None:
    """Raise ShiftRefusedError where the line's file overrules the change."""
    for start, end in given:
        for segment in segments(after, start, end, office):
            _check_segment(
                change, segment.on_call, {"schedule": after.id, "start": start, "end": end}
            )


def _check_segment(change: ShiftChange, people: Sequence[str], values: dict[str, Value]) -> None:
    give, take = change.give, change.take
    missed = take is not None and take.id not in people
    if give is not None and (give.id in people or missed):
        raise ShiftRefusedError("only_file", name=give.name, **values)
    if missed:
        raise ShiftRefusedError("instead", **values)


def _warn_of_double_duty(change: ShiftChange, doubled: Sequence[Span]) -> Iterator[RefusalText]:
    """Warn of the spans in which the taker is on call already."""
    name = name_of_person(change.take)
    return (RefusalText.of("thinner", name=name, start=start, end=end) for start, end in doubled)


def _warn_of_absences(
    change: ShiftChange, given: Sequence[Span], absences: Sequence[StoredOverride]
) -> Iterator[RefusalText]:
    """Warn of the spans in which the taker is absent."""
    take = change.take
    if take is None:
        return
    for override in (k.override for k in absences if k.override.remove == take.id):
        if any(override.start < end and start < override.end for start, end in given):
            yield RefusalText.of("away", name=take.name, start=override.start, end=override.end)


# The overrides after an undo, and the spans that go back.


@dataclass(frozen=True, slots=True)
class UndoneShifts:
    """The overrides after an undo, the overrides that it removed, and warnings."""

    kept: tuple[StoredOverride, ...]
    back: tuple[Override, ...]
    remarks: tuple[RefusalText, ...] = ()


def undo_change(
    uid: str,
    schedule: Schedule,
    kept: Sequence[StoredOverride],
    at: dt.datetime,
    office: OfficeHours,
) -> UndoneShifts:
    """Undo a change from ``at`` on; raises ShiftRefusedError when it does not exist or is over.

    ``schedule`` is that of the file. All parts of a swap that was given on go back to the engineer
    of the file.
    """
    ours = [k.override for k in kept if k.uid == uid and k.by_hand]
    if not ours:
        raise ShiftRefusedError("unknown", uid=uid)
    back = tuple(replace(o, start=max(o.start, at)) for o in ours if o.end > at)
    if not back:
        raise ShiftRefusedError("undone_over")
    after = tuple(one for k in kept for one in _keep_past(k, uid, at))
    overrides = (*schedule.overrides, *(k.override for k in after))
    remarks = _warn_of_undo(back, replace(schedule, overrides=overrides), office)
    return UndoneShifts(after, back, tuple(remarks))


def _keep_past(kept: StoredOverride, uid: str, at: dt.datetime) -> Iterator[StoredOverride]:
    """Keep every other override, and the past part of this one."""
    if kept.uid != uid or not kept.by_hand:
        yield kept
    elif kept.override.start < at:
        yield replace(kept, override=replace(kept.override, end=min(kept.override.end, at)))


def _warn_of_undo(
    back: Sequence[Override], after: Schedule, office: OfficeHours
) -> Iterator[RefusalText]:
    for one in back:
        span = one.start, one.end
        for start, end in find_gaps(after, span, office):
            yield RefusalText.of("gap", schedule=after.id, start=start, end=end)
        if one.remove and not any(find_oncall_spans(one.remove, after, span, office)):
            yield RefusalText.of("not_back", name=one.remove, schedule=after.id)

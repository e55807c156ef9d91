"""Changes the shifts of a schedule, undoes changes, and notifies the engineers concerned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby
from typing import Any

from config.holidays import build_office_hours
from routing.line import Engineer, Line, Override, Schedule
from routing.message import Message
from routing.notify.messages import News, build_message, find_delivery_time
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import local
from routing.oncall.rota import on_call, segments
from service.bootstrap import Services
from service.calendar_feed import Span, find_gaps, find_offcall_spans, find_oncall_spans
from service.refusals import RefusalText, ShiftRefusedError, Value
from service.shifts.change import (
    ShiftChange,
    check_against_file,
    warn_of_absences,
    warn_of_double_duty,
)
from store.people.audit import AuditEntry
from store.people.overrides import OverrideChange, StoredOverride, amend
from store.work.metrics import Heartbeats

# One change: the overrides after it, or the reason why it is refused.


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
    check_against_file(change, _apply_manual_overrides(schedule, after), given, office)
    others = tuple(k for k in kept if not k.by_hand)
    remarks = (*warn_of_double_duty(change, doubled), *warn_of_absences(change, given, others))
    standing = any(k.uid == change.uid for k in after)
    return ExchangedShifts((*after, *others), given, remarks, change.uid if standing else None)


def _apply_manual_overrides(schedule: Schedule, kept: Sequence[StoredOverride]) -> Schedule:
    """Apply swaps and overrides, but no absences: an absent engineer can give a shift away."""
    by_hand = tuple(k.override for k in kept if k.by_hand)
    return replace(schedule, overrides=schedule.overrides + by_hand)


def _find_affected_spans(
    change: ShiftChange, before: Schedule, office: OfficeHours
) -> tuple[Span, ...]:
    """The spans that change: while the giver is on call, or else while the taker is not."""
    if change.give is None:
        taker = change.take.id if change.take else ""
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
    earlier = tuple(p for k in kept if k.by_hand for p in _split_earlier_change(k, change))
    give, take = (one.id if one else None for one in (change.give, change.take))
    mine = StoredOverride(Override(*change.span, give, take), change.origin, change.uid, change.at)
    one, other = (_apply_manual_overrides(schedule, hands) for hands in (earlier, (*earlier, mine)))
    acts = list(segments(one, *change.span, office)) != list(segments(other, *change.span, office))
    return (*earlier, mine) if acts else earlier


def _split_earlier_change(kept: StoredOverride, change: ShiftChange) -> Iterator[StoredOverride]:
    """Split an earlier override where the new change replaces its taker."""
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


def _build_not_on_call_error(
    give: Engineer, span: Span, schedule: Schedule, office: OfficeHours
) -> ShiftRefusedError:
    then = ", ".join(on_call(schedule, span[0], office))
    told: dict[str, Value] = {
        "name": give.name,
        "schedule": schedule.id,
        "start": span[0],
        "end": span[1],
    }
    if not then:
        return ShiftRefusedError("not_theirs_nobody", **told)
    return ShiftRefusedError("not_theirs", **told, people=then)


def _sum_lengths(spans: Sequence[Span]) -> dt.timedelta:
    return sum((end - start for start, end in spans), dt.timedelta())


# Messages to the engineers concerned, each in their own language.


ALIVE_WITHIN = dt.timedelta(seconds=30)
"""A worker or clock with a heartbeat in this time sends the messages."""


@dataclass(frozen=True, slots=True)
class ShiftNotices:
    """Messages about changes of one schedule."""

    services: Services
    line: Line
    schedule: Schedule

    def letter(self, once: str, engineer: Engineer, words: str, about: tuple[Span, str]) -> Message:
        """One message: ``about`` is the span that changes, and the other person's name.

        It waits for the end of quiet hours, unless the span begins before that.
        """
        facts, (span, other) = self.services.call_service.facts(self.line), about
        start, end = (local(at, self.schedule.timezone).isoformat(" ", "minutes") for at in span)
        values = (("schedule", self.schedule.id), ("start", start), ("end", end), ("name", other))
        news = News(words, values, once=once)
        if find_delivery_time(facts, engineer, news) >= span[0]:
            news = News(words, values, once=once, level=1)
        return build_message(facts, engineer, news)

    def change_messages(self, change: ShiftChange, given: Sequence[Span]) -> Iterator[Message]:
        """Messages to giver and taker; several spans are reported from the first to the last."""
        span, (give, take) = (given[0][0], given[-1][1]), (change.give, change.take)
        if give:
            words = "swap_given" if take else "shift_off"
            about = (span, take.name if take else "")
            yield self.letter(self._once(change, "give"), give, words, about)
        if take:
            words = "swap_taken" if give else "shift_on"
            about = (span, give.name if give else "")
            yield self.letter(self._once(change, "take"), take, words, about)

    def undo_messages(self, uid: str, back: Sequence[Override]) -> Iterator[Message]:
        """Messages to each taker and giver; several spans are reported as one."""
        pairs = sorted(back, key=lambda one: (one.remove or "", one.add or "", one.start))
        for (give, take), run in groupby(pairs, lambda one: (one.remove, one.add)):
            times = list(run)
            span = times[0].start, max(one.end for one in times)
            giver, taker = (self.line.engineer(one or "") for one in (give, take))
            names = (giver.name if giver else give or "", taker.name if taker else take or "")
            if giver:
                words = "swap_back_given" if take else "shift_off_back"
                yield self.letter(f"{uid} back {take}", giver, words, (span, names[1]))
            if taker:
                words = "swap_back_taken" if give else "shift_on_back"
                yield self.letter(f"{uid} back", taker, words, (span, names[0]))

    def post(self, due: Sequence[str]) -> None:
        """Notify the workers of the jobs that are due."""
        self.services.call_service.notifier.ring(due)

    def delivery_warnings(self) -> Iterator[RefusalText]:
        """Warn when no worker or clock is alive to send the messages."""
        beats, since = (
            Heartbeats(self.services.engine),
            self.services.call_service.clock() - ALIVE_WITHIN,
        )
        if not any((beats.last(kind) or since) > since for kind in ("worker", "clock")):
            yield RefusalText.of("unsent")

    def _once(self, change: ShiftChange, role: str) -> str:
        """Include the start: in a trade each engineer gives and takes under one uid."""
        return f"{change.uid} {role} {change.span[0].isoformat()}"


# Undo: the overrides after it, and the spans that go back.


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


@dataclass(frozen=True, slots=True)
class ExchangeResult:
    """The result of changes: the overrides after them, each change, and the messages to send."""

    kept: tuple[StoredOverride, ...]
    done: tuple[tuple[ShiftChange, ExchangedShifts], ...]
    letters: tuple[Message, ...]

    @property
    def uid(self) -> str | None:
        """The uid for an undo; None when only earlier overrides changed."""
        return next((handover.uid for _, handover in self.done if handover.uid), None)

    @property
    def given(self) -> tuple[Span, ...]:
        """The spans that change."""
        return tuple(span for _, handover in self.done for span in handover.given)

    @property
    def remarks(self) -> tuple[RefusalText, ...]:
        """The warnings of all changes."""
        return tuple(remark for _, handover in self.done for remark in handover.remarks)


@dataclass(frozen=True, slots=True)
class ShiftExchange:
    """Changes the shifts of one schedule at a moment."""

    services: Services
    line: Line
    schedule: Schedule
    at: dt.datetime

    @property
    def notices(self) -> ShiftNotices:
        """The messages about this schedule."""
        return ShiftNotices(self.services, self.line, self.schedule)

    def apply(
        self, changes: Sequence[ShiftChange], told: AuditEntry | None, seen: str | None = None
    ) -> ExchangeResult:
        """Apply all changes or none, and notify the engineers concerned.

        ``seen`` is the hash of the previewed schedule. Raises ShiftRefusedError.
        """
        found: list[ExchangeResult] = []

        def decide(plain: Schedule, kept: Sequence[StoredOverride]) -> OverrideChange:
            if seen is not None and seen != hash_schedule(plain, kept):
                raise ShiftRefusedError("moved_on")
            found.append(self.outcome(changes, plain, kept))
            deed = told and told.on("rota", self.line.id, None, self._written(changes, found[-1]))
            return OverrideChange(found[-1].kept, found[-1].letters, deed)

        self.notices.post(
            amend(self.services.engine, self.line.id, self.schedule.id, self.at, decide)
        )
        return found[-1]

    def outcome(
        self, changes: Sequence[ShiftChange], plain: Schedule, kept: Sequence[StoredOverride]
    ) -> ExchangeResult:
        """The result of changes, without storing it. Raises ShiftRefusedError."""
        after, done, letters = tuple(kept), [], list[Message]()
        for change in changes:
            handover = exchange_shifts(change, plain, after, build_office_hours(self.line))
            letters += self.notices.change_messages(change, handover.given)
            done.append((change, handover))
            after = handover.kept
        return ExchangeResult(after, tuple(done), tuple(letters))

    def undo(self, uid: str, told: AuditEntry | None) -> UndoneShifts:
        """Undo the change of this uid and notify the engineers concerned.

        Raises ShiftRefusedError.
        """
        done: list[UndoneShifts] = []

        def decide(plain: Schedule, kept: Sequence[StoredOverride]) -> OverrideChange:
            done.append(undo_change(uid, plain, kept, self.at, build_office_hours(self.line)))
            letters = tuple(self.notices.undo_messages(uid, done[-1].back))
            first, last = done[-1].back[0], done[-1].back[-1]
            given = self._told((first.start, last.end), first.add, first.remove)
            deed = told and told.on("rota", self.line.id, given, None)
            return OverrideChange(done[-1].kept, letters, deed)

        self.notices.post(
            amend(self.services.engine, self.line.id, self.schedule.id, self.at, decide)
        )
        return done[-1]

    def _written(
        self, changes: Sequence[ShiftChange], outcome: ExchangeResult
    ) -> Mapping[str, Any]:
        first = changes[0]
        give, take = (one.id if one else None for one in (first.give, first.take))
        told = self._told(first.span, take, give)
        if len(changes) > 1:
            start, end = changes[1].span
            told |= {"back_start": start.isoformat(), "back_end": end.isoformat()}
        return told

    def _told(self, span: Span, take: str | None, give: str | None) -> dict[str, Any]:
        start, end = (at.isoformat() for at in span)
        told = {"schedule": self.schedule.id, "start": start, "end": end}
        return told | {k: v for k, v in (("give", give), ("take", take)) if v}


def hash_schedule(plain: Schedule, kept: Sequence[StoredOverride]) -> str:
    """A hash that changes when the schedule or its overrides change."""
    return sha256(repr((plain, list(kept))).encode()).hexdigest()[:16]

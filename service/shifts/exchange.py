"""Changes the shifts of a schedule: previews, applies and undoes, and notifies the engineers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby
from typing import Any

from config import staffing
from config.holidays import build_office_hours
from routing.line import Engineer, Line, Override, Schedule
from routing.message import Message
from routing.notify import messages
from routing.oncall import local_time, policy, rota
from routing.oncall.hours import OfficeHours
from service.bootstrap import Services
from service.calendar_feed import Span, find_gaps
from service.refusals import RefusalText, ShiftRefusedError
from service.shifts import change
from service.shifts.change import ExchangedShifts, ShiftChange, UndoneShifts
from store.people import overrides
from store.people.audit import AuditEntry
from store.people.overrides import OverrideChange, StoredOverride
from store.work.metrics import Heartbeats

# Messages to the engineers concerned, each in their own language.


ALIVE_WITHIN = dt.timedelta(seconds=30)
"""A worker or clock with a heartbeat in this time sends the messages."""


@dataclass(frozen=True, slots=True)
class ShiftNotices:
    """Messages about changes of one schedule."""

    services: Services
    line: Line
    schedule: Schedule

    def build_message(
        self, once: str, engineer: Engineer, words: str, about: tuple[Span, str]
    ) -> Message:
        """One message: ``about`` is the span that changes, and the other person's name.

        It waits for the end of quiet hours, unless the span begins before that.
        """
        facts, (span, other) = self.services.call_service.facts(self.line), about
        start, end = (self._format(at) for at in span)
        values = (("schedule", self.schedule.id), ("start", start), ("end", end), ("name", other))
        news = messages.News(words, values, once=once)
        if messages.find_delivery_time(facts, engineer, news) >= span[0]:
            news = replace(news, level=1)
        return messages.build_message(facts, engineer, news)

    def build_change_messages(self, made: ShiftChange, given: Sequence[Span]) -> Iterator[Message]:
        """Messages to giver and taker; several spans are reported from the first to the last."""
        span, give, take = (given[0][0], given[-1][1]), made.give, made.take
        # In a trade each engineer gives and takes under one uid, so the start is part of the key.
        once, start = made.uid, made.span[0].isoformat()
        if give and take:
            yield self.build_message(f"{once} give {start}", give, "swap_given", (span, take.name))
            yield self.build_message(f"{once} take {start}", take, "swap_taken", (span, give.name))
        elif give:
            yield self.build_message(f"{once} give {start}", give, "shift_off", (span, ""))
        elif take:
            yield self.build_message(f"{once} take {start}", take, "shift_on", (span, ""))

    def build_undo_messages(self, uid: str, back: Sequence[Override]) -> Iterator[Message]:
        """Messages to each taker and giver; several spans are reported as one."""
        pairs = sorted(back, key=lambda one: (one.remove or "", one.add or "", one.start))
        for (give, take), run in groupby(pairs, lambda one: (one.remove, one.add)):
            times = list(run)
            span = times[0].start, max(one.end for one in times)
            yield from self._build_undo_pair(uid, give or "", take or "", span)

    def _build_undo_pair(self, uid: str, give: str, take: str, span: Span) -> Iterator[Message]:
        giver, taker = self.line.engineer(give), self.line.engineer(take)
        words = {"give": "shift_off_back", "take": "shift_on_back"}
        if give and take:
            words = {"give": "swap_back_given", "take": "swap_back_taken"}
        if giver:
            other = change.name_of_person(taker) or take
            yield self.build_message(
                f"{uid} back {take or None}", giver, words["give"], (span, other)
            )
        if taker:
            other = change.name_of_person(giver) or give
            yield self.build_message(f"{uid} back", taker, words["take"], (span, other))

    def _format(self, at: dt.datetime) -> str:
        return local_time.local(at, self.schedule.timezone).isoformat(" ", "minutes")

    def notify_workers(self, due: Sequence[str]) -> None:
        """Notify the workers of the jobs that are due."""
        self.services.call_service.notifier.notify(due)

    def delivery_warnings(self) -> Iterator[RefusalText]:
        """Warn when no worker or clock is alive to send the messages."""
        since = self.services.call_service.clock() - ALIVE_WITHIN
        heartbeats = Heartbeats(self.services.engine)
        if not any((heartbeats.last(kind) or since) > since for kind in ("worker", "clock")):
            yield RefusalText.of("unsent")


# Changes and undos, stored or only previewed.


@dataclass(frozen=True, slots=True)
class ExchangeResult:
    """The result of changes: the overrides after them, each change, and the messages to send."""

    kept: tuple[StoredOverride, ...]
    done: tuple[tuple[ShiftChange, ExchangedShifts], ...]
    messages: tuple[Message, ...]

    @property
    def uid(self) -> str | None:
        """The uid for an undo; None when only earlier overrides changed."""
        return next((shifts.uid for _, shifts in self.done if shifts.uid), None)

    @property
    def given(self) -> tuple[Span, ...]:
        """The spans that change."""
        return tuple(span for _, shifts in self.done for span in shifts.given)

    @property
    def remarks(self) -> tuple[RefusalText, ...]:
        """The warnings of all changes."""
        return tuple(remark for _, shifts in self.done for remark in shifts.remarks)


@dataclass(frozen=True, slots=True)
class ShiftEffect:
    """The schedule before and after a change, with gaps, warnings and the messages to send.

    ``seen`` is the hash of the schedule that the preview was made from.
    """

    before: Schedule
    after: Schedule
    given: tuple[Override, ...]
    gaps: tuple[Span, ...]
    remarks: tuple[RefusalText, ...]
    messages: tuple[Message, ...]
    seen: str


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

    @property
    def office(self) -> OfficeHours:
        """The office hours of the line."""
        return build_office_hours(self.line)

    def apply(
        self, changes: Sequence[ShiftChange], audit: AuditEntry | None, seen: str | None = None
    ) -> ExchangeResult:
        """Apply all changes or none, and notify the engineers concerned.

        ``seen`` is the hash of the previewed schedule. Raises ShiftRefusedError.
        """
        found: list[ExchangeResult] = []

        def decide(plain: Schedule, kept: Sequence[StoredOverride]) -> OverrideChange:
            if seen is not None and seen != hash_schedule(plain, kept):
                raise ShiftRefusedError("moved_on")
            found.append(self.compute(changes, plain, kept))
            entry = audit and audit.on("rota", self.line.id, None, self._describe(changes))
            return OverrideChange(found[-1].kept, found[-1].messages, entry)

        self._amend(decide)
        return found[-1]

    def compute(
        self, changes: Sequence[ShiftChange], plain: Schedule, kept: Sequence[StoredOverride]
    ) -> ExchangeResult:
        """The result of changes, without storing it. Raises ShiftRefusedError."""
        after, done, written = tuple(kept), [], list[Message]()
        for one in changes:
            shifts = change.exchange_shifts(one, plain, after, self.office)
            written += self.notices.build_change_messages(one, shifts.given)
            done.append((one, shifts))
            after = shifts.kept
        return ExchangeResult(after, tuple(done), tuple(written))

    def undo(self, uid: str, audit: AuditEntry | None) -> UndoneShifts:
        """Undo the change of this uid and notify the engineers concerned.

        Raises ShiftRefusedError.
        """
        done: list[UndoneShifts] = []

        def decide(plain: Schedule, kept: Sequence[StoredOverride]) -> OverrideChange:
            done.append(change.undo_change(uid, plain, kept, self.at, self.office))
            written = tuple(self.notices.build_undo_messages(uid, done[-1].back))
            first, last = done[-1].back[0], done[-1].back[-1]
            given = self._describe_span((first.start, last.end), first.add, first.remove)
            entry = audit and audit.on("rota", self.line.id, given, None)
            return OverrideChange(done[-1].kept, written, entry)

        self._amend(decide)
        return done[-1]

    def preview(self, changes: Sequence[ShiftChange]) -> ShiftEffect:
        """Preview changes. Raises ShiftRefusedError, and LookupError without the schedule."""
        file, kept = self._read_stored()
        result = self.compute(changes, self._find_schedule(file), kept)
        given = tuple(
            Override(*span, *one.ids) for one, shifts in result.done for span in shifts.given
        )
        found = self._build_effect(file, kept, result.kept, given)
        remarks = (*result.remarks, *found.remarks)
        return replace(found, remarks=remarks, messages=result.messages)

    def preview_undo(self, uid: str) -> ShiftEffect:
        """Preview the undo of a change. Raises ShiftRefusedError and LookupError."""
        file, kept = self._read_stored()
        done = change.undo_change(uid, self._find_schedule(file), kept, self.at, self.office)
        given = tuple(Override(one.start, one.end, one.add, one.remove) for one in done.back)
        found = self._build_effect(file, kept, done.kept, given)
        odd = tuple(remark for remark in done.remarks if remark.key != "gap")
        written = tuple(self.notices.build_undo_messages(uid, done.back))
        return replace(found, remarks=(*odd, *found.remarks), messages=written)

    def _amend(self, decide: overrides.Decision) -> None:
        """Store what is decided about the stored overrides, and notify the workers."""
        due = overrides.amend(self.services.engine, self.line.id, self.schedule.id, self.at, decide)
        self.notices.notify_workers(due)

    def _read_stored(self) -> tuple[Line, Sequence[StoredOverride]]:
        """The line of the file, and the stored overrides of the schedule."""
        return overrides.beside(self.services.engine, self.line.id, self.schedule.id)

    def _build_effect(
        self,
        file: Line,
        kept: Sequence[StoredOverride],
        after: Sequence[StoredOverride],
        given: tuple[Override, ...],
    ) -> ShiftEffect:
        was, becomes = (
            self._find_schedule(overrides.apply_overrides(file, {self.schedule.id: stored}))
            for stored in (kept, after)
        )
        return ShiftEffect(
            before=was,
            after=becomes,
            given=given,
            gaps=tuple(_find_new_gaps(was, becomes, given, self.office)),
            remarks=tuple(self._warn_of_rest_days(becomes)),
            messages=(),
            seen=hash_schedule(self._find_schedule(file), kept),
        )

    def _find_schedule(self, line: Line) -> Schedule:
        found = line.schedule(self.schedule.id)
        if found is None:
            raise LookupError(self.schedule.id)
        return found

    def _warn_of_rest_days(self, changed: Schedule) -> Iterator[RefusalText]:
        """Warn of engineers whom the change leaves with fewer free days than the law requires."""
        schedules = {schedule.id: schedule for schedule in self.line.schedules}
        after = replace(self.line, schedules=tuple({**schedules, changed.id: changed}.values()))
        before = staffing.find_short_rest(self.line, self.office, self.at)
        known = {one.engineer: one.free for one in before}
        for one in staffing.find_short_rest(after, self.office, self.at):
            if one.free < known.get(one.engineer, staffing.FREE_DAYS):
                yield self._warn_of_rest(one.engineer, one.free, one.start)

    def _warn_of_rest(self, engineer: str, free: int, start: dt.datetime) -> RefusalText:
        window = (start, start + staffing.REST_WINDOW)
        first, last = (local_time.instant(at, self.line.timezone) for at in window)
        name, rule = policy.name_of(self.line, engineer), staffing.FREE_DAYS
        return RefusalText.of("labour", name=name, free=free, rule=rule, start=first, end=last)

    def _describe(self, changes: Sequence[ShiftChange]) -> dict[str, Any]:
        """The changes as values of the audit log."""
        give, take = changes[0].ids
        values = self._describe_span(changes[0].span, take, give)
        if len(changes) > 1:
            start, end = changes[1].span
            values |= {"back_start": start.isoformat(), "back_end": end.isoformat()}
        return values

    def _describe_span(self, span: Span, take: str | None, give: str | None) -> dict[str, Any]:
        start, end = (at.isoformat() for at in span)
        values = {"schedule": self.schedule.id, "start": start, "end": end}
        return values | {k: v for k, v in (("give", give), ("take", take)) if v}


def hash_schedule(plain: Schedule, kept: Sequence[StoredOverride]) -> str:
    """A hash that changes when the schedule or its overrides change."""
    return sha256(repr((plain, list(kept))).encode()).hexdigest()[:16]


def _find_new_gaps(
    before: Schedule, after: Schedule, given: Sequence[Override], hours: OfficeHours
) -> Iterator[Span]:
    """The spans that had somebody on call and will have nobody."""
    for one in given:
        for gap in find_gaps(after, (one.start, one.end), hours):
            for segment in rota.segments(before, *gap, hours):
                if segment.on_call:
                    yield segment.start, segment.end

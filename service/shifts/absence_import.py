"""Imports the absences of a calendar as overrides of a schedule, with warnings about gaps."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from operator import attrgetter

from config.absences import Absence, CalendarEntry
from config.holidays import build_office_hours
from routing.line import Line, Override, Schedule
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import format_local
from routing.oncall.rota import Segment, segments
from service.bootstrap import Services
from service.calendar_feed import Span, find_oncall_spans
from store.people.overrides import CALENDAR, OverrideChange, StoredOverride, amend, apply_overrides

A_DAY = dt.timedelta(days=1)
LOOKS_AHEAD = dt.timedelta(days=3653)
"""How far ahead an import looks for times at which nobody is on call."""


@dataclass(frozen=True, slots=True)
class AbsenceChange:
    """The effect on one event: added, changed, unchanged or removed."""

    uid: str
    change: str
    absences: tuple[Absence, ...]


@dataclass(frozen=True, slots=True)
class AbsenceImport:
    """An import at one moment; ``replace`` removes future events that the file no longer has."""

    entries: tuple[CalendarEntry, ...]
    replace: bool
    at: dt.datetime

    def merge(
        self, kept: Sequence[StoredOverride]
    ) -> tuple[tuple[StoredOverride, ...], tuple[AbsenceChange, ...]]:
        """The overrides after the import, and the changes; past overrides stay as they are."""
        others = [k for k in kept if k.origin != CALENDAR or k.override.end <= self.at]
        coming = [k for k in kept if k not in others]
        before, changes = _by_uid(coming), []
        for uid, absences in self._after(before).items():
            old = before.get(uid, ())
            changes.append(AbsenceChange(uid, _change(old, absences), absences or old))
        merged = [*others, *self._rows(changes, coming)]
        return tuple(merged), tuple(c for c in changes if c.absences)

    def _after(self, before: Mapping[str, tuple[Absence, ...]]) -> dict[str, tuple[Absence, ...]]:
        """The absences of each event; an unreadable event stays as it is."""
        after = dict(before)
        if self.replace:
            after = dict.fromkeys(before, ())
        for entry in self.entries:
            after[entry.uid] = entry.absences
            if entry.wrong:
                after[entry.uid] = before.get(entry.uid, ())
        return after

    def _rows(
        self, changes: Iterable[AbsenceChange], coming: Sequence[StoredOverride]
    ) -> Iterator[StoredOverride]:
        """The overrides that stay, in their order, and then the new ones."""
        wanted = {
            (change.uid, Override(a.start, a.end, remove=a.engineer)): None
            for change in changes
            if change.change != "removed"
            for a in change.absences
        }
        for kept in coming:
            if (kept.uid, kept.override) in wanted:
                del wanted[kept.uid, kept.override]
                yield kept
        yield from (StoredOverride(override, CALENDAR, uid, self.at) for uid, override in wanted)


class Outlook:
    """A schedule during the absences. Each segment is computed once, however many absences it has,
    and none later than LOOKS_AHEAD."""

    def __init__(
        self,
        changes: Iterable[AbsenceChange],
        schedule: Schedule,
        office: OfficeHours,
        now: dt.datetime,
    ) -> None:
        """``schedule`` includes the overrides of the absences."""
        self._schedule, self._office = schedule, office
        self._bare = replace(schedule, overrides=())
        latest = now + LOOKS_AHEAD
        coming = (a for c in changes if c.change in ("added", "changed") for a in c.absences)
        self._absences = sorted(
            replace(one, end=min(one.end, latest)) for one in coming if one.start < latest
        )
        self._segments = [
            segment
            for start, end in _joined(self._absences)
            for segment in segments(schedule, start, end, office)
        ]

    def all_the_same(self, line: Line) -> set[str]:
        """Sentences about engineers who are on call despite an absence."""
        found = set()
        for absence in self._absences:
            engineer = line.engineer(absence.engineer)
            who = absence.engineer
            if engineer is not None:
                who = engineer.name
            for start, end in self._runs(absence, _holds(absence.engineer)):
                found.add(f"{who} is on call anyway {self._when(start, end)}")
        return found

    def left_empty(self) -> set[str]:
        """Sentences about times at which an absence leaves nobody on call."""
        found = set()
        for absence in self._absences:
            for gap in self._runs(absence, lambda segment: not segment.on_call):
                usual = find_oncall_spans(absence.engineer, self._bare, gap, self._office)
                found |= {f"nobody is on call {self._when(*one)}" for one in usual}
        return found

    def _runs(self, absence: Absence, wanted: Callable[[Segment], bool]) -> Iterator[Span]:
        """The parts of an absence whose segments are ``wanted``; adjacent parts are joined."""
        first = bisect_right(self._segments, absence.start, key=attrgetter("end"))
        run: Span | None = None
        for segment in islice(self._segments, first, None):
            if segment.start >= absence.end:
                break
            if not wanted(segment):
                continue
            span = max(segment.start, absence.start), min(segment.end, absence.end)
            if run is not None and run[1] == span[0]:
                run = run[0], span[1]
                continue
            if run is not None:
                yield run
            run = span
        if run is not None:
            yield run

    def _when(self, start: dt.datetime, end: dt.datetime) -> str:
        zone = self._schedule.timezone
        since, until = (format_local(at, zone, "minutes") for at in (start, end))
        return f"in {self._schedule.id} from {since} to {until}"


def _holds(engineer: str) -> Callable[[Segment], bool]:
    return lambda segment: engineer in segment.on_call


def _joined(absences: Iterable[Absence]) -> Iterator[Span]:
    """The times of the absences in order; those within a day of each other are joined."""
    held: Span | None = None
    for one in absences:
        if held is not None and one.start <= held[1] + A_DAY:
            held = held[0], max(held[1], one.end)
            continue
        if held is not None:
            yield held
        held = one.start, one.end
    if held is not None:
        yield held


def _by_uid(kept: Iterable[StoredOverride]) -> dict[str, tuple[Absence, ...]]:
    found: dict[str, list[Absence]] = defaultdict(list)
    for one in kept:
        override = one.override
        found[one.uid].append(Absence(override.start, override.end, override.remove or ""))
    return {uid: tuple(sorted(absences)) for uid, absences in found.items()}


def _change(before: tuple[Absence, ...], after: tuple[Absence, ...]) -> str:
    if before == after:
        return "unchanged"
    if not before:
        return "added"
    if not after:
        return "removed"
    return "changed"


class LeavesEmptyError(Exception):
    """The import would leave times without anybody on call that the operator has not accepted."""

    def __init__(self, times: set[str]) -> None:
        """``times`` are sentences."""
        super().__init__("; ".join(sorted(times)))
        self.times = times


@dataclass(frozen=True)
class ScheduleImport:
    """The import of a file into one schedule."""

    services: Services
    line: Line
    schedule: Schedule
    intake: AbsenceImport

    def take(self, agreed: Callable[[set[str]], bool]) -> tuple[AbsenceChange, ...]:
        """Write the overrides and return the changes. ``agreed`` must accept the times at which
        nobody would be on call. Raises LeavesEmptyError, having written nothing."""
        accepted: set[str] = set()
        while True:
            try:
                return self._write(accepted)
            except LeavesEmptyError as error:
                if not agreed(error.times):
                    raise
                accepted |= error.times

    def _write(self, accepted: set[str]) -> tuple[AbsenceChange, ...]:
        said: list[tuple[AbsenceChange, ...]] = []

        def decide(schedule: Schedule, kept: Sequence[StoredOverride]) -> OverrideChange:
            merged, changes = self.intake.merge(kept)
            line = replace(self.line, schedules=(schedule,))
            after = apply_overrides(line, {schedule.id: _in_order(merged)}).schedules[0]
            outlook = Outlook(changes, after, build_office_hours(self.line), self.intake.at)
            if empty := outlook.left_empty() - accepted:
                raise LeavesEmptyError(empty)
            said.append(changes)
            return OverrideChange(merged)

        amend(self.services.engine, self.line.id, self.schedule.id, self.intake.at, decide)
        return said[-1]


def _in_order(kept: Iterable[StoredOverride]) -> list[StoredOverride]:
    """Sort by precedence: swaps and overrides by hand come first."""
    return sorted(kept, key=lambda one: not one.by_hand)

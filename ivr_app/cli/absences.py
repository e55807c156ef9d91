"""Absences of a calendar become overrides: what changes, and what is odd about it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from operator import attrgetter

from ivr_app.calendars.stretches import Span, stretches
from ivr_app.localtime import local
from plan.agenda import Absence, Entry
from routing.line import Line, Override, Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import Segment, segments
from store.kept import CALENDAR, Kept

A_DAY = dt.timedelta(days=1)
LOOKS_AHEAD = dt.timedelta(days=3653)
"""How far ahead somebody is asked about, or told of, times without anybody."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one event: added, changed, unchanged or removed."""

    uid: str
    change: str
    absences: tuple[Absence, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """Events taken in at a moment; with ``replace`` those that no longer come are removed."""

    entries: tuple[Entry, ...]
    replace: bool
    at: dt.datetime

    def merge(self, kept: Sequence[Kept]) -> tuple[tuple[Kept, ...], tuple[Change, ...]]:
        """What is kept afterwards, and what changed; what is over stays as it was."""
        others = [k for k in kept if k.origin != CALENDAR or k.override.end <= self.at]
        coming = [k for k in kept if k not in others]
        before, changes = _by_uid(coming), []
        for uid, absences in self._after(before).items():
            old = before.get(uid, ())
            changes.append(Change(uid, _change(old, absences), absences or old))
        merged = [*others, *self._rows(changes, coming)]
        return tuple(merged), tuple(c for c in changes if c.absences)

    def _after(self, before: Mapping[str, tuple[Absence, ...]]) -> dict[str, tuple[Absence, ...]]:
        """The absences of each event; an event that could not be read stays as it was."""
        after = {uid: () if self.replace else absences for uid, absences in before.items()}
        for entry in self.entries:
            after[entry.uid] = before.get(entry.uid, ()) if entry.wrong else entry.absences
        return after

    def _rows(self, changes: Iterable[Change], coming: Sequence[Kept]) -> Iterator[Kept]:
        """Those that stay in their order, and then the new ones."""
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
        yield from (Kept(override, CALENDAR, uid, self.at) for uid, override in wanted)


class Outlook:
    """A schedule over the times of absences: each stretch of time is worked out once, however many
    absences lie in it, and none past what anybody plans."""

    def __init__(
        self, changes: Iterable[Change], schedule: Schedule, office: Office, now: dt.datetime
    ) -> None:
        """``schedule`` has the overrides that the absences have become."""
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
        """Who is on call in spite of an absence."""
        found = set()
        for absence in self._absences:
            engineer = line.engineer(absence.engineer)
            who = engineer.name if engineer else absence.engineer
            for start, end in self._runs(absence, _holds(absence.engineer)):
                found.add(f"{who} is on call all the same {self._when(start, end)}")
        return found

    def left_empty(self) -> set[str]:
        """When an absence leaves nobody on call."""
        found = set()
        for absence in self._absences:
            for gap in self._runs(absence, lambda segment: not segment.on_call):
                usual = stretches(absence.engineer, self._bare, gap, self._office)
                found |= {f"nobody is on call {self._when(*one)}" for one in usual}
        return found

    def _runs(self, absence: Absence, wanted: Callable[[Segment], bool]) -> Iterator[Span]:
        """The parts of an absence for which all segments are wanted; neighbours are joined."""
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
        since, until = (local(at, zone, "minutes") for at in (start, end))
        return f"in {self._schedule.id} from {since} to {until}"


def _holds(engineer: str) -> Callable[[Segment], bool]:
    return lambda segment: engineer in segment.on_call


def _joined(absences: Iterable[Absence]) -> Iterator[Span]:
    """The times of absences in their order, those within a day of each other as one."""
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


def _by_uid(kept: Iterable[Kept]) -> dict[str, tuple[Absence, ...]]:
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
    return "changed" if after else "removed"

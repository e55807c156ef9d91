"""Absences of a calendar become overrides: what changes, and what is odd about it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ivr_app.calendars.stretches import gaps, stretches
from ivr_app.localtime import local
from plan.agenda import Absence, Entry
from routing.line import Line, Override, Schedule
from routing.schedule.hours import Office
from store.kept import CALENDAR, Kept


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


def on_call_all_the_same(
    changes: Iterable[Change], line: Line, schedule: Schedule, office: Office
) -> set[str]:
    """Who is on call in spite of an absence."""
    found = set()
    for absence in _coming(changes):
        engineer = line.engineer(absence.engineer)
        span = absence.start, absence.end
        for start, end in stretches(absence.engineer, schedule, span, office):
            who = engineer.name if engineer else absence.engineer
            found.add(f"{who} is on call all the same {_when(start, end, schedule)}")
    return found


def left_empty(changes: Iterable[Change], schedule: Schedule, office: Office) -> set[str]:
    """When an absence leaves nobody on call."""
    bare, found = replace(schedule, overrides=()), set()
    for absence in _coming(changes):
        missed = list(gaps(schedule, (absence.start, absence.end), office))
        usual = [one for gap in missed for one in stretches(absence.engineer, bare, gap, office)]
        found |= {f"nobody is on call {_when(start, end, schedule)}" for start, end in usual}
    return found


def _coming(changes: Iterable[Change]) -> Iterator[Absence]:
    for change in changes:
        if change.change in ("added", "changed"):
            yield from change.absences


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


def _when(start: dt.datetime, end: dt.datetime, schedule: Schedule) -> str:
    since, until = (local(at, schedule.timezone, "minutes") for at in (start, end))
    return f"in {schedule.id} from {since} to {until}"

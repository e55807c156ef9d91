"""Overrides that did not come from the file: swaps and others made by hand, and absences of
imported calendars."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, and_, delete, insert, select, update

from routing.line import Line, Override, Schedule
from store.db.engine import reading, writing
from store.people.audit import AuditEntry, record
from store.tables.people import lines, overrides

if TYPE_CHECKING:
    from routing.message import Message

SWAP = "swap"
OVERRIDE = "override"
CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class StoredOverride:
    """An override with its origin, and its id at that origin."""

    override: Override
    origin: str
    uid: str
    created_at: dt.datetime

    @property
    def by_hand(self) -> bool:
        """True when a person made it, and not a calendar."""
        return self.origin != CALENDAR


TRIES = 20
"""How often a change is decided again after another one."""


@dataclass(frozen=True, slots=True)
class OverrideChange:
    """The overrides of a schedule after a change, the messages about it, and its audit entry."""

    kept: Sequence[StoredOverride]
    messages: Sequence[Message] = ()
    entry: AuditEntry | None = None


Decision = Callable[[Schedule, Sequence[StoredOverride]], OverrideChange]
"""From a schedule of the file and its stored overrides to the change."""


def find_overrides(engine: Engine, line_id: str) -> Mapping[str, Sequence[StoredOverride]]:
    """The stored overrides of a line, by schedule."""
    with reading(engine) as connection:
        return read_overrides(connection, line_id)


def beside(engine: Engine, line_id: str, schedule_id: str) -> tuple[Line, Sequence[StoredOverride]]:
    """The line as its file has it, and what is kept beside it for one schedule. Raises
    LookupError when there is no such schedule any more."""
    with reading(engine) as connection:
        row = connection.execute(select(lines).where(lines.c.id == line_id)).one()
        kept = read_overrides(connection, line_id).get(schedule_id, ())
    if row.value.schedule(schedule_id) is None:
        raise LookupError(f"line {line_id} has no schedule {schedule_id}")
    return row.value, kept


def read_overrides(connection: Connection, line_id: str) -> Mapping[str, Sequence[StoredOverride]]:
    """The stored overrides of a line, by schedule and in the order in which they count.

    Those made by a person come first: of two that remove the same engineer the first counts, and
    the calendar of an engineer who gave a shift away must not leave it empty.
    """
    ours = select(overrides).where(overrides.c.line == line_id).order_by(overrides.c.id)
    found: dict[str, list[StoredOverride]] = defaultdict(list)
    for row in connection.execute(ours):
        override = Override(row.start, row.end, row.remove, row.add)
        found[row.schedule].append(StoredOverride(override, row.origin, row.uid, row.created_at))
    return {name: sorted(kept, key=lambda k: not k.by_hand) for name, kept in found.items()}


def apply_overrides(line: Line, kept: Mapping[str, Sequence[StoredOverride]]) -> Line:
    """The line with these overrides after those of its file. An override that adds a person who is
    no engineer of the line any more is left out.
    """
    known = {None, *(engineer.id for engineer in line.engineers)}
    schedules = tuple(
        replace(
            schedule,
            overrides=schedule.overrides
            + tuple(k.override for k in kept.get(schedule.id, ()) if k.override.add in known),
        )
        for schedule in line.schedules
    )
    return replace(line, schedules=schedules)


def amend(
    engine: Engine, line_id: str, schedule_id: str, at: dt.datetime, decide: Decision
) -> list[str]:
    """Change the overrides of a schedule, and decide again whenever the line has changed since.

    Every process sees the change at once. Messages are written with it; returns the ids of the jobs
    due. Raises LookupError for an unknown schedule, and what ``decide`` raises; nothing has changed
    then.
    """
    from routing.decision import LostRaceError  # to read who is on call needs no messages
    from store.log.messages import send_messages

    for _ in range(TRIES):
        with reading(engine) as connection:
            row = connection.execute(select(lines).where(lines.c.id == line_id)).one()
            before = read_overrides(connection, line_id).get(schedule_id, ())
        schedule = row.value.schedule(schedule_id)
        if schedule is None:
            raise LookupError(f"line {line_id} has no schedule {schedule_id}")
        after = decide(schedule, before)
        if list(after.kept) == list(before):
            return []
        with writing(engine) as connection:
            if _moved_on(connection, line_id, row.version, at):
                _write(connection, line_id, schedule_id, after.kept)
                if after.entry is not None:
                    record(connection, after.entry)
                return send_messages(connection, after.messages, at)
    raise LostRaceError


def _moved_on(connection: Connection, line_id: str, version: int, at: dt.datetime) -> bool:
    """Set the next version of the line; False when another process has done so."""
    same = and_(lines.c.id == line_id, lines.c.version == version)
    newer = {"version": version + 1, "changed_at": at}
    return connection.execute(update(lines).where(same).values(newer)).rowcount == 1


def _write(
    connection: Connection, line_id: str, schedule_id: str, after: Sequence[StoredOverride]
) -> None:
    """Replace all of them, because their order matters."""
    theirs = and_(overrides.c.line == line_id, overrides.c.schedule == schedule_id)
    connection.execute(delete(overrides).where(theirs))
    rows = [
        {
            "line": line_id,
            "schedule": schedule_id,
            "start": kept.override.start,
            "end": kept.override.end,
            "remove": kept.override.remove,
            "add": kept.override.add,
            "origin": kept.origin,
            "uid": kept.uid,
            "created_at": kept.created_at,
        }
        for kept in after
    ]
    if rows:
        connection.execute(insert(overrides), rows)

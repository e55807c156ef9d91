"""The audit log: who changed what, when, and the values before and after.

An entry is written in the transaction of its change.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Select, insert, select

from store.db.engine import WITNESS, reading
from store.tables.people import audit_log

Way = Literal["console", "portal", "api", "cli"]
AuditValues = Mapping[str, Any]
"""The values before or after a change; never a secret, a PIN or a phone number."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change by one person. ``action`` is a name such as ``accounts.add``; the object of the
    change is ``thing``, of a ``kind``; ``sitting`` is the session of the person."""

    at: dt.datetime
    who: str
    way: Way
    action: str
    kind: str = ""
    thing: str = ""
    before: AuditValues | None = None
    after: AuditValues | None = None
    sitting: str | None = None

    def on(
        self,
        kind: str,
        thing: str,
        before: AuditValues | None = None,
        after: AuditValues | None = None,
    ) -> AuditEntry:
        """Return the entry with the object of the change, and its values."""
        return replace(self, kind=kind, thing=thing, before=before, after=after)


@dataclass(frozen=True, slots=True)
class RecordedAudit:
    """An entry in the audit log; a later one has a higher ``id``."""

    id: int
    entry: AuditEntry


def record(connection: Connection, *entries: AuditEntry) -> None:
    """Write entries with the changes that this connection is about to commit."""
    rows = [
        {
            "at": entry.at,
            "actor": entry.who,
            "source": entry.way,
            "action": entry.action,
            "object_type": entry.kind,
            "object_id": entry.thing,
            "before": _dump(entry.before),
            "after": _dump(entry.after),
        }
        for entry in entries
    ]
    if rows:
        connection.execute(insert(audit_log), rows)


@contextmanager
def audit_writes(entry: AuditEntry) -> Iterator[None]:
    """Write this entry in the first transaction that the block commits; without one it is not
    written. For changes whose transaction is made elsewhere, such as those of the call service."""
    written: list[Connection] = []

    def witness(connection: Connection) -> None:
        if not written:
            record(connection, entry)

    token = WITNESS.set((witness, written.append))
    try:
        yield
    finally:
        WITNESS.reset(token)


class AuditLog:
    """The entries, newest first."""

    def __init__(self, engine: Engine) -> None:
        """Does not use the database yet."""
        self._engine = engine

    def page(
        self,
        before: int | None = None,
        who: str | None = None,
        thing: tuple[str, str] | None = None,
        size: int = 50,
    ) -> Sequence[RecordedAudit]:
        """Return a page of the entries that ``select_entries`` finds."""
        wanted = select_entries(before, who, thing).limit(size)
        with reading(self._engine) as connection:
            return [_build_recorded(row) for row in connection.execute(wanted)]


def select_entries(
    before: int | None = None, who: str | None = None, thing: tuple[str, str] | None = None
) -> Select[Any]:
    """Select the entries before an id, of one person, or about one object, newest first."""
    wanted = select(audit_log).order_by(audit_log.c.id.desc())
    if before is not None:
        wanted = wanted.where(audit_log.c.id < before)
    if who is not None:
        wanted = wanted.where(audit_log.c.actor == who)
    if thing is not None:
        wanted = wanted.where(
            audit_log.c.object_type == thing[0], audit_log.c.object_id == thing[1]
        )
    return wanted


def _build_recorded(row: Any) -> RecordedAudit:
    about = (row.source, row.action, row.object_type, row.object_id)
    values = (_load(row.before), _load(row.after))
    return RecordedAudit(row.id, AuditEntry(row.at, row.actor, *about, *values))


def _dump(values: AuditValues | None) -> str | None:
    if values is None:
        return None
    return json.dumps(values, default=str, ensure_ascii=False)


def _load(text: str | None) -> AuditValues | None:
    if text is None:
        return None
    return dict(json.loads(text))

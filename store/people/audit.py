"""What people changed: who, when, on what, and how it was before; written with the change."""

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

Way = Literal["console", "api", "cli"]
Told = Mapping[str, Any]
"""What was so before or is so now; never a secret, a PIN or a number of a telephone."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change by one person. ``deed`` is a word such as ``account.add``; ``kind`` and ``thing``
    are what it was done to."""

    at: dt.datetime
    who: str
    way: Way
    deed: str
    kind: str = ""
    thing: str = ""
    before: Told | None = None
    after: Told | None = None
    sitting: str | None = None

    def on(
        self, kind: str, thing: str, before: Told | None = None, after: Told | None = None
    ) -> AuditEntry:
        """The same deed, with what it was done to."""
        return replace(self, kind=kind, thing=thing, before=before, after=after)


@dataclass(frozen=True, slots=True)
class RecordedAudit:
    """A deed as the log has it; ``id`` counts up with time."""

    id: int
    deed: AuditEntry


def record(connection: Connection, *deeds: AuditEntry) -> None:
    """Write entries with the changes that this connection is about to commit."""
    rows = [
        {
            "at": deed.at,
            "actor": deed.who,
            "source": deed.way,
            "action": deed.deed,
            "object_type": deed.kind,
            "object_id": deed.thing,
            "before": _written(deed.before),
            "after": _written(deed.after),
        }
        for deed in deeds
    ]
    if rows:
        connection.execute(insert(audit_log), rows)


@contextmanager
def audited(deed: AuditEntry) -> Iterator[None]:
    """Whatever is written inside is this deed: it stands in the log if, and only if, the first
    thing written was committed. For changes that go a way of their own, as the desk's do."""
    written: list[Connection] = []

    def witness(connection: Connection) -> None:
        if not written:
            record(connection, deed)

    token = WITNESS.set((witness, written.append))
    try:
        yield
    finally:
        WITNESS.reset(token)


class AuditLog:
    """The log of deeds, newest first."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def page(
        self,
        before: int | None = None,
        who: str | None = None,
        thing: tuple[str, str] | None = None,
        size: int = 50,
    ) -> Sequence[RecordedAudit]:
        """So many deeds older than an id, of one person, or to one thing."""
        wanted = select_deeds(before, who, thing).limit(size)
        with reading(self._engine) as connection:
            return [_entry(row) for row in connection.execute(wanted)]


def select_deeds(
    before: int | None = None, who: str | None = None, thing: tuple[str, str] | None = None
) -> Select[Any]:
    """Those older than an id, of one person, or to one thing, the newest first."""
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


def _entry(row: Any) -> RecordedAudit:
    about = (row.source, row.action, row.object_type, row.object_id)
    values = (_read(row.before), _read(row.after))
    return RecordedAudit(row.id, AuditEntry(row.at, row.actor, *about, *values))


def _written(told: Told | None) -> str | None:
    return None if told is None else json.dumps(told, default=str, ensure_ascii=False)


def _read(text: str | None) -> Told | None:
    return None if text is None else dict(json.loads(text))

"""Writes what was decided: values compared and set, journal and errands, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, insert, select, update

from routing.call import Call
from routing.incident import Incident
from routing.place import hunt_place, place_of
from routing.ports import LostRaceError, Matter, Note
from store.pages import write_pages
from store.tables import calls, counters, incidents, journal


def _key(table: Table) -> ColumnElement[bool]:
    (key,) = table.primary_key.columns
    return key == bindparam("was_key")


def _was(table: Table) -> ColumnElement[bool]:
    return and_(_key(table), table.c.version == bindparam("was_version"))


_VALUES = (calls, incidents)
_FIRST = {table: insert(table) for table in _VALUES}
_NEXT = {table: update(table).where(_was(table)) for table in _VALUES}
_VERSION = {
    table: select(table.c.version).where(_key(table)).with_for_update(read=True)
    for table in _VALUES
}
_NOTES = insert(journal)
"""Made once: to build a statement takes longer than to run it."""


def hunted(incident: Incident) -> bool:
    """True while somebody is being sought who takes the incident."""
    return incident.hunt.doing.seeking


def write_call(connection: Connection, before: Call | None, after: Call | None) -> Call | None:
    """Write the call unless it changed since ``before`` was read."""
    if after is None or after == before:
        if before is not None:
            _still(connection, calls, before.id, before.version)
        return before
    saved = replace(after, version=after.version + 1)
    row = {
        "id": saved.id,
        "sid": saved.sid,
        "line": saved.line,
        "shown": saved.shown,
        "contract": saved.identity.contract if saved.identity else None,
        "outcome": saved.outcome,
        "incident": saved.incident,
        "started_at": saved.started_at,
        "ended_at": saved.ended_at,
        "version": saved.version,
        "value": saved,
    }
    _set(connection, calls, row)
    return saved


def write_incident(
    connection: Connection, before: Incident | None, after: Incident | None
) -> Incident | None:
    """Write the incident and its pages unless it changed since ``before`` was read."""
    if after is None or after == before:
        if before is not None:
            _still(connection, incidents, before.key, before.version)
        return before
    saved = replace(
        after,
        version=after.version + 1,
        number=after.number or _next_number(connection),
    )
    sought = hunted(saved)
    row = {
        "key": saved.key,
        "number": saved.number,
        "line": saved.line,
        "contract": saved.contract,
        "caller": saved.caller,
        "kind": saved.kind,
        "urgency": saved.urgency,
        "verified": saved.standing.verified,
        "state": saved.state,
        "hunted": sought,
        "hunt_place": hunt_place(saved),
        "missed": "\n".join(saved.hunt.missed) if sought else "",
        "row_place": place_of(saved),
        "opened_at": saved.opened_at,
        "premium": saved.premium,
        "contract_year": saved.counted.year if saved.counted else None,
        "place": saved.counted.place if saved.counted else None,
        "version": saved.version,
        "value": replace(saved, pages=()),
    }
    _set(connection, incidents, row | ({"rung": sought} if sought or saved.version == 1 else {}))
    write_pages(connection, before, saved)
    return saved


def write_notes(
    connection: Connection, matter: Matter, notes: Sequence[Note], at: dt.datetime
) -> None:
    """Add the reasons to the journal of the call and of the incident."""
    if not notes:
        return
    about = {
        "at": at,
        "call": matter.call.id if matter.call else None,
        "incident": matter.incident.key if matter.incident else None,
    }
    connection.execute(
        _NOTES,
        [about | {"event": n.event, "reason": n.reason, "leg": n.leg} for n in notes],
    )


def _set(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert version 1; a later version only takes the place of the one before it."""
    if row["version"] == 1:
        connection.execute(_FIRST[table], row)
        return
    (key,) = table.primary_key.columns
    was = {"was_key": row[key.name], "was_version": row["version"] - 1}
    if connection.execute(_NEXT[table], row | was).rowcount != 1:
        raise LostRaceError(f"{row[key.name]} in {table.name} was changed by somebody else")


def _still(connection: Connection, table: Table, key: str, version: int) -> None:
    """What was decided rests on this value too: it must still be what was read."""
    if connection.execute(_VERSION[table], {"was_key": key}).scalar() != version:
        raise LostRaceError(f"{key} in {table.name} was changed by somebody else")


def _next_number(connection: Connection) -> int:
    taken = update(counters).where(counters.c.name == "incident")
    counted = taken.values(value=counters.c.value + 1).returning(counters.c.value)
    return int(connection.execute(counted).scalar_one())

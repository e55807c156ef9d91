"""Reads and writes a case: a call, an incident with its pages, and their journal.

Every function works on the connection of its caller.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Dialect,
    Table,
    and_,
    bindparam,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from routing.call import Call
from routing.decision import Case, LostRaceError, replace_fields
from routing.escalation.queue_position import escalation_key, queue_key
from routing.incident import Incident
from routing.journal import JournalEntry
from routing.page import Page
from store.db.prepared import Prepared, Row, prepare_insert
from store.tables.log import calls, counters, incidents, journal, pages

Columns = dict[str, Any]

LARGEST_NUMBER = 2**31 - 1
"""Databases refuse to look for a larger incident number."""

_CALLS = select(calls.c.value, incidents.c.value).join(
    incidents, incidents.c.key == calls.c.incident, isouter=True
)
_CALL_OF_ID = Prepared(_CALLS.where(calls.c.id == bindparam("id")))
_CALL_OF_SID = Prepared(_CALLS.where(calls.c.sid == bindparam("sid")))
_CALL_ALONE = Prepared(select(calls.c.value).where(calls.c.id == bindparam("id")))
_INCIDENTS = select(incidents.c.value)
_INCIDENT = Prepared(_INCIDENTS.where(incidents.c.key == bindparam("key")))
_INCIDENT_OF_NUMBER = Prepared(_INCIDENTS.where(incidents.c.number == bindparam("number")))
_INCIDENT_OF_PAGE = Prepared(
    _INCIDENTS.join(pages, pages.c.incident == incidents.c.key).where(pages.c.id == bindparam("id"))
)
_PAGES = Prepared(
    select(pages.c.value)
    .where(pages.c.incident == bindparam("key"), or_(pages.c.live, pages.c.id == bindparam("also")))
    .order_by(pages.c.at, pages.c.id)
)


def find_by_call(connection: Connection, call_id: str) -> Case | None:
    """The call of our id, with its incident if it has one."""
    return _build_case(connection, _CALL_OF_ID.first(connection, id=call_id))


def find_by_sid(connection: Connection, sid: str) -> Case | None:
    """The same, by the carrier's id of the call."""
    return _build_case(connection, _CALL_OF_SID.first(connection, sid=sid))


def find_by_page(connection: Connection, page_id: str) -> Case | None:
    """The incident of this page, that page included even when ended, and its latest call."""
    return _with_call(connection, _INCIDENT_OF_PAGE.scalar(connection, id=page_id), page_id)


def find_by_number(connection: Connection, number: int) -> Case | None:
    """The incident of this number, which a person may have mistyped, and its latest call."""
    if number > LARGEST_NUMBER:
        return None
    return _with_call(connection, _INCIDENT_OF_NUMBER.scalar(connection, number=number))


def find_by_incident(connection: Connection, key: str) -> Case | None:
    """The incident with its live pages, and its latest call."""
    return _with_call(connection, _INCIDENT.scalar(connection, key=key))


def find_keys(connection: Connection, key: str) -> tuple[str, ...]:
    """The key of an incident, and the keys of those that were merged into it."""
    incident = _INCIDENT.scalar(connection, key=key)
    if incident is None:
        return (key,)
    return (key, *incident.merged)


def with_pages(connection: Connection, incident: Incident, also: str = "") -> Incident:
    """The incident with its live pages, and with page ``also`` even when it has ended."""
    found = _PAGES.scalars(connection, key=incident.key, also=also)
    return replace_fields(incident, pages=tuple(found))


def _build_case(connection: Connection, row: Row | None) -> Case | None:
    if row is None:
        return None
    call, incident = row
    if incident is None:
        return Case(call)
    return Case(call, with_pages(connection, incident))


def _with_call(connection: Connection, incident: Incident | None, page_id: str = "") -> Case | None:
    if incident is None:
        return None
    incident = with_pages(connection, incident, page_id)
    if not incident.call:
        return Case(None, incident)
    return Case(_CALL_ALONE.scalar(connection, id=incident.call), incident)


# Writing. Version 1 of a value is inserted; a later one only takes the place of the one before, and
# writes the columns that changed: each column that is written costs the indexes it is in.


def _key(table: Table) -> Column[Any]:
    (key,) = table.primary_key.columns
    return key


@cache
def _update(table: Table, names: tuple[str, ...]) -> Prepared:
    was_read = and_(
        _key(table) == bindparam("was_key"), table.c.version == bindparam("was_version")
    )
    # A column and a parameter of one name would be taken for each other.
    return Prepared(
        update(table).where(was_read).values({name: bindparam(f"new_{name}") for name in names})
    )


_VALUES = (calls, incidents)
_INSERT = {table: prepare_insert(table) for table in _VALUES}
_LOCK_VERSION = {
    table: Prepared(
        select(table.c.version).where(_key(table) == bindparam("key")).with_for_update(read=True)
    )
    for table in _VALUES
}
_INSERT_JOURNAL = prepare_insert(journal, "at", "call", "incident", "leg", "event", "reason")
_COUNT = Prepared(
    update(counters)
    .where(counters.c.name == "incident")
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)


def _upsert_page(dialect: Dialect) -> Any:
    kind: Any = postgresql if dialect.name == "postgresql" else sqlite
    put = kind.insert(pages).values({column: bindparam(column.name) for column in pages.c})
    return put.on_conflict_do_update(index_elements=["id"], set_=dict(put.excluded))


_UPSERT_PAGE = Prepared(_upsert_page)


def is_escalating(incident: Incident) -> bool:
    """True while the line is looking for somebody who takes the incident."""
    return incident.escalation.phase.seeking


def write_call(connection: Connection, before: Call | None, after: Call | None) -> Call | None:
    """Write the call; raises LostRaceError when it changed since ``before`` was read."""
    if after is None or after == before:
        if before is not None:
            _check_version(connection, calls, before.id, before.version)
        return before
    saved = replace_fields(after, version=after.version + 1)
    old: Columns = {}
    if before is not None and before.id == saved.id:
        old = _call_row(before)
    _write_value(connection, calls, old, _call_row(saved))
    return saved


def write_incident(
    connection: Connection, before: Incident | None, after: Incident | None
) -> Incident | None:
    """Write the incident and its changed pages; raises LostRaceError when it changed since
    ``before`` was read."""
    if after is None or after == before:
        if before is not None:
            _check_version(connection, incidents, before.key, before.version)
        return before
    number = after.number or _next_number(connection)
    saved = replace_fields(after, version=after.version + 1, number=number)
    old: Columns = {}
    if before is not None:
        old = _incident_row(before)
    _write_value(connection, incidents, old, _incident_row(saved))
    _write_pages(connection, before, saved)
    return saved


def write_journal(
    connection: Connection, case: Case, entries: Sequence[JournalEntry], at: dt.datetime
) -> None:
    """Append entries to the journal of the call and of the incident."""
    if not entries:
        return
    about = {
        "at": at,
        "call": case.call and case.call.id,
        "incident": case.incident and case.incident.key,
    }
    rows = [
        {**about, "event": entry.event, "reason": entry.reason, "leg": entry.leg}
        for entry in entries
    ]
    _INSERT_JOURNAL.run_many(connection, rows)


def _write_value(connection: Connection, table: Table, old: Columns, new: Columns) -> None:
    """``old`` is empty for a value that was not read, whose columns may all have changed."""
    key, version = _key(table).name, new["version"]
    if version == 1:
        _INSERT[table].run(connection, **new)
        return
    changed = {name: value for name, value in new.items() if name not in old or old[name] != value}
    if not changed.get("rung", True):
        del changed["rung"]  # once rung, always rung
    given = {f"new_{name}": value for name, value in changed.items()}
    was_read = {"was_key": new[key], "was_version": version - 1}
    if _update(table, tuple(changed)).run(connection, **given, **was_read) != 1:
        raise LostRaceError(f"{new[key]} in {table.name} was changed by another process")


def _check_version(connection: Connection, table: Table, key: str, version: int) -> None:
    """The decision also rests on this unchanged value: it must still be the version read."""
    if _LOCK_VERSION[table].scalar(connection, key=key) != version:
        raise LostRaceError(f"{key} in {table.name} was changed by another process")


def _call_row(call: Call) -> Columns:
    return {
        "id": call.id,
        "sid": call.sid,
        "line": call.line,
        "caller_id": call.shown,
        "contract": call.identity and call.identity.contract,
        "outcome": call.outcome,
        "incident": call.incident,
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "level": call.urgency,
        "taker": call.answered_by,
        "answered_at": call.answered_at,
        "engineer": call.engineer,
        "version": call.version,
        "value": call,
    }


def _incident_row(incident: Incident) -> Columns:
    escalating = is_escalating(incident)
    return {
        "key": incident.key,
        "number": incident.number,
        "line": incident.line,
        "contract": incident.contract,
        "caller": incident.caller,
        "source": incident.source,
        "kind": incident.kind,
        "urgency": incident.urgency,
        "verified": incident.entitlement.verified,
        "state": incident.state,
        "escalating": escalating,
        "escalation_key": escalation_key(incident),
        "missed_engineers": "\n".join(incident.escalation.missed) if escalating else "",
        "queue_key": queue_key(incident),
        "rung": escalating,
        "opened_at": incident.opened_at,
        "taker": incident.acknowledged_by,
        "promised": incident.respond_by is not None,
        "breached": incident.breached_at is not None,
        "premium": incident.premium,
        "contract_year": incident.counted and incident.counted.year,
        "premium_place": incident.counted and incident.counted.place,
        "merged_into": incident.merged_into,
        "version": incident.version,
        "value": replace_fields(incident, pages=()),
    }


def _next_number(connection: Connection) -> int:
    return int(_COUNT.scalar(connection))


def _write_pages(connection: Connection, before: Incident | None, after: Incident) -> None:
    """Write the pages that changed, ended ones first: a decision may end one leg of an engineer
    and begin the next."""
    known = {page.id: page for page in before.pages} if before is not None else {}
    changed = [page for page in after.pages if known.get(page.id) != page]
    if not changed:
        return
    changed.sort(key=lambda page: page.live)
    _UPSERT_PAGE.run_many(connection, [_page_row(after, page) for page in changed])


def _page_row(incident: Incident, page: Page) -> Columns:
    return {
        "id": page.id,
        "incident": incident.key,
        "line": incident.line,
        "engineer": page.engineer,
        "live_engineer": page.holds if page.live else None,
        "channel": page.channel,
        "at": page.at,
        "live": page.live,
        "value": page,
    }

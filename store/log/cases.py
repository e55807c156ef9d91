"""Reads and writes a case: a call, an incident with its pages, and their journal.

Every function works on the connection of its caller. Statements are built once, because building
one takes longer than running it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from routing.call import Call
from routing.decision import Case, LostRaceError
from routing.escalation.queue_position import escalation_key, queue_key
from routing.incident import Incident
from routing.journal import JournalEntry
from routing.page import Page
from store.tables.log import calls, counters, incidents, journal, pages

LARGEST_NUMBER = 2**31 - 1
"""Databases refuse to look for a larger incident number."""

_CALL_OF_ID = select(calls.c.value).where(calls.c.id == bindparam("id"))
_CALL_OF_SID = select(calls.c.value).where(calls.c.sid == bindparam("sid"))
_INCIDENT = select(incidents.c.value).where(incidents.c.key == bindparam("key"))
_INCIDENT_OF_NUMBER = select(incidents.c.key).where(incidents.c.number == bindparam("number"))
_INCIDENT_OF_PAGE = select(pages.c.incident).where(pages.c.id == bindparam("id"))
_PAGES = (
    select(pages.c.value)
    .where(pages.c.incident == bindparam("key"), or_(pages.c.live, pages.c.id == bindparam("also")))
    .order_by(pages.c.at, pages.c.id)
)


def find_by_call(connection: Connection, call_id: str) -> Case | None:
    """The call of our id, with its incident if it has one."""
    return _case_of_call(connection, connection.scalar(_CALL_OF_ID, {"id": call_id}))


def find_by_sid(connection: Connection, sid: str) -> Case | None:
    """The same, by the carrier's id of the call."""
    return _case_of_call(connection, connection.scalar(_CALL_OF_SID, {"sid": sid}))


def find_by_page(connection: Connection, page_id: str) -> Case | None:
    """The incident of this page, that page included even when ended, and its latest call."""
    key = connection.scalar(_INCIDENT_OF_PAGE, {"id": page_id})
    return None if key is None else find_by_incident(connection, key, page_id)


def find_by_number(connection: Connection, number: int) -> Case | None:
    """The incident of this number, which a person may have mistyped, and its latest call."""
    if number > LARGEST_NUMBER:
        return None
    key = connection.scalar(_INCIDENT_OF_NUMBER, {"number": number})
    return None if key is None else find_by_incident(connection, key)


def find_by_incident(connection: Connection, key: str, page_id: str = "") -> Case | None:
    """The incident with its live pages and page ``page_id``, and its latest call."""
    incident = _find_incident(connection, key, page_id)
    if incident is None:
        return None
    if not incident.call:
        return Case(None, incident)
    return Case(connection.scalar(_CALL_OF_ID, {"id": incident.call}), incident)


def find_keys(connection: Connection, key: str) -> tuple[str, ...]:
    """The key of an incident, and the keys of those that were merged into it."""
    incident = connection.scalar(_INCIDENT, {"key": key})
    if incident is None:
        return (key,)
    return (key, *incident.merged)


def with_pages(connection: Connection, incident: Incident, also: str = "") -> Incident:
    """The incident with its live pages, and with page ``also`` even when it has ended."""
    found = connection.scalars(_PAGES, {"key": incident.key, "also": also})
    return replace(incident, pages=tuple(found))


def _case_of_call(connection: Connection, call: Call | None) -> Case | None:
    if call is None:
        return None
    if not call.incident:
        return Case(call)
    return Case(call, _find_incident(connection, call.incident))


def _find_incident(connection: Connection, key: str, page_id: str = "") -> Incident | None:
    incident = connection.scalar(_INCIDENT, {"key": key})
    return None if incident is None else with_pages(connection, incident, page_id)


# Writing. Version 1 of a value is inserted; a later one only takes the place of the one before.


def _is_key(table: Table) -> ColumnElement[bool]:
    (key,) = table.primary_key.columns
    return key == bindparam("was_key")


def _is_read_version(table: Table) -> ColumnElement[bool]:
    return and_(_is_key(table), table.c.version == bindparam("was_version"))


_VALUES = (calls, incidents)
_INSERT = {table: insert(table) for table in _VALUES}
_UPDATE = {table: update(table).where(_is_read_version(table)) for table in _VALUES}
_LOCK_VERSION = {
    table: select(table.c.version).where(_is_key(table)).with_for_update(read=True)
    for table in _VALUES
}
_INSERT_JOURNAL = insert(journal)


def _upsert_page(dialect: Any) -> Any:
    put = dialect.insert(pages)
    return put.on_conflict_do_update(index_elements=["id"], set_=dict(put.excluded))


_UPSERT_PAGE = {"sqlite": _upsert_page(sqlite), "postgresql": _upsert_page(postgresql)}


def is_escalating(incident: Incident) -> bool:
    """True while the line is looking for somebody who takes the incident."""
    return incident.escalation.phase.seeking


def write_call(connection: Connection, before: Call | None, after: Call | None) -> Call | None:
    """Write the call; raises LostRaceError when it changed since ``before`` was read."""
    if after is None or after == before:
        if before is not None:
            _check_version(connection, calls, before.id, before.version)
        return before
    saved = replace(after, version=after.version + 1)
    row = {
        "id": saved.id,
        "sid": saved.sid,
        "line": saved.line,
        "caller_id": saved.shown,
        "contract": saved.identity and saved.identity.contract,
        "outcome": saved.outcome,
        "incident": saved.incident,
        "started_at": saved.started_at,
        "ended_at": saved.ended_at,
        "version": saved.version,
        "value": saved,
    }
    _write_value(connection, calls, row)
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
    saved = replace(after, version=after.version + 1, number=number)
    escalating = is_escalating(saved)
    row = {
        "key": saved.key,
        "number": saved.number,
        "line": saved.line,
        "contract": saved.contract,
        "caller": saved.caller,
        "source": saved.source,
        "kind": saved.kind,
        "urgency": saved.urgency,
        "verified": saved.entitlement.verified,
        "state": saved.state,
        "escalating": escalating,
        "escalation_key": escalation_key(saved),
        "missed_engineers": "\n".join(saved.escalation.missed) if escalating else "",
        "queue_key": queue_key(saved),
        "opened_at": saved.opened_at,
        "premium": saved.premium,
        "contract_year": saved.counted and saved.counted.year,
        "premium_place": saved.counted and saved.counted.place,
        "merged_into": saved.merged_into,
        "version": saved.version,
        "value": replace(saved, pages=()),
    }
    if escalating or saved.version == 1:
        row["rung"] = escalating
    _write_value(connection, incidents, row)
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
    connection.execute(_INSERT_JOURNAL, rows)


def _write_value(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    if row["version"] == 1:
        connection.execute(_INSERT[table], row)
        return
    (key,) = table.primary_key.columns
    read = {"was_key": row[key.name], "was_version": row["version"] - 1}
    if connection.execute(_UPDATE[table], row | read).rowcount != 1:
        raise LostRaceError(f"{row[key.name]} in {table.name} was changed by another process")


def _check_version(connection: Connection, table: Table, key: str, version: int) -> None:
    """The decision also rests on this unchanged value: it must still be the version read."""
    if connection.execute(_LOCK_VERSION[table], {"was_key": key}).scalar() != version:
        raise LostRaceError(f"{key} in {table.name} was changed by another process")


def _next_number(connection: Connection) -> int:
    counter = update(counters).where(counters.c.name == "incident")
    counted = counter.values(value=counters.c.value + 1).returning(counters.c.value)
    return int(connection.execute(counted).scalar_one())


def _write_pages(connection: Connection, before: Incident | None, after: Incident) -> None:
    """Write the pages that changed, ended ones first: a decision may end one leg of an engineer
    and begin the next."""
    known = {page.id: page for page in before.pages} if before is not None else {}
    changed = [page for page in after.pages if known.get(page.id) != page]
    if not changed:
        return
    changed.sort(key=lambda page: page.live)
    rows = [_page_row(after, page) for page in changed]
    connection.execute(_UPSERT_PAGE[connection.dialect.name], rows)


def _page_row(incident: Incident, page: Page) -> dict[str, Any]:
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

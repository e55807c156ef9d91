"""Writes what was decided: values compared and set, journal and errands, in one transaction."""

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
from routing.escalation.queue_position import hunt_place, place_of
from routing.incident import Incident
from routing.journal import JournalEntry
from routing.line import Channel
from routing.page import Page
from store.db.sql_types import UtcDateTime
from store.tables.log import calls, counters, incidents, journal, pages


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
    connection: Connection, matter: Case, notes: Sequence[JournalEntry], at: dt.datetime
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


# The pages of an incident: rows of their own, of which the value holds only the live ones.


_WANTED = (
    select(pages.c.value)
    .where(pages.c.incident == bindparam("key"), or_(pages.c.live, pages.c.id == bindparam("also")))
    .order_by(pages.c.at, pages.c.id)
)

_LEGS = select(pages.c.value).where(
    pages.c.line == bindparam("line"), pages.c.engineer == bindparam("engineer")
)
LAST_LEG = _LEGS.where(pages.c.channel == Channel.CALL).order_by(pages.c.at.desc()).limit(1)
NOTICES = (
    _LEGS.add_columns(pages.c.incident)
    .where(pages.c.at >= bindparam("since", type_=UtcDateTime), pages.c.channel != Channel.CALL)
    .order_by(pages.c.at.desc(), pages.c.id.desc())
)
BUSY = select(pages.c.live_engineer).where(
    pages.c.line == bindparam("line"),
    pages.c.live_engineer.is_not(None),
    pages.c.incident != bindparam("but"),
)


def with_pages(connection: Connection, incident: Incident, also: str = "") -> Incident:
    """The incident with its live pages, and with page ``also`` even when it has ended."""
    found = connection.scalars(_WANTED, {"key": incident.key, "also": also})
    return replace(incident, pages=tuple(found))


def write_pages(connection: Connection, before: Incident | None, after: Incident) -> None:
    """Write the pages that changed, ended ones first: whoever ends one leg may begin the next."""
    known = {page.id: page for page in before.pages} if before is not None else {}
    changed = [page for page in after.pages if known.get(page.id) != page]
    if not changed:
        return
    changed.sort(key=lambda page: page.live)
    connection.execute(_PUT[connection.dialect.name], [_row(after, page) for page in changed])


def _row(incident: Incident, page: Page) -> dict[str, Any]:
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


def _put(dialect: Any) -> Any:
    """Insert a page, or put it in the place of its older self."""
    put = dialect.insert(pages)
    return put.on_conflict_do_update(index_elements=["id"], set_=dict(put.excluded))


_PUT = {"sqlite": _put(sqlite), "postgresql": _put(postgresql)}
"""Made once: to build a statement takes longer than to run it."""


# Reads what an event is about: a call with its incident, or an incident with its latest call.


_CALL_OF_ID = select(calls.c.value).where(calls.c.id == bindparam("id"))
_CALL_OF_SID = select(calls.c.value).where(calls.c.sid == bindparam("sid"))
_INCIDENT = select(incidents.c.value).where(incidents.c.key == bindparam("key"))
LARGEST = 2**31 - 1
"""Databases refuse to look for more."""

_INCIDENT_OF_NUMBER = select(incidents.c.key).where(incidents.c.number == bindparam("number"))
_INCIDENT_OF_PAGE = select(pages.c.incident).where(pages.c.id == bindparam("id"))


def of_call(connection: Connection, call_id: str) -> Case | None:
    """The call of our id, with its incident if it has one."""
    return _with_incident(connection, connection.scalar(_CALL_OF_ID, {"id": call_id}))


def of_sid(connection: Connection, sid: str) -> Case | None:
    """The same, found by the carrier's id of the call."""
    return _with_incident(connection, connection.scalar(_CALL_OF_SID, {"sid": sid}))


def of_incident(connection: Connection, key: str, page_id: str = "") -> Case | None:
    """The incident with its live pages, that page included, and its latest call."""
    incident = _incident(connection, key, page_id)
    if incident is None:
        return None
    call = connection.scalar(_CALL_OF_ID, {"id": incident.call}) if incident.call else None
    return Case(call, incident)


def of_number(connection: Connection, number: int) -> Case | None:
    """The same, found by the number that people say; what they say may be beyond any number."""
    if number > LARGEST:
        return None
    key = connection.scalar(_INCIDENT_OF_NUMBER, {"number": number})
    return None if key is None else of_incident(connection, key)


def of_leg(connection: Connection, page_id: str) -> Case | None:
    """The incident of this page, that page included even when ended, and its latest call."""
    key = connection.scalar(_INCIDENT_OF_PAGE, {"id": page_id})
    return None if key is None else of_incident(connection, key, page_id)


def _with_incident(connection: Connection, call: Call | None) -> Case | None:
    if call is None:
        return None
    return Case(call, _incident(connection, call.incident) if call.incident else None)


def _incident(connection: Connection, key: str, page_id: str = "") -> Incident | None:
    bare = connection.scalar(_INCIDENT, {"key": key})
    return None if bare is None else with_pages(connection, bare, page_id)

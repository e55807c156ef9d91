"""Retention: deletes data that is older than the line's file says, in small transactions.

No transaction lasts so long that a caller notices. An incident is deleted with everything that
belongs to it, or not at all. Open incidents are never deleted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Table,
    delete,
    exists,
    or_,
    select,
    text,
)

from routing.incident import DONE, done_at
from routing.jobs import Lane
from routing.line import Line
from routing.recording import RecordingState
from store.db.engine import reading, writing
from store.log.correspondence import SqlCorrespondenceRepository, delete_files
from store.log.premium import archive_incident
from store.log.received_mails import delete_received_mails, forget_mails
from store.log.recordings import RecordingStore
from store.tables.log import (
    HAS_SOUND,
    calls,
    customer_messages,
    files,
    incidents,
    journal,
    messages,
    notes,
    pages,
    received_mails,
    received_texts,
    recordings,
    sounds,
)
from store.tables.people import handovers, overrides, portal_codes, portal_sessions
from store.tables.work import (
    failed_pins,
    idempotency_keys,
    import_previews,
    jobs,
    webhook_deliveries,
)

AT_ONCE = 50
"""Rows of each kind in one run; the next run continues."""


def delete_expired(
    engine: Engine, archive: RecordingStore, line: Line, now: dt.datetime
) -> Sequence[str]:
    """Delete some expired data of a line; return the ids of the jobs due."""
    keep = line.keep
    texts = (messages.c.line == line.id, messages.c.at < now - keep.texts)
    _delete(engine, messages, *texts, or_(messages.c.incident.is_(None), _of_done(messages)))
    ours = _of_done(notes, incidents.c.line == line.id)
    _delete(engine, notes, notes.c.at < now - keep.notes, ours)
    written = _of_done(customer_messages, incidents.c.line == line.id)
    _delete(engine, customer_messages, customer_messages.c.at < now - keep.messages, written)
    _delete_files(engine, line.id, now - keep.files)
    _delete(engine, handovers, handovers.c.line == line.id, handovers.c.ends_at < now - keep.rota)
    _delete(engine, overrides, overrides.c.line == line.id, overrides.c.end < now - keep.rota)
    _delete_calls(engine, line.id, now - keep.calls)
    spoken = list(_find_expired_recordings(engine, line.id, now - keep.recordings))
    for key in list(_find_expired_incidents(engine, line.id, now - keep.incidents)):
        spoken += delete_incident(engine, key)
    return [job for each in spoken for job in archive.forget(each, now)]


def _of_done(table: Table, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """The incident is done, and so is the one that goes on for it. Looked up for each row, because
    few rows are old enough."""
    its = incidents.c.key == table.c.incident
    survivors = incidents.alias()
    goes_on = exists().where(
        survivors.c.key == incidents.c.merged_into, survivors.c.state.not_in(DONE)
    )
    return exists().where(its, incidents.c.state.in_(DONE), ~goes_on, *which)


def _delete(engine: Engine, table: Table, *which: ColumnElement[bool], most: int = AT_ONCE) -> bool:
    """Delete some of these rows; finding them takes no lock. True when there may be more."""
    (key,) = table.primary_key.columns
    with reading(engine) as connection:
        found = connection.scalars(select(key).where(*which).limit(most)).all()
    if found:
        with writing(engine) as connection:
            connection.execute(delete(table).where(key.in_(found)))
    return len(found) == most


def _delete_files(engine: Engine, line: str, before: dt.datetime) -> None:
    """Delete old files of incidents that are done, each in a transaction of its own."""
    old = (files.c.line == line, files.c.at < before, _of_done(files))
    with reading(engine) as connection:
        found = connection.scalars(select(files.c.id).where(*old).limit(AT_ONCE)).all()
    for file_id in found:
        with writing(engine) as connection:
            delete_files(connection, [file_id])


def _delete_calls(engine: Engine, line: str, before: dt.datetime) -> None:
    """Delete calls without an incident, with their journal."""
    old = (calls.c.line == line, calls.c.started_at < before, calls.c.ended_at.is_not(None))
    alone = select(calls.c.id).where(*old, calls.c.incident.is_(None)).limit(AT_ONCE)
    with reading(engine) as connection:
        found = connection.scalars(alone).all()
    if found:
        with writing(engine) as connection:
            connection.execute(delete(journal).where(journal.c.call.in_(found)))
            connection.execute(delete(calls).where(calls.c.id.in_(found)))


def _find_expired_recordings(engine: Engine, line: str, before: dt.datetime) -> Sequence[str]:
    """Recordings whose sound has expired."""
    old = (recordings.c.line == line, recordings.c.made_at < before, text(HAS_SOUND))
    with reading(engine) as connection:
        found = select(recordings.c.id).where(*old, _of_done(recordings)).limit(AT_ONCE)
        return connection.scalars(found).all()


def _find_expired_incidents(engine: Engine, line: str, before: dt.datetime) -> Iterator[str]:
    """Incidents that were done before then; numbers are given in order of time."""
    last = given = 0
    while given < AT_ONCE:
        following = (
            incidents.c.line == line,
            incidents.c.number > last,
            incidents.c.merged_into.is_(None),
        )
        wanted = select(incidents.c.key, incidents.c.number, incidents.c.value)
        with reading(engine) as connection:
            ordered = wanted.where(*following).order_by(incidents.c.number).limit(AT_ONCE)
            found = connection.execute(ordered).all()
        for row in found:
            if row.value.opened_at >= before:
                return
            over = done_at(row.value)
            if over is not None and over < before:
                given += 1
                yield row.key
        if len(found) < AT_ONCE:
            return
        last = found[-1].number


def delete_incident(engine: Engine, key: str) -> Sequence[str]:
    """Delete the incident of this key, and those that were merged into it, with their calls,
    pages, messages, notes, files, recordings and journal; premium counts are archived.

    Returns the recordings that the carrier may still have; the incident stays while there are any,
    while it is not done, and while a call or a leg of it is live.
    """
    with writing(engine) as connection:
        locked = select(incidents.c.value).where(incidents.c.key == key).with_for_update()
        incident = connection.scalar(locked)
        if incident is None or incident.merged_into or done_at(incident) is None:
            return ()
        keys = (key, *incident.merged)
        if _busy(connection, keys):
            return ()
        unsettled = _unsettled(connection, keys)
        if not unsettled:
            both = select(incidents.c.value).where(incidents.c.key.in_(keys))
            for one in connection.scalars(both).all():
                archive_incident(connection, one)
            _delete_rows(connection, keys)
        return [row.id for row in unsettled if row.state != RecordingState.FORGOTTEN]


def _busy(connection: Connection, keys: Sequence[str]) -> bool:
    ringing = select(pages.c.id).where(pages.c.incident.in_(keys), pages.c.live)
    talking = select(calls.c.id).where(calls.c.incident.in_(keys), calls.c.ended_at.is_(None))
    return any(connection.scalar(found.limit(1)) is not None for found in (ringing, talking))


def _unsettled(connection: Connection, keys: Sequence[str]) -> Sequence[Row[Any, Any]]:
    there = (recordings.c.deleted_at.is_(None), recordings.c.state != RecordingState.MISSING)
    theirs = recordings.c.incident.in_(keys)
    found = select(recordings.c.id, recordings.c.state).where(theirs, *there)
    return connection.execute(found).all()


def _delete_rows(connection: Connection, keys: Sequence[str]) -> None:
    its_calls = select(calls.c.id).where(calls.c.incident.in_(keys))
    of_it = or_(journal.c.incident.in_(keys), journal.c.call.in_(its_calls))
    its_recordings = select(recordings.c.id).where(recordings.c.incident.in_(keys))
    its_files = connection.scalars(select(files.c.id).where(files.c.incident.in_(keys)))
    came = received_mails.c.incident.in_(keys)
    its_mails = connection.scalars(select(received_mails.c.id).where(came))
    delete_files(connection, its_files.all())
    forget_mails(connection, its_mails.all())
    connection.execute(delete(journal).where(of_it))
    connection.execute(delete(sounds).where(sounds.c.recording.in_(its_recordings)))
    for table in _OF_INCIDENT:
        connection.execute(delete(table).where(table.c.incident.in_(keys)))
    connection.execute(delete(incidents).where(incidents.c.key.in_(keys)))


_OF_INCIDENT = (
    recordings,
    messages,
    customer_messages,
    notes,
    webhook_deliveries,
    received_texts,
    pages,
    calls,
)


# Traces of work, whose age no file of a line decides.

KEPT_FOR = dt.timedelta(days=7)
TEXTS_KEPT_FOR = dt.timedelta(days=3)
RESPONSES_KEPT_FOR = dt.timedelta(days=1)
UPLOADS_KEPT_FOR = dt.timedelta(days=1)
"""How long a file may wait for the incident that it belongs to."""

DELIVERIES_KEPT_FOR = dt.timedelta(days=30)
RESULTS_KEPT_FOR = dt.timedelta(days=1)
"""How long the file of a task can be downloaded."""

CODES_KEPT_FOR = dt.timedelta(minutes=10)
MAILS_KEPT_FOR = dt.timedelta(days=30)
"""How long it is known which mails came in, and mails that became no message are kept."""

PREVIEW_KEPT_FOR = dt.timedelta(hours=1)
"""How long an import may be confirmed."""


def delete_traces(engine: Engine, now: dt.datetime) -> None:
    """Delete old jobs that are done, failed PINs, received texts, stored responses, webhook
    deliveries, import previews, received mails, codes and sessions of the portal, and files that
    belong to no incident."""
    SqlCorrespondenceRepository(engine).delete_unattached(now - UPLOADS_KEPT_FOR)
    delete_received_mails(engine, now - MAILS_KEPT_FOR)
    for at, age, which in _TRACES:
        while _delete(engine, at.table, at < now - age, *which, most=TRACES_AT_ONCE):
            pass


TRACES_AT_ONCE = 500
"""Rows in one transaction. There may be a million of them after a week, and callers wait."""

_TRACES: Sequence[tuple[Column[dt.datetime], dt.timedelta, Sequence[ColumnElement[bool]]]] = (
    (jobs.c.done_at, RESULTS_KEPT_FOR, [jobs.c.lane == Lane.TASKS.value]),
    (jobs.c.done_at, KEPT_FOR, [jobs.c.lane != Lane.WEBHOOKS.value]),
    (jobs.c.done_at, DELIVERIES_KEPT_FOR, ()),
    (failed_pins.c.at, KEPT_FOR, ()),
    (received_texts.c.at, TEXTS_KEPT_FOR, ()),
    (idempotency_keys.c.at, RESPONSES_KEPT_FOR, ()),
    (portal_codes.c.asked_at, CODES_KEPT_FOR, ()),
    (portal_sessions.c.seen_at, KEPT_FOR, ()),
    (import_previews.c.created_at, PREVIEW_KEPT_FOR, ()),
)
"""The column that gives the age of a row, how long the row is kept, and of which rows it is. A
webhook delivery, and a task with its file, is deleted with its job."""

"""One incident goes, with its calls, pages, texts, notes, recordings and journal, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, or_, select

from routing.ended import done_at
from routing.recording import Keeping
from store.engine import writing
from store.spent import remember
from store.tables import (
    calls,
    dispatches,
    incidents,
    journal,
    letters,
    memos,
    pages,
    received_texts,
    recordings,
    sounds,
)


def depart(engine: Engine, key: str) -> Sequence[str]:
    """Delete the incident of this key; what it counted for stays.

    Gives back the recordings that the carrier may still have: while there are any it stays. It
    stays too when it was opened again, or somebody is still on a telephone for it.
    """
    with writing(engine) as connection:
        locked = select(incidents.c.value).where(incidents.c.key == key).with_for_update()
        incident = connection.scalar(locked)
        if incident is None or done_at(incident) is None or _busy(connection, key):
            return ()
        unsettled = _unsettled(connection, key)
        if not unsettled:
            remember(connection, incident)
            _delete(connection, key)
        return [row.id for row in unsettled if row.state != Keeping.FORGOTTEN]


def _busy(connection: Connection, key: str) -> bool:
    ringing = select(pages.c.id).where(pages.c.incident == key, pages.c.live)
    talking = select(calls.c.id).where(calls.c.incident == key, calls.c.ended_at.is_(None))
    return any(connection.scalar(found.limit(1)) is not None for found in (ringing, talking))


def _unsettled(connection: Connection, key: str) -> Sequence[Row[Any, Any]]:
    there = (recordings.c.deleted_at.is_(None), recordings.c.state != Keeping.MISSING)
    found = select(recordings.c.id, recordings.c.state).where(recordings.c.incident == key, *there)
    return connection.execute(found).all()


def _delete(connection: Connection, key: str) -> None:
    its_calls = select(calls.c.id).where(calls.c.incident == key)
    of_it = or_(journal.c.incident == key, journal.c.call.in_(its_calls))
    its_recordings = select(recordings.c.id).where(recordings.c.incident == key)
    connection.execute(delete(journal).where(of_it))
    connection.execute(delete(sounds).where(sounds.c.recording.in_(its_recordings)))
    for table in (recordings, letters, memos, dispatches, received_texts, pages, calls):
        connection.execute(delete(table).where(table.c.incident == key))
    connection.execute(delete(incidents).where(incidents.c.key == key))

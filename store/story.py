"""All that is written about one call or one incident: values, and the journal with its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, select, union

from routing.call import Call
from routing.incident import Incident, Page
from routing.letter import Letter
from store.engine import reading
from store.matter import of_number, of_sid
from store.tables import calls, journal, letters, pages

MOST = 2000
"""Entries, pages and letters that are read of one story; the first ones, when there are more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: what happened, why the line did what it did, on which leg."""

    id: int
    at: dt.datetime
    event: str
    reason: str
    call: str | None
    leg: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, oldest first: the calls, whom the line told, and each entry of the journal."""

    calls: Sequence[Call]
    incident: Incident | None
    pages: Sequence[Page]
    letters: Sequence[Letter]
    entries: Sequence[Entry]


def story_of_call(engine: Engine, sid: str) -> Story | None:
    """The call of this sid with what happened to its incident from its beginning to its end."""
    with reading(engine) as connection:
        matter = of_sid(connection, sid)
        if matter is None or matter.call is None:
            return None
        call, incident = matter.call, matter.incident
        about: list[ColumnElement[bool]] = [journal.c.call == call.id]
        if incident is not None:
            until = [journal.c.at <= call.ended_at] if call.ended_at else []
            about.append(
                and_(journal.c.incident == incident.key, journal.c.at >= call.started_at, *until)
            )
        return _story(connection, [call], incident, about)


def story_of_incident(engine: Engine, number: int) -> Story | None:
    """The incident of this number with all its calls."""
    with reading(engine) as connection:
        matter = of_number(connection, number)
        if matter is None or matter.incident is None:
            return None
        incident = matter.incident
        theirs = (
            select(calls.c.value)
            .where(calls.c.incident == incident.key)
            .order_by(calls.c.started_at)
            .limit(MOST)
        )
        about = [
            journal.c.incident == incident.key,
            journal.c.call.in_(select(calls.c.id).where(calls.c.incident == incident.key)),
        ]
        return _story(connection, connection.scalars(theirs).all(), incident, about)


def _story(
    connection: Connection,
    theirs: Sequence[Call],
    incident: Incident | None,
    about: Sequence[ColumnElement[bool]],
) -> Story:
    key = incident.key if incident is not None else None
    told = select(pages.c.value).where(pages.c.incident == key).order_by(pages.c.at).limit(MOST)
    sent = (
        select(letters.c.value).where(letters.c.incident == key).order_by(letters.c.at).limit(MOST)
    )
    return Story(
        theirs,
        incident,
        connection.scalars(told).all(),
        connection.scalars(sent).all(),
        _entries(connection, about),
    )


def _entries(connection: Connection, about: Sequence[ColumnElement[bool]]) -> Sequence[Entry]:
    """Each condition by its own index; one that holds for both is told once."""
    found = union(*(select(journal.c.id).where(one) for one in about))
    wanted = select(journal).where(journal.c.id.in_(found))
    wanted = wanted.order_by(journal.c.at, journal.c.id).limit(MOST)
    return [
        Entry(row.id, row.at, row.event, row.reason, row.call, row.leg)
        for row in connection.execute(wanted)
    ]

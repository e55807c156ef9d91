"""One call or incident as a timeline: the journal with its reasons, and the pages between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, false, or_, select, union

from routing.call import Call
from routing.incident import Incident
from routing.message import Message
from routing.page import Page
from routing.recording import Recording
from store.db.engine import reading
from store.log.messages import memos_of
from store.log.rows import Row, letter_row, memo_row, moment, page_row
from store.log.writes import of_number, of_sid
from store.tables.log import calls, incidents, journal, letters, pages, recordings


def timeline(connection: Connection, which: str) -> list[Row] | None:
    """``which`` is an incident's number or a call's sid; None when it names neither."""
    found = _incident_of_number(connection, which) or _call_of_sid(connection, which)
    if found is None:
        return None
    call_ids, incident = found
    there = select(pages.c.value).where(pages.c.incident == incident)
    legs: dict[str, Page] = {page.id: page for page in connection.scalars(there)}
    rows = [(page.at, -1, _page(page)) for page in legs.values()]
    said = select(recordings.c.value).where(recordings.c.incident == incident)
    rows += [(each.made_at, 0, _recording(each)) for each in connection.scalars(said)]
    if incident is not None:
        rows += [(memo.at, 0, memo_row(memo)) for memo in memos_of(connection, incident)]
        told = select(letters.c.value).where(letters.c.incident == incident)
        rows += [(letter.at, 0, letter_row(letter)) for letter in connection.scalars(told)]
    about: ColumnElement[bool] = or_(
        journal.c.call.in_(call_ids), journal.c.incident == incident if incident else false()
    )
    for note in connection.execute(select(journal).where(about)):
        leg = legs.get(note.leg or "")
        rows.append((note.at, note.id, _note(note.at, note.event, note.reason, leg)))
    return [row for _, _, row in sorted(rows, key=lambda each: each[:2])]


def _incident_of_number(connection: Connection, which: str) -> tuple[list[str], str] | None:
    if not (which.isascii() and which.isdigit() and len(which) < 10):
        return None
    key = connection.scalar(select(incidents.c.key).where(incidents.c.number == int(which)))
    if key is None:
        return None
    return list(connection.scalars(select(calls.c.id).where(calls.c.incident == key))), key


def _call_of_sid(connection: Connection, which: str) -> tuple[list[str], str | None] | None:
    found = select(calls.c.id, calls.c.incident).where(calls.c.sid == which)
    row = connection.execute(found).first()
    return None if row is None else ([row.id], row.incident)


def _note(at: dt.datetime, event: str, reason: str, leg: Page | None) -> Row:
    return {
        "at": moment(at),
        "event": event,
        "reason": reason,
        "engineer": leg.engineer if leg else None,
        "channel": leg.channel if leg else None,
        "to": leg.to if leg else None,
        "result": None,
    }


def _page(page: Page) -> Row:
    return {"at": moment(page.at), "event": "page", "reason": page.reason} | page_row(page)


def _recording(recording: Recording) -> Row:
    sound = recording.sound
    length = f"{sound.seconds} s, " if sound and sound.seconds is not None else ""
    counted = f", {length}{sound.bytes} bytes, sha256 {sound.sha256[:12]}" if sound else ""
    return {
        "at": moment(recording.made_at),
        "event": "recording",
        "reason": f"{recording.purpose} {recording.id}{counted}",
        "engineer": recording.by,
        "channel": None,
        "to": None,
        "result": recording.state,
    }


# All that is written about one call or one incident: values, and the journal with its reasons.


MOST = 2000
"""Entries, pages and letters that are read of one story; the first ones, when there are more."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of the journal: what happened, why the line did what it did, on which leg."""

    id: int
    at: dt.datetime
    event: str
    reason: str
    call: str | None
    leg: str | None


@dataclass(frozen=True, slots=True)
class IncidentStory:
    """What happened, oldest first: the calls, whom the line told, and each entry of the journal."""

    calls: Sequence[Call]
    incident: Incident | None
    pages: Sequence[Page]
    letters: Sequence[Message]
    entries: Sequence[TimelineEntry]


def story_of_call(engine: Engine, sid: str) -> IncidentStory | None:
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


def story_of_incident(engine: Engine, number: int) -> IncidentStory | None:
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
) -> IncidentStory:
    key = incident.key if incident is not None else None
    told = select(pages.c.value).where(pages.c.incident == key).order_by(pages.c.at).limit(MOST)
    sent = (
        select(letters.c.value).where(letters.c.incident == key).order_by(letters.c.at).limit(MOST)
    )
    return IncidentStory(
        theirs,
        incident,
        connection.scalars(told).all(),
        connection.scalars(sent).all(),
        _entries(connection, about),
    )


def _entries(
    connection: Connection, about: Sequence[ColumnElement[bool]]
) -> Sequence[TimelineEntry]:
    """Each condition by its own index; one that holds for both is told once."""
    found = union(*(select(journal.c.id).where(one) for one in about))
    wanted = select(journal).where(journal.c.id.in_(found))
    wanted = wanted.order_by(journal.c.at, journal.c.id).limit(MOST)
    return [
        TimelineEntry(row.id, row.at, row.event, row.reason, row.call, row.leg)
        for row in connection.execute(wanted)
    ]

"""One call or incident as a timeline: the journal with its reasons, and the pages between."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Connection, false, or_, select

from routing.incident import Page
from routing.recording import Recording
from store.memos import memos_of
from store.rows import Row, memo_row, moment, page_row
from store.tables import calls, incidents, journal, pages, recordings


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

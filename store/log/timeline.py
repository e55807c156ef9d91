"""The timeline of a call or an incident: the only reader, shared by command line, API, console."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, select, union

from routing.call import Call
from routing.correspondence import CustomerMessage, IncidentFile
from routing.incident import Incident
from routing.message import CONTACT, IncidentNote, Message
from routing.page import Page
from routing.recording import Recording
from store.db.engine import reading
from store.log.cases import find_by_number, find_by_sid, find_keys
from store.log.correspondence import find_files
from store.tables.log import calls, customer_messages, journal, messages, notes, pages, recordings


class StepKind(StrEnum):
    """The kinds of step that are not journal entries."""

    PAGE = "page"
    NOTIFICATION = "notification"
    NOTE = "note"
    RECORDING = "recording"
    CUSTOMER_MESSAGE = "customer_message"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One journal entry: what happened, the reason, and on which call and leg."""

    id: int
    at: dt.datetime
    event: str
    reason: str
    call: str | None
    leg: str | None


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One row of a timeline. ``event`` is a journal entry or a StepKind; ``engineer`` is the person
    whom the step reaches, or who wrote or said something."""

    at: dt.datetime
    event: str
    reason: str | None = None
    engineer: str | None = None
    channel: str | None = None
    to: str | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything recorded about a call or an incident; each sequence is oldest first."""

    calls: Sequence[Call]
    incident: Incident | None
    pages: Sequence[Page]
    messages: Sequence[Message]
    notes: Sequence[IncidentNote]
    recordings: Sequence[Recording]
    customer_messages: Sequence[CustomerMessage]
    files: Sequence[IncidentFile]
    entries: Sequence[TimelineEntry]

    @property
    def steps(self) -> list[TimelineStep]:
        """Everything in one order, oldest first: at the same moment, pages and messages come
        first and journal entries last."""
        legs = {page.id: page for page in self.pages}
        found = [_page_step(page) for page in self.pages]
        found += [_message_step(message) for message in self.messages]
        found += [_note_step(note) for note in self.notes]
        found += [_recording_step(recording) for recording in self.recordings]
        found += [_customer_message_step(message) for message in self.customer_messages]
        found += [_file_step(file) for file in self.files]
        found += [_entry_step(entry, legs.get(entry.leg or "")) for entry in self.entries]
        return sorted(found, key=lambda step: step.at)


def read_call_timeline(engine: Engine, sid: str) -> Timeline | None:
    """The timeline of the call with this carrier id, with all of its incident."""
    with reading(engine) as connection:
        case = find_by_sid(connection, sid)
        if case is None or case.call is None:
            return None
        return _read(connection, [case.call], case.incident)


def read_incident_timeline(engine: Engine, number: int) -> Timeline | None:
    """The timeline of the incident with this number, with all of its calls."""
    with reading(engine) as connection:
        case = find_by_number(connection, number)
        if case is None or case.incident is None:
            return None
        keys = find_keys(connection, case.incident.key)
        theirs = select(calls.c.value).where(calls.c.incident.in_(keys))
        found = connection.scalars(theirs.order_by(calls.c.started_at, calls.c.id))
        return _read(connection, found.all(), case.incident)


def _read(connection: Connection, theirs: Sequence[Call], incident: Incident | None) -> Timeline:
    keys: tuple[str, ...] = ()
    if incident is not None:
        keys = (incident.key, *incident.merged)
    return Timeline(
        calls=theirs,
        incident=incident,
        pages=_of_incident(connection, pages, pages.c.at, keys),
        messages=_of_incident(connection, messages, messages.c.at, keys),
        notes=_of_incident(connection, notes, notes.c.at, keys),
        recordings=_of_incident(connection, recordings, recordings.c.made_at, keys),
        customer_messages=_of_incident(connection, customer_messages, customer_messages.c.at, keys),
        files=find_files(connection, keys),
        entries=_entries(connection, [call.id for call in theirs], keys),
    )


def _of_incident(
    connection: Connection, table: Table, at: ColumnElement[dt.datetime], keys: Sequence[str]
) -> Sequence[Any]:
    """The values that a table keeps about these incidents, oldest first."""
    wanted = select(table.c.value).where(table.c.incident.in_(keys)).order_by(at, table.c.id)
    return connection.scalars(wanted).all()


def _entries(
    connection: Connection, call_ids: Iterable[str], keys: Sequence[str]
) -> Sequence[TimelineEntry]:
    """The journal entries of these calls and incidents, each once."""
    of_calls = select(journal.c.id).where(journal.c.call.in_(call_ids))
    of_incident = select(journal.c.id).where(journal.c.incident.in_(keys))
    either = union(of_calls, of_incident)  # each half uses its own index
    wanted = select(journal).where(journal.c.id.in_(either)).order_by(journal.c.at, journal.c.id)
    return [
        TimelineEntry(row.id, row.at, row.event, row.reason, row.call, row.leg)
        for row in connection.execute(wanted)
    ]


def _entry_step(entry: TimelineEntry, leg: Page | None) -> TimelineStep:
    if leg is None:
        return TimelineStep(entry.at, entry.event, entry.reason)
    return TimelineStep(entry.at, entry.event, entry.reason, leg.engineer, leg.channel, leg.to)


def _page_step(page: Page) -> TimelineStep:
    return TimelineStep(
        page.at, StepKind.PAGE, page.reason, page.engineer, page.channel, page.to, page.result
    )


def _message_step(message: Message) -> TimelineStep:
    """The reason names the sentence, and says why the message failed. A customer's address is not
    shown."""
    to = None if message.reader == CONTACT else message.to
    reason = message.words
    if message.reason:
        reason += f": {message.reason}"
    return TimelineStep(
        message.at,
        StepKind.NOTIFICATION,
        reason,
        message.reader,
        message.channel,
        to,
        message.result,
    )


def _note_step(note: IncidentNote) -> TimelineStep:
    """A step with text that a person wrote."""
    return TimelineStep(note.at, StepKind.NOTE, note.words, note.by, note.how)


def _customer_message_step(message: CustomerMessage) -> TimelineStep:
    """What the customer wrote, or was answered."""
    result = None if message.verified else "unverified"
    return TimelineStep(
        message.at,
        StepKind.CUSTOMER_MESSAGE,
        message.words,
        message.by,
        message.door,
        result=result,
    )


def _file_step(file: IncidentFile) -> TimelineStep:
    reason = f"{file.name}, {file.size} bytes, sha256 {file.sha256[:12]}"
    return TimelineStep(file.at, StepKind.FILE, reason, file.by, file.door)


def _recording_step(recording: Recording) -> TimelineStep:
    sound, reason = recording.sound, f"{recording.purpose} {recording.id}"
    if sound is not None:
        length = "" if sound.seconds is None else f"{sound.seconds} s, "
        reason += f", {length}{sound.bytes} bytes, sha256 {sound.sha256[:12]}"
    if recording.words:
        reason += f"; heard by a program: {recording.words}"
    return TimelineStep(
        recording.made_at, StepKind.RECORDING, reason, recording.by, result=recording.state
    )

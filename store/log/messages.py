"""Messages, notes and received texts in a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, select, update

from routing.jobs import Job
from routing.message import CONTACT, IncidentNote, Message, ReceivedText
from routing.page import PageResult
from routing.ports import MessageRepository, NoteRepository, ReceivedTextRepository
from store.db.engine import reading, writing
from store.db.sql_types import build_insert
from store.log.cases import find_keys
from store.tables.log import messages, notes, received_texts
from store.work.jobs import write_jobs

FINAL = (PageResult.DELIVERED, PageResult.UNDELIVERED, PageResult.FAILED)
"""Results that do not change any more."""


class SqlMessageRepository(MessageRepository):
    """The messages of every line."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def send(self, messages: Sequence[Message], at: dt.datetime) -> Sequence[str]:
        """Write messages that belong to no decision, each once, with the jobs that send them."""
        with writing(self._engine) as connection:
            return send_messages(connection, messages, at)

    def find(self, message_id: str) -> Message | None:
        """The message of this id."""
        with reading(self._engine) as connection:
            return connection.scalar(select(messages.c.value).where(messages.c.id == message_id))

    def find_general(self, line: str, words: str, since: dt.datetime) -> Sequence[Message]:
        """The messages of a line with these words since, oldest first, that are about no single
        incident."""
        of_line = and_(messages.c.line == line, messages.c.at >= since)
        wanted = select(messages.c.value).where(of_line, messages.c.incident.is_(None))
        with reading(self._engine) as connection:
            found = connection.scalars(wanted.order_by(messages.c.at, messages.c.id))
            return [message for message in found if message.words == words]

    def find_unsent_to_contact(self, incident: str) -> Sequence[Message]:
        """The messages to a contact about this incident that have no result, oldest first."""
        theirs = and_(messages.c.incident == incident, messages.c.recipient == CONTACT)
        unsent = select(messages.c.value).where(theirs, messages.c.result.is_(None))
        with reading(self._engine) as connection:
            return connection.scalars(unsent.order_by(messages.c.at, messages.c.id)).all()

    def record_result(
        self, message_id: str, result: PageResult, sid: str | None = None, reason: str | None = None
    ) -> None:
        """Store the result unless there is a final one."""
        its = messages.c.id == message_id
        with writing(self._engine) as connection:
            message = connection.scalar(select(messages.c.value).where(its).with_for_update())
            if message is None or message.result in FINAL:
                return
            changed = replace(message, result=result, sid=sid or message.sid, reason=reason)
            connection.execute(update(messages).where(its).values(_message_row(changed)))


def write_messages(connection: Connection, new: Sequence[Message]) -> None:
    """Insert messages; the caller also writes the jobs that send them."""
    if new:
        connection.execute(insert(messages), [_message_row(message) for message in new])


def send_messages(connection: Connection, wanted: Sequence[Message], at: dt.datetime) -> list[str]:
    """Write messages, each once, with the jobs that send them; return the ids of the jobs due."""
    ids = [message.id for message in wanted]
    known = set(connection.scalars(select(messages.c.id).where(messages.c.id.in_(ids))))
    new = [message for message in wanted if message.id not in known]
    write_messages(connection, new)
    return list(write_jobs(connection, [Job(message.at, message.sending) for message in new], at))


def _message_row(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "line": message.line,
        "incident": message.incident,
        "at": message.at,
        "recipient": message.reader,
        "result": message.result,
        "value": message,
    }


class SqlNoteRepository(NoteRepository):
    """The notes on every incident: a table of their own, so that free text can be erased alone."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def find_all(self, incident: str) -> Sequence[IncidentNote]:
        """The notes on an incident, and on those merged into it, oldest first."""
        with reading(self._engine) as connection:
            theirs = select(notes.c.value).where(
                notes.c.incident.in_(find_keys(connection, incident))
            )
            return connection.scalars(theirs.order_by(notes.c.at, notes.c.id)).all()

    def exists(self, note_id: str) -> bool:
        """True when there is a note of this id, on any incident."""
        with reading(self._engine) as connection:
            return connection.scalar(select(notes.c.id).where(notes.c.id == note_id)) is not None


def write_notes(connection: Connection, new: Sequence[IncidentNote]) -> None:
    """Insert notes; raises IntegrityError when an id exists."""
    if new:
        rows = [{"id": n.id, "incident": n.incident, "at": n.at, "value": n} for n in new]
        connection.execute(insert(notes), rows)


class SqlReceivedTextRepository(ReceivedTextRepository):
    """The texts of every line."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def find(self, text_id: str) -> ReceivedText | None:
        """The text of this id of the carrier's."""
        wanted = select(received_texts).where(received_texts.c.id == text_id)
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        return ReceivedText(**row._mapping)

    def find_since(self, line: str, engineer: str, since: dt.datetime) -> Sequence[ReceivedText]:
        """The texts of this engineer since, newest first."""
        columns = received_texts.c
        theirs = (columns.line == line, columns.engineer == engineer, columns.at >= since)
        newest_first = (columns.at.desc(), columns.id.desc())
        wanted = select(received_texts).where(*theirs).order_by(*newest_first)
        with reading(self._engine) as connection:
            return [ReceivedText(**row._mapping) for row in connection.execute(wanted)]

    def add(self, text: ReceivedText) -> None:
        """Store a text; a text whose id exists stays as it is."""
        with writing(self._engine) as connection:
            fresh = build_insert(connection, received_texts).values(asdict(text))
            connection.execute(fresh.on_conflict_do_nothing(index_elements=["id"]))

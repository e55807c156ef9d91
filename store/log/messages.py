"""Letters: written with the decision that wants them, sent by an errand, and what came of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from routing.jobs import Job
from routing.message import CONTACT, Inbox, IncidentNote, Message, ReceivedText
from routing.page import PageResult
from store.db.engine import reading, writing
from store.tables.log import letters, memos, received_texts
from store.work.jobs import post

ENDED = (PageResult.DELIVERED, PageResult.UNDELIVERED, PageResult.FAILED)


def write_letters(connection: Connection, wanted: Sequence[Message]) -> None:
    """Write these letters; whoever does so writes the errands that send them too."""
    if wanted:
        connection.execute(insert(letters), [_row(letter) for letter in wanted])


def send_letters(connection: Connection, wanted: Sequence[Message], at: dt.datetime) -> list[str]:
    """Write letters, each once, and the errands that send them; gives back the errands due."""
    ids = [letter.id for letter in wanted]
    known = set(connection.scalars(select(letters.c.id).where(letters.c.id.in_(ids))))
    fresh = [letter for letter in wanted if letter.id not in known]
    write_letters(connection, fresh)
    return list(post(connection, [Job(letter.at, letter.sending) for letter in fresh], at))


class SqlMessageRepository:
    """The letters of every line."""

    _engine: Engine

    def write(self, wanted: Sequence[Message], at: dt.datetime) -> Sequence[str]:
        """Write letters that belong to no decision, each once, and the errands that send them."""
        with writing(self._engine) as connection:
            return send_letters(connection, wanted, at)

    def letter(self, letter_id: str) -> Message | None:
        """The letter of this id."""
        with reading(self._engine) as connection:
            return connection.scalar(select(letters.c.value).where(letters.c.id == letter_id))

    def letter_became(
        self, letter_id: str, result: PageResult, sid: str | None = None, reason: str | None = None
    ) -> None:
        """What became of it; delivered, undelivered and failed are final."""
        with writing(self._engine) as connection:
            wanted = select(letters.c.value).where(letters.c.id == letter_id)
            letter = connection.scalar(wanted.with_for_update())
            if letter is None or letter.result in ENDED:
                return
            became = replace(letter, result=result, sid=sid or letter.sid, reason=reason)
            row = _row(became)
            connection.execute(update(letters).where(letters.c.id == letter_id).values(row))

    def letters_of(self, line: str, words: str, since: dt.datetime) -> Sequence[Message]:
        """The letters of a line in these words since, oldest first, that are about no one
        incident."""
        of_line = and_(letters.c.line == line, letters.c.at >= since)
        wanted = select(letters.c.value).where(of_line, letters.c.incident.is_(None))
        with reading(self._engine) as connection:
            found = connection.scalars(wanted.order_by(letters.c.at, letters.c.id))
            return [letter for letter in found if letter.words == words]

    def letters_wait(self, incident: str) -> bool:
        """True while a letter to a contact about this incident has not gone out."""
        theirs = and_(letters.c.incident == incident, letters.c.reader == CONTACT)
        waiting = select(letters.c.id).where(theirs, letters.c.result.is_(None)).limit(1)
        with reading(self._engine) as connection:
            return connection.scalar(waiting) is not None


def _row(letter: Message) -> dict[str, Any]:
    found = {"id": letter.id, "line": letter.line, "incident": letter.incident, "at": letter.at}
    return found | {"reader": letter.reader, "result": letter.result, "value": letter}


# Texts that engineers sent, without their words.


class SqlInbox(Inbox):
    """The texts of every line."""

    _engine: Engine

    def received(self, text_id: str) -> ReceivedText | None:
        """The text of this id of the carrier's, if it was read before."""
        with reading(self._engine) as connection:
            found = connection.execute(_TEXTS.where(received_texts.c.id == text_id)).first()
            return ReceivedText(**found._mapping) if found is not None else None

    def texts_since(self, line: str, engineer: str, since: dt.datetime) -> Sequence[ReceivedText]:
        """The texts of this engineer's numbers since, newest first."""
        columns = received_texts.c
        theirs = (columns.line == line, columns.engineer == engineer, columns.at >= since)
        with reading(self._engine) as connection:
            ordered = _TEXTS.where(*theirs).order_by(columns.at.desc(), columns.id.desc())
            return [ReceivedText(**row._mapping) for row in connection.execute(ordered)]

    def keep_text(self, text: ReceivedText) -> None:
        """Remember a text; one of an id that is kept stays as it is."""
        with writing(self._engine) as connection:
            ours = connection.dialect.name == "sqlite"
            insert = sqlite.insert if ours else postgresql.insert
            row = insert(received_texts).values(asdict(text))
            connection.execute(row.on_conflict_do_nothing(index_elements=["id"]))


_TEXTS = select(received_texts)


# Notes on incidents, in a table of their own: what people wrote can be forgotten by itself.


def write_memos(connection: Connection, made: Sequence[IncidentNote]) -> None:
    """Write these notes; one of an id that exists is an IntegrityError."""
    if made:
        rows = [{"id": m.id, "incident": m.incident, "at": m.at, "value": m} for m in made]
        connection.execute(insert(memos), rows)


def memos_of(connection: Connection, incident: str) -> Sequence[IncidentNote]:
    """The notes on an incident, oldest first."""
    theirs = select(memos.c.value).where(memos.c.incident == incident)
    return connection.scalars(theirs.order_by(memos.c.at, memos.c.id)).all()


class SqlNoteRepository:
    """The notes on every incident."""

    _engine: Engine

    def memos(self, incident: str) -> Sequence[IncidentNote]:
        """The notes on an incident, oldest first."""
        with reading(self._engine) as connection:
            return memos_of(connection, incident)

    def jotted(self, memo: str) -> bool:
        """True when a note of this id is kept, on whatever incident."""
        with reading(self._engine) as connection:
            return connection.scalar(select(memos.c.id).where(memos.c.id == memo)) is not None

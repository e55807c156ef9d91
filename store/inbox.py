"""Texts that engineers sent, without their words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from routing.inbox import Inbox, ReceivedText
from store.engine import reading, writing
from store.tables import received_texts


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

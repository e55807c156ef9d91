"""Letters: written with the decision that wants them, sent by an errand, and what came of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, select, update

from routing.errands import Errand
from routing.letter import CONTACT, Letter
from routing.page import Result
from store.due import post
from store.engine import reading, writing
from store.tables import letters

ENDED = (Result.DELIVERED, Result.UNDELIVERED, Result.FAILED)


def write_letters(connection: Connection, wanted: Sequence[Letter]) -> None:
    """Write these letters; whoever does so writes the errands that send them too."""
    if wanted:
        connection.execute(insert(letters), [_row(letter) for letter in wanted])


def send_letters(connection: Connection, wanted: Sequence[Letter], at: dt.datetime) -> list[str]:
    """Write letters, each once, and the errands that send them; gives back the errands due."""
    ids = [letter.id for letter in wanted]
    known = set(connection.scalars(select(letters.c.id).where(letters.c.id.in_(ids))))
    fresh = [letter for letter in wanted if letter.id not in known]
    write_letters(connection, fresh)
    return list(post(connection, [Errand(letter.at, letter.sending) for letter in fresh], at))


class SqlLetters:
    """The letters of every line."""

    _engine: Engine

    def write(self, wanted: Sequence[Letter], at: dt.datetime) -> Sequence[str]:
        """Write letters that belong to no decision, each once, and the errands that send them."""
        with writing(self._engine) as connection:
            return send_letters(connection, wanted, at)

    def letter(self, letter_id: str) -> Letter | None:
        """The letter of this id."""
        with reading(self._engine) as connection:
            return connection.scalar(select(letters.c.value).where(letters.c.id == letter_id))

    def letter_became(
        self, letter_id: str, result: Result, sid: str | None = None, reason: str | None = None
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

    def letters_of(self, line: str, words: str, since: dt.datetime) -> Sequence[Letter]:
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


def _row(letter: Letter) -> dict[str, Any]:
    found = {"id": letter.id, "line": letter.line, "incident": letter.incident, "at": letter.at}
    return found | {"reader": letter.reader, "result": letter.result, "value": letter}

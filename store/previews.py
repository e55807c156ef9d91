"""Imports that wait to be confirmed, each for whoever made it, for an hour, once."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import ColumnElement, Engine, and_, delete, insert, select, update

from store.engine import reading, writing
from store.preview import Preview
from store.tables import previews
from store.tidy import SHOWN_FOR


class Previews:
    """Those of one account."""

    def __init__(self, engine: Engine, account: int) -> None:
        """Touches no database yet."""
        self._engine, self._account = engine, account

    def keep(self, line: str, preview: Preview, at: dt.datetime) -> str:
        """Keep what an import would change, and give back its key; an earlier one is over."""
        key = secrets.token_urlsafe(16)
        row = {"id": key, "account": self._account, "line": line, "made_at": at, "value": preview}
        with writing(self._engine) as connection:
            connection.execute(delete(previews).where(previews.c.account == self._account))
            connection.execute(insert(previews), row)
        return key

    def find(self, key: str, line: str, at: dt.datetime) -> Preview | None:
        """What the import of this key would change, or None when it is over."""
        wanted = select(previews.c.value).where(self._its(key, line), self._lives(at))
        with reading(self._engine) as connection:
            found: Preview | None = connection.scalar(wanted)
            return found

    def write(self, key: str, line: str, preview: Preview) -> None:
        """From now on it is this."""
        with writing(self._engine) as connection:
            its = update(previews).where(self._its(key, line))
            connection.execute(its.values(value=preview))

    def drop(self, key: str, line: str) -> None:
        """Nobody wants it."""
        with writing(self._engine) as connection:
            connection.execute(delete(previews).where(self._its(key, line)))

    def _its(self, key: str, line: str) -> ColumnElement[bool]:
        theirs = and_(previews.c.account == self._account, previews.c.line == line)
        return and_(theirs, previews.c.id == key)

    def _lives(self, at: dt.datetime) -> ColumnElement[bool]:
        return previews.c.made_at > at - SHOWN_FOR

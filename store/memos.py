"""Notes on incidents, in a table of their own: what people wrote can be forgotten by itself."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, insert, select

from routing.memo import Memo
from store.engine import reading
from store.tables import memos


def write_memos(connection: Connection, made: Sequence[Memo]) -> None:
    """Write these notes; one of an id that exists is an IntegrityError."""
    if made:
        rows = [{"id": m.id, "incident": m.incident, "at": m.at, "value": m} for m in made]
        connection.execute(insert(memos), rows)


def memos_of(connection: Connection, incident: str) -> Sequence[Memo]:
    """The notes on an incident, oldest first."""
    theirs = select(memos.c.value).where(memos.c.incident == incident)
    return connection.scalars(theirs.order_by(memos.c.at, memos.c.id)).all()


class SqlMemos:
    """The notes on every incident."""

    _engine: Engine

    def memos(self, incident: str) -> Sequence[Memo]:
        """The notes on an incident, oldest first."""
        with reading(self._engine) as connection:
            return memos_of(connection, incident)

    def jotted(self, memo: str) -> bool:
        """True when a note of this id is kept, on whatever incident."""
        with reading(self._engine) as connection:
            return connection.scalar(select(memos.c.id).where(memos.c.id == memo)) is not None

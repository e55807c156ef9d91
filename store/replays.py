"""What a program was answered, so that the same request twice has one effect and one answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.engine import reading, writing
from store.tables import replays

KEPT_FOR = dt.timedelta(days=1)
LOST_AFTER = dt.timedelta(minutes=1)
"""A request that has been under way for so long died with its process."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A request as it came before; ``status`` is None while it is still being done."""

    asked: str
    status: int | None = None
    answer: str = ""
    location: str | None = None


class Replays:
    """The requests of a day that carry a key."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def begin(self, id_: str, asked: str, at: dt.datetime) -> Replay | None:
        """The request of this id as it came before; None when it is new, and ours to do."""
        old = and_(replays.c.id == id_, replays.c.at < at - KEPT_FOR)
        lost = and_(replays.c.status.is_(None), replays.c.at < at - LOST_AFTER)
        try:
            with writing(self._engine) as connection:
                connection.execute(delete(replays).where(old))
                gone = and_(replays.c.id == id_, replays.c.asked == asked, lost)
                connection.execute(delete(replays).where(gone))
                connection.execute(insert(replays), {"id": id_, "asked": asked, "at": at})
        except IntegrityError:
            with reading(self._engine) as connection:
                row = connection.execute(select(replays).where(replays.c.id == id_)).first()
            known = row or self.begin(id_, asked, at)
            return known and Replay(known.asked, known.status, known.answer or "", known.location)
        return None

    def end(self, id_: str, status: int, answer: str, location: str | None) -> None:
        """This was the answer."""
        told = {"status": status, "answer": answer, "location": location}
        with writing(self._engine) as connection:
            connection.execute(update(replays).where(replays.c.id == id_).values(told))

    def forget(self, id_: str) -> None:
        """It failed on our side: the same request may be tried again."""
        with writing(self._engine) as connection:
            connection.execute(delete(replays).where(replays.c.id == id_))

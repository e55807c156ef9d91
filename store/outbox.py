"""What programs outside were told, what still waits, and what was given up and may be sent anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, and_, func, select, update

from store.dispatches import GIVEN_UP
from store.engine import reading, writing
from store.rows import Row, moment
from store.tables import dispatches, incidents

AT_ONCE = 200
_WAITS = dispatches.c.done_at.is_(None)


class Outbox:
    """The dispatches of every line, as people look at them."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def again(self, which: str | None, now: dt.datetime) -> int:
        """Send anew what was given up, all of it or the one of this id; gives back how many."""
        given_up = dispatches.c.result == GIVEN_UP
        wanted = given_up if which is None else and_(given_up, dispatches.c.id == which)
        anew = {"done_at": None, "result": None, "tries": 0, "wakes_at": now}
        with writing(self._engine) as connection:
            return connection.execute(update(dispatches).where(wanted).values(anew)).rowcount

    def waiting_since(self, line: str | None = None) -> dt.datetime | None:
        """The moment of the oldest dispatch that waits."""
        theirs = _WAITS if line is None else and_(_WAITS, dispatches.c.line == line)
        with reading(self._engine) as connection:
            found: dt.datetime | None = connection.scalar(
                select(func.min(dispatches.c.at)).where(theirs)
            )
            return found

    def given_up_since(self, line: str, since: dt.datetime) -> int:
        """How many of a line were given up since."""
        lost = and_(dispatches.c.done_at >= since, dispatches.c.result == GIVEN_UP)
        counted = select(func.count()).select_from(dispatches)
        with reading(self._engine) as connection:
            return connection.scalar(counted.where(lost, dispatches.c.line == line)) or 0

    def listed(self, *, waiting: bool = False) -> Iterator[Row]:
        """Every dispatch, or those that wait, in their order; without what they say."""
        last = 0
        while True:
            following = dispatches.c.place > last
            wanted = and_(following, _WAITS) if waiting else following
            with reading(self._engine) as connection:
                found = connection.execute(_LISTED.where(wanted).limit(AT_ONCE)).all()
            yield from (_listed(row) for row in found)
            if len(found) < AT_ONCE:
                return
            last = found[-1].place


_LISTED = (
    select(dispatches, incidents.c.number)
    .join(incidents, incidents.c.key == dispatches.c.incident, isouter=True)
    .order_by(dispatches.c.place)
)


def _listed(row: Any) -> Row:
    return {
        "id": row.id,
        "line": row.line,
        "webhook": row.hook,
        "incident": row.number,
        "type": f"incident.{row.happening}",
        "at": moment(row.at),
        "state": row.result or "waiting",
        "tries": row.tries,
        "answer": row.answer,
        "next_at": moment(row.wakes_at) if row.done_at is None else None,
        "done_at": moment(row.done_at),
    }

"""A clock that was set back leaves words from the future: they are counted anew from now.

Without that, what was due in thirty seconds would be due in an hour and thirty seconds.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Engine, Row, and_, delete, or_, select, update

from store.engine import reading, writing
from store.tables import beats, errands

STRAY = dt.timedelta(minutes=1)
"""No lease lasts for so long, and no two clocks differ by so much."""

CALENDAR = ("handover_due", "strike")
"""Errands whose instant stands in a schedule or a promise, whenever they were written."""


def set_right(engine: Engine, now: dt.datetime) -> int:
    """Let such errands count anew, end such leases, and forget such signs of life.

    Gives back how many errands there were.
    """
    ahead = now + STRAY
    future = or_(errands.c.created_at > ahead, errands.c.attempt > 0)
    late = and_(errands.c.done_at.is_(None), errands.c.wakes_at > ahead, future)
    with reading(engine) as connection:
        found = connection.execute(select(errands).where(late)).all()
        living = connection.scalar(select(beats.c.name).where(beats.c.at > ahead).limit(1))
    stray = [row for row in found if row.kind not in CALENDAR]
    if stray or living is not None:
        with writing(engine) as connection:
            connection.execute(delete(beats).where(beats.c.at > ahead))
            for row in stray:
                same = and_(errands.c.id == row.id, errands.c.wakes_at == row.wakes_at)
                connection.execute(update(errands).where(same).values(_anew(row, now)))
    return len(stray)


def _anew(row: Row[Any], now: dt.datetime) -> dict[str, Any]:
    back = max(row.created_at - now, dt.timedelta())
    wakes_at = now if row.attempt else row.wakes_at - back
    return {"created_at": row.created_at - back, "due_at": row.due_at - back, "wakes_at": wakes_at}

"""When each number last proved that it reaches somebody: an answered ring, a delivered text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import Engine, and_, select

from routing.line import Line
from routing.page import Result
from store.engine import reading
from store.tables import letters, pages

ANSWERED = (Result.ACCEPTED, Result.DECLINED, Result.NO_KEY)
LOOK_BACK = 1000
"""So many of a person's latest pages and letters are read; older proof has gone stale."""


def last_tried(engine: Engine, line: Line) -> Mapping[str, dt.datetime]:
    """The last time that each engineer's number was answered or got a text."""
    found: dict[str, dt.datetime] = {}
    with reading(engine) as connection:
        for engineer in line.engineers:
            theirs = and_(pages.c.line == line.id, pages.c.engineer == engineer.id)
            legs = select(pages.c.value).where(theirs).order_by(pages.c.at.desc())
            own = and_(letters.c.line == line.id, letters.c.reader == engineer.id)
            told = select(letters.c.value).where(own).order_by(letters.c.at.desc())
            for one in (
                *connection.scalars(legs.limit(LOOK_BACK)),
                *connection.scalars(told.limit(LOOK_BACK)),
            ):
                if one.result in (*ANSWERED, Result.DELIVERED):
                    found[one.to] = max(one.at, found.get(one.to, one.at))
    return found

"""Call-outs: who took which call by a key, when, and until when they were on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, and_, case, func, select

from routing.line import Channel
from store.columns import Moment
from store.engine import reading
from store.tables import journal, pages

_LONGEST = dt.timedelta(days=1)
"""A leg is placed less than this before it is taken."""


@dataclass(frozen=True, slots=True)
class CallOut:
    """One accepted leg, from the key to its end; no end while the record has none."""

    engineer: str
    start: dt.datetime
    end: dt.datetime | None


def call_outs(
    engine: Engine, line: str, since: dt.datetime, until: dt.datetime
) -> Sequence[CallOut]:
    """The legs of a line whose key was pressed from one moment to just before another, in order."""
    taken = func.min(case((journal.c.event == "accepted", journal.c.at)), type_=Moment)
    over = func.max(case((journal.c.event == "leg_ended", journal.c.at)), type_=Moment)
    of_leg = and_(journal.c.incident == pages.c.incident, journal.c.leg == pages.c.id)
    found = (
        select(pages.c.engineer, taken.label("start"), over.label("end"))
        .join(journal, of_leg)
        .where(pages.c.line == line, pages.c.channel == Channel.CALL)
        .where(pages.c.at >= since - _LONGEST, pages.c.at < until)
        .where(journal.c.event.in_(("accepted", "leg_ended")))
        .group_by(pages.c.id, pages.c.engineer)
        .having(taken.is_not(None))
        .order_by(taken, pages.c.engineer)
    )
    with reading(engine) as connection:
        rows = [CallOut(row.engineer, row.start, row.end) for row in connection.execute(found)]
    return [row for row in rows if since <= row.start < until]

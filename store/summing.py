"""Adds up the days of a line that are over, and anew those in which something changed afterwards.

A day is laid first and added up later, by whichever process looks then: whatever changes from then
on is noted as late by the database itself. What was noted before the log was read is in the sum;
what comes meanwhile stays noted, and the day is not believed until it is added up again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from routing.line import Line
from routing.schedule.period import DAY, Period
from routing.schedule.wallclock import wall
from store.engine import reading, writing
from store.figures import LONGEST_CALL
from store.served import Asked, served
from store.tables import calls, late, sums
from store.tables.sums import Levels

AT_ONCE = 30
"""Days that are added up in one look; what is left is for the next."""

SETTLED = dt.timedelta(minutes=10)
"""No transaction lasts for so long: whoever writes now knows of a day that was laid before."""

_NOTED = 1000
"""Late changes that one look goes through."""

_INSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@dataclass(frozen=True, slots=True)
class Sum:
    """A day added up at one moment: of which version, and the late changes that are in it."""

    line: str
    until: dt.datetime
    version: int
    levels: Levels
    noted: Sequence[int]


def sum_up(engine: Engine, line: Line, now: dt.datetime) -> int:
    """One look at the days of a line; gives back how many were added up."""
    lay(engine, line, now)
    with reading(engine) as connection:
        untils = list(_waiting(connection, line.id, now))[:AT_ONCE]
    return sum(keep(engine, add_up(engine, line.id, until)) for until in untils)


def lay(engine: Engine, line: Line, now: dt.datetime) -> None:
    """A row for each day of the line that is over, by the clock it has now."""
    with reading(engine) as connection:
        ours = sums.c.line == line.id
        others = connection.scalar(select(sums.c.line).where(ours, sums.c.zone != line.timezone))
        first = None if others else connection.scalar(select(func.max(sums.c.until)).where(ours))
        first = first or connection.scalar(
            select(func.min(calls.c.started_at)).where(calls.c.line == line.id)
        )
    if first is None:
        return
    last = wall(now - LONGEST_CALL, line.timezone).date() - DAY
    days = Period(wall(first, line.timezone).date(), last, line.timezone).days()
    rows = [_row(line, day, now) for day in days]
    if others or rows:
        with writing(engine) as connection:
            _lay(connection, line, rows)


def add_up(engine: Engine, line: str, until: dt.datetime) -> Sum:
    """What the log says of one day now; nothing is written."""
    with reading(engine) as connection:
        day = connection.execute(
            select(sums.c.since, sums.c.version).where(sums.c.line == line, sums.c.until == until)
        ).one()
        within = (late.c.line == line, late.c.at >= day.since, late.c.at < until)
        noted = connection.scalars(select(late.c.id).where(*within)).all()
        found = served(connection, Asked(line, day.since, until))
        return Sum(line, until, day.version, tuple(found.items()), noted)


def keep(engine: Engine, found: Sum) -> bool:
    """Write the sum down, unless somebody was faster: theirs may know of more."""
    its = (sums.c.line == found.line, sums.c.until == found.until)
    kept = update(sums).where(*its, sums.c.version == found.version)
    with writing(engine) as connection:
        now = kept.values(value=found.levels, version=found.version + 1)
        if connection.execute(now).rowcount != 1:
            return False
        if found.noted:
            gone = delete(late).where(late.c.id == bindparam("noted"))
            connection.execute(gone, [{"noted": one} for one in found.noted])
    return True


def _row(line: Line, day: Period, now: dt.datetime) -> dict[str, Any]:
    its = {"line": line.id, "since": day.since, "until": day.until, "zone": day.zone}
    return its | {"laid_at": now, "version": 1}


def _lay(connection: Connection, line: Line, rows: Sequence[dict[str, Any]]) -> None:
    """Where the line's clock is another, no day is what it was, and none is believed any more."""
    ours = sums.c.line == line.id
    if connection.execute(delete(sums).where(ours, sums.c.zone != line.timezone)).rowcount:
        connection.execute(delete(late).where(late.c.line == line.id))
    if rows:
        fresh: Any = _INSERTS[connection.dialect.name](sums)
        connection.execute(fresh.on_conflict_do_nothing(), rows)


def _waiting(connection: Connection, line: str, now: dt.datetime) -> Iterator[dt.datetime]:
    """The ends of days with late changes, then of those never added up: the last days first."""
    settled = (sums.c.line == line, sums.c.laid_at <= now - SETTLED)
    noted = select(late.c.at).where(late.c.line == line).order_by(late.c.at.desc()).limit(_NOTED)
    since = None
    for at in connection.scalars(noted).all():
        if since is None or at < since:
            of = select(sums.c.since, sums.c.until).where(*settled, sums.c.until > at)
            day = connection.execute(of.order_by(sums.c.until).limit(1)).first()
            if day is not None and day.since <= at:
                since = day.since
                yield day.until
    fresh = select(sums.c.until).where(*settled, sums.c.value.is_(None))
    yield from connection.scalars(fresh.order_by(sums.c.until.desc()).limit(AT_ONCE))

"""Adds up the days of a line that are over, and anew those in which something changed afterwards.

A day is laid first and added up later, by whichever process looks then: whatever changes from then
on is noted as late by the database itself. What was noted before the log was read is in the sum;
what comes meanwhile stays noted, and the day is not believed until it is added up again.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, select, update

from routing.line import Line
from routing.oncall.local_time import DAY, Period, wall
from routing.service_levels import ServiceFigures, together
from store.db.engine import reading, writing
from store.db.sql_types import build_insert
from store.log.service_levels import ServiceFilter, served
from store.tables.log import Levels, calls, daily_rollups, stale_days
from store.work.metrics import LONGEST_CALL

AT_ONCE = 30
"""Days that are added up in one look; what is left is for the next."""

SETTLED = dt.timedelta(minutes=10)
"""No transaction lasts for so long: whoever writes now knows of a day that was laid before."""

_NOTED = 1000
"""Late changes that one look goes through."""


@dataclass(frozen=True, slots=True)
class DailyRollup:
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
        ours = daily_rollups.c.line == line.id
        others = connection.scalar(
            select(daily_rollups.c.line).where(ours, daily_rollups.c.timezone != line.timezone)
        )
        first = (
            None
            if others
            else connection.scalar(select(func.max(daily_rollups.c.until)).where(ours))
        )
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


def add_up(engine: Engine, line: str, until: dt.datetime) -> DailyRollup:
    """What the log says of one day now; nothing is written."""
    with reading(engine) as connection:
        day = connection.execute(
            select(daily_rollups.c.since, daily_rollups.c.version).where(
                daily_rollups.c.line == line, daily_rollups.c.until == until
            )
        ).one()
        within = (stale_days.c.line == line, stale_days.c.at >= day.since, stale_days.c.at < until)
        noted = connection.scalars(select(stale_days.c.id).where(*within)).all()
        found = served(connection, ServiceFilter(line, day.since, until))
        return DailyRollup(line, until, day.version, tuple(found.items()), noted)


def keep(engine: Engine, found: DailyRollup) -> bool:
    """Write the sum down, unless somebody was faster: theirs may know of more."""
    its = (daily_rollups.c.line == found.line, daily_rollups.c.until == found.until)
    kept = update(daily_rollups).where(*its, daily_rollups.c.version == found.version)
    with writing(engine) as connection:
        now = kept.values(value=found.levels, version=found.version + 1)
        if connection.execute(now).rowcount != 1:
            return False
        if found.noted:
            gone = delete(stale_days).where(stale_days.c.id == bindparam("noted"))
            connection.execute(gone, [{"noted": one} for one in found.noted])
    return True


def _row(line: Line, day: Period, now: dt.datetime) -> dict[str, Any]:
    its = {"line": line.id, "since": day.since, "until": day.until, "timezone": day.zone}
    return its | {"created_at": now, "version": 1}


def _lay(connection: Connection, line: Line, rows: Sequence[dict[str, Any]]) -> None:
    """Where the line's clock is another, no day is what it was, and none is believed any more."""
    ours = daily_rollups.c.line == line.id
    if connection.execute(
        delete(daily_rollups).where(ours, daily_rollups.c.timezone != line.timezone)
    ).rowcount:
        connection.execute(delete(stale_days).where(stale_days.c.line == line.id))
    if rows:
        fresh = build_insert(connection, daily_rollups)
        connection.execute(fresh.on_conflict_do_nothing(), rows)


def _waiting(connection: Connection, line: str, now: dt.datetime) -> Iterator[dt.datetime]:
    """The ends of days with late changes, then of those never added up: the last days first."""
    settled = (daily_rollups.c.line == line, daily_rollups.c.created_at <= now - SETTLED)
    noted = (
        select(stale_days.c.at)
        .where(stale_days.c.line == line)
        .order_by(stale_days.c.at.desc())
        .limit(_NOTED)
    )
    since = None
    for at in connection.scalars(noted).all():
        if since is None or at < since:
            of = select(daily_rollups.c.since, daily_rollups.c.until).where(
                *settled, daily_rollups.c.until > at
            )
            day = connection.execute(of.order_by(daily_rollups.c.until).limit(1)).first()
            if day is not None and day.since <= at:
                since = day.since
                yield day.until
    fresh = select(daily_rollups.c.until).where(*settled, daily_rollups.c.value.is_(None))
    yield from connection.scalars(fresh.order_by(daily_rollups.c.until.desc()).limit(AT_ONCE))


# How callers were served, read from the days that are added up; what is not is counted at once.
# The answer is that of ``store.served`` for the same time, in a log of any length.


ByLevel = Mapping[int | None, ServiceFigures]


@dataclass(frozen=True, slots=True)
class RollupPart:
    """A part of the time asked for, by level; mostly a day."""

    since: dt.datetime
    levels: ByLevel

    @property
    def calls(self) -> int:
        """How many there were."""
        return sum(one.calls for one in self.levels.values())


def parts(connection: Connection, asked: ServiceFilter) -> Iterator[RollupPart]:
    """All of the time that was asked for, in its order: each of it once, whatever is kept."""
    since = asked.since
    for day in [] if asked.taker else _kept(connection, asked):
        if day.since < since:
            continue
        if since < day.since:
            yield _counted(connection, replace(asked, since=since, until=day.since))
        yield RollupPart(day.since, dict(day.value))
        since = day.until
    if since < asked.until:
        yield _counted(connection, replace(asked, since=since))


def levels(some: Iterable[RollupPart]) -> ByLevel:
    """All parts taken together, by level."""
    found: dict[int | None, list[ServiceFigures]] = defaultdict(list)
    for part in some:
        for level, service in part.levels.items():
            found[level].append(service)
    return {level: together(each) for level, each in found.items()}


def _counted(connection: Connection, asked: ServiceFilter) -> RollupPart:
    return RollupPart(asked.since, served(connection, asked))


def _kept(connection: Connection, asked: ServiceFilter) -> Iterator[Row[Any, Any, Any]]:
    """The days that are added up, but for those in which something changed since."""
    within = (
        daily_rollups.c.line == asked.line,
        daily_rollups.c.since >= asked.since,
        daily_rollups.c.until <= asked.until,
    )
    wanted = select(daily_rollups.c.since, daily_rollups.c.until, daily_rollups.c.value).where(
        *within
    )
    since = (
        stale_days.c.line == asked.line,
        stale_days.c.at >= asked.since,
        stale_days.c.at < asked.until,
    )
    changed = connection.scalars(
        select(stale_days.c.at).where(*since).order_by(stale_days.c.at)
    ).all()
    for day in connection.execute(
        wanted.where(daily_rollups.c.value.is_not(None)).order_by(daily_rollups.c.until)
    ):
        if bisect_left(changed, day.since) == bisect_left(changed, day.until):
            yield day

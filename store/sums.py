"""How callers were served, read from the days that are added up; what is not is counted at once.

The answer is that of ``store.served`` for the same time, in a log of any length.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from routing.service import Service, together
from store.served import Asked, served
from store.tables import late, sums

ByLevel = Mapping[int | None, Service]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the time asked for, by level; mostly a day."""

    since: dt.datetime
    levels: ByLevel

    @property
    def calls(self) -> int:
        """How many there were."""
        return sum(one.calls for one in self.levels.values())


def parts(connection: Connection, asked: Asked) -> Iterator[Part]:
    """All of the time that was asked for, in its order: each of it once, whatever is kept."""
    since = asked.since
    for day in [] if asked.taker else _kept(connection, asked):
        if day.since < since:
            continue
        if since < day.since:
            yield _counted(connection, replace(asked, since=since, until=day.since))
        yield Part(day.since, dict(day.value))
        since = day.until
    if since < asked.until:
        yield _counted(connection, replace(asked, since=since))


def levels(some: Iterable[Part]) -> ByLevel:
    """All parts taken together, by level."""
    found: dict[int | None, list[Service]] = defaultdict(list)
    for part in some:
        for level, service in part.levels.items():
            found[level].append(service)
    return {level: together(each) for level, each in found.items()}


def _counted(connection: Connection, asked: Asked) -> Part:
    return Part(asked.since, served(connection, asked))


def _kept(connection: Connection, asked: Asked) -> Iterator[Row[Any, Any, Any]]:
    """The days that are added up, but for those in which something changed since."""
    within = (sums.c.line == asked.line, sums.c.since >= asked.since, sums.c.until <= asked.until)
    wanted = select(sums.c.since, sums.c.until, sums.c.value).where(*within)
    since = (late.c.line == asked.line, late.c.at >= asked.since, late.c.at < asked.until)
    changed = connection.scalars(select(late.c.at).where(*since).order_by(late.c.at)).all()
    for day in connection.execute(wanted.where(sums.c.value.is_not(None)).order_by(sums.c.until)):
        if bisect_left(changed, day.since) == bisect_left(changed, day.until):
            yield day

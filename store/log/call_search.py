"""What is known of the calls that somebody looks for, and the indexes that lead to them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    func,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from routing.call import Call, CallOutcome
from store.db.engine import reading
from store.db.sql_types import CallLevel, CallTaker
from store.log.pages import Place
from store.tables.log import calls, incidents

Condition = ColumnElement[bool]
Way = Sequence[Condition]
"""What to follow through an index, newest first; different calls meet each condition of a way."""

COUNTED = 1000
"""Calls that are counted along each way, to see which is the shortest."""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What is known of the calls; those from ``since`` on and before ``until``. ``shown`` holds
    the ways in which a carrier may show one number, ``taker`` an engineer's id or the last
    resort."""

    line: str
    shown: tuple[str, ...] = ()
    contracts: tuple[str, ...] | None = None
    taker: str | None = None
    level: int | None = None
    outcome: CallOutcome | None = None
    verified: bool | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def shortest(connection: Connection, asked: CallFilter) -> Way:
    """The way along which the fewest calls lie, as far as they are counted."""
    ways = _ways(asked)
    if len(ways) == 1:
        return ways[0]
    counts = [_counted(way, asked) for way in ways]
    counted = connection.execute(select(*counts)).one()
    return min(zip(counted, ways, strict=True), key=lambda each: int(each[0]))[1]


def plain(asked: CallFilter) -> bool:
    """True when whatever lies along the way fits, because nothing more was asked for."""
    return len(_ways(asked)) == 1 and asked.verified is None and asked.contracts is None


def along(way: Way, asked: CallFilter, before: Place | None, most: int) -> Select[Any]:
    """The next calls along the way: their places, and whether they fit all that was asked."""
    fits = true() if plain(asked) else _fits(asked)
    columns = (calls.c.started_at, calls.c.id, fits.label("fits"))
    order = (calls.c.started_at.desc(), calls.c.id.desc())
    bounds = _bounds(asked, before)
    each = [select(*columns).where(one, *bounds).order_by(*order).limit(most) for one in way]
    if len(each) == 1:
        return each[0]
    all_ = union_all(*(select(one.subquery()) for one in each)).subquery()
    return select(all_).order_by(all_.c.started_at.desc(), all_.c.id.desc()).limit(most)


def _ways(asked: CallFilter) -> list[Way]:
    """One for each thing asked for that has an index; the line's own where there is none."""
    mine = calls.c.line == asked.line
    ways: list[Way] = []
    if asked.shown:
        ways.append([and_(mine, calls.c.caller_id == number) for number in asked.shown])
    if asked.contracts:
        ways.append([calls.c.contract == number for number in asked.contracts])
    return [*ways, *([and_(mine, one)] for one in _single(asked))] or [[mine]]


def _single(asked: CallFilter) -> list[Condition]:
    known = (
        (CallTaker(), asked.taker),
        (calls.c.outcome, asked.outcome),
        (CallLevel(), asked.level),
    )
    return [kept == str(wanted) for kept, wanted in known if wanted is not None]


def _fits(asked: CallFilter) -> Condition:
    """All of it at once; compared with each call on the way, so it needs no index."""
    conditions = [calls.c.line == asked.line, *_single(asked)]
    if asked.shown:
        conditions.append(calls.c.caller_id.in_(asked.shown))
    if asked.contracts is not None:
        conditions.append(calls.c.contract.in_(asked.contracts))
    if asked.verified is not None:
        conditions.append(calls.c.contract.is_not(None) == asked.verified)
    return and_(true(), *conditions)


def _bounds(asked: CallFilter, before: Place | None) -> list[Condition]:
    at, bounds = calls.c.started_at, list[Condition]()
    if asked.since is not None:
        bounds.append(at >= asked.since)
    if before is not None:
        bounds.append(tuple_(at, calls.c.id) < before)
    elif asked.until is not None:
        bounds.append(at < asked.until)
    return bounds


def _counted(way: Way, asked: CallFilter) -> Any:
    some = select(calls.c.id).where(or_(*way), *_bounds(asked, None)).limit(COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


# Calls found by whatever is known of them, newest first, with bounded work in a log of any
# length. Of what was asked for, that which fewest calls have leads through its own index; the
# rest is compared on the way. Whoever looks is told how far back a search has come.


AT_ONCE = 500
"""Calls that are compared, or exported, in one piece."""

PATIENCE = 0.1
"""Seconds after which a first page is given with what was found so far."""

MORE_PATIENCE = 1.0
"""The same for whoever goes on to look further back."""

Numbered = tuple[Call, int | None]
"""A call, and the number of its incident if it has one."""


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of calls. ``older`` is where the next one begins; ``looked_back_to`` is set when the
    page is not full although the search has not come to its end."""

    calls: Sequence[Numbered]
    older: Place | None = None
    looked_back_to: dt.datetime | None = None


def search(
    engine: Engine,
    asked: CallFilter,
    before: Place | None = None,
    size: int = 50,
    patience: float | None = None,
) -> CallPage:
    """The newest calls that fit, or as many of them as patience allows."""
    if patience is None:
        patience = PATIENCE if before is None else MORE_PATIENCE
    ends, fitting = time.monotonic() + patience, list[Place]()
    with reading(engine) as connection:
        way = shortest(connection, asked)
        piece = size + 1 if plain(asked) else max(size + 1, AT_ONCE // len(way))
        for places, last in _pieces(connection, way, asked, before, piece):
            fitting += places
            if len(fitting) > size:
                return CallPage(_calls(connection, fitting[:size]), fitting[size - 1])
            if last is not None and time.monotonic() >= ends:
                return CallPage(_calls(connection, fitting), last, last[0])
        return CallPage(_calls(connection, fitting))


def every(engine: Engine, asked: CallFilter) -> Iterator[Numbered]:
    """All calls that fit, newest first; a few hundred at a time are in memory."""
    with reading(engine) as connection:
        way = shortest(connection, asked)
    before: Place | None = None
    while True:
        with reading(engine) as connection:
            places, before = next(_pieces(connection, way, asked, before, AT_ONCE))
            found = _calls(connection, places)
        yield from found
        if before is None:
            return


def _pieces(
    connection: Connection, way: Way, asked: CallFilter, before: Place | None, at_once: int
) -> Iterator[tuple[Sequence[Place], Place | None]]:
    """What fits among so many calls at a time, and the last one looked at; None at the end."""
    while True:
        looked_at = connection.execute(along(way, asked, before, at_once)).all()
        full = len(looked_at) == at_once
        before = (looked_at[-1].started_at, looked_at[-1].id) if full else None
        yield [(row.started_at, row.id) for row in looked_at if row.fits], before
        if before is None:
            return


def _calls(connection: Connection, places: Sequence[Place]) -> list[Numbered]:
    if not places:
        return []
    wanted = (
        select(calls.c.id, calls.c.value, incidents.c.number)
        .join(incidents, calls.c.incident == incidents.c.key, isouter=True)
        .where(calls.c.id.in_([place[1] for place in places]))
    )
    known = {row.id: (row.value, row.number) for row in connection.execute(wanted)}
    return [known[place[1]] for place in places if place[1] in known]

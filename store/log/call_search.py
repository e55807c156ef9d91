"""Searches calls by their details, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, func, select, text

from routing.call import Call, CallOutcome
from store.db import search
from store.db.engine import reading
from store.log.reports import Place
from store.tables.log import ENDED, calls, incidents

AT_ONCE = 500
"""Calls that are compared, or exported, in one piece."""

Numbered = tuple[Call, int | None]
"""A call, and the number of its incident if it has one."""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """The details of the calls; those from ``since`` on and before ``until``. ``shown`` holds the
    ways in which a carrier may write one number, ``taker`` an engineer's id or the last resort."""

    line: str
    shown: tuple[str, ...] = ()
    contracts: tuple[str, ...] | None = None
    taker: str | None = None
    level: int | None = None
    outcome: CallOutcome | None = None
    verified: bool | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of calls. ``older`` is where the next one begins; ``looked_back_to`` is set when the
    page is not full although the search has not reached its end."""

    calls: Sequence[Numbered]
    older: Place | None = None
    looked_back_to: dt.datetime | None = None


def search_calls(
    engine: Engine,
    wanted: CallFilter,
    before: Place | None = None,
    size: int = 50,
    seconds: float | None = None,
) -> CallPage:
    """The newest calls that match, or as many of them as are found within these seconds."""
    if seconds is None:
        seconds = search.FIRST_PATIENCE if before is None else search.PATIENCE
    with reading(engine) as connection:
        path = search.choose_shortest(connection, _list_paths(wanted, before))
        return _read_page(connection, path, before, search.SearchLimits(size, AT_ONCE, seconds))


def stream_calls(engine: Engine, wanted: CallFilter) -> Iterator[Numbered]:
    """All calls that match, newest first; a few hundred at a time are in memory."""
    with reading(engine) as connection:
        path = search.choose_shortest(connection, _list_paths(wanted, None))
    limits = search.SearchLimits(AT_ONCE, AT_ONCE, 0)

    def read(before: Place | None) -> tuple[Sequence[Numbered], Place | None]:
        with reading(engine) as connection:
            page = _read_page(connection, path, before, limits)
        return page.calls, page.older

    return search.read_pages(read)


def find_oldest(engine: Engine, line: str) -> dt.datetime | None:
    """When the oldest call of the line began."""
    with reading(engine) as connection:
        found: dt.datetime | None = connection.scalar(
            select(func.min(calls.c.started_at)).where(calls.c.line == line)
        )
        return found


def _read_page(
    connection: Connection,
    path: search.IndexPath,
    before: Place | None,
    limits: search.SearchLimits,
) -> CallPage:
    after = None if before is None else (0, *before)
    hits = search.find_page(connection, [path], after, limits)
    found = _read_calls(connection, hits.idents)
    if hits.following is None:
        return CallPage(found)
    _, started_at, call_id = hits.following
    return CallPage(found, (started_at, call_id), started_at if hits.cut else None)


def _list_paths(wanted: CallFilter, before: Place | None) -> list[search.IndexPath]:
    """One path for each detail that has an index, or that of the line."""
    of_line, period = calls.c.line == wanted.line, _bound_period(wanted, before)
    branches: list[list[search.Condition]] = []
    if wanted.shown:
        branches.append([and_(of_line, calls.c.caller_id == one) for one in wanted.shown])
    if wanted.contracts:
        branches.append([calls.c.contract == one for one in wanted.contracts])
    branches += [_split(and_(of_line, one)) for one in _match_indexed(wanted)]
    leads = branches or [[of_line]]
    compared: tuple[search.Condition, ...] = ()
    if len(branches) > 1 or wanted.contracts is not None or wanted.verified is not None:
        compared = (_match_all(wanted),)
    return [_path(lead, period, compared) for lead in leads]


def _path(
    branches: Sequence[search.Condition],
    period: Sequence[search.Condition],
    compared: tuple[search.Condition, ...],
) -> search.IndexPath:
    return search.IndexPath(
        key=(calls.c.started_at, calls.c.id),
        ident=calls.c.id,
        source=calls,
        branches=tuple(and_(branch, *period) for branch in branches),
        compared=compared,
        descending=True,
    )


def _split(condition: search.Condition) -> list[search.Condition]:
    """The ended calls, which have an index of their own, and the few live ones."""
    return [and_(condition, text(ENDED)), and_(condition, calls.c.ended_at.is_(None))]


def _match_indexed(wanted: CallFilter) -> list[search.Condition]:
    known = (
        (calls.c.taker, wanted.taker),
        (calls.c.outcome, wanted.outcome),
        (calls.c.level, wanted.level),
    )
    return [column == value for column, value in known if value is not None]


def _match_all(wanted: CallFilter) -> search.Condition:
    conditions = [calls.c.line == wanted.line, *_match_indexed(wanted)]
    if wanted.shown:
        conditions.append(calls.c.caller_id.in_(wanted.shown))
    if wanted.contracts is not None:
        conditions.append(calls.c.contract.in_(wanted.contracts))
    if wanted.verified is not None:
        conditions.append(calls.c.contract.is_not(None) == wanted.verified)
    return and_(*conditions)


def _bound_period(wanted: CallFilter, before: Place | None) -> list[search.Condition]:
    """A later page is bounded by its cursor; SQLite would search by ``until`` instead."""
    bounds: list[search.Condition] = []
    if wanted.since is not None:
        bounds.append(calls.c.started_at >= wanted.since)
    if wanted.until is not None and before is None:
        bounds.append(calls.c.started_at < wanted.until)
    return bounds


def _read_calls(connection: Connection, ids: Sequence[str]) -> list[Numbered]:
    if not ids:
        return []
    wanted = (
        select(calls.c.id, calls.c.value, incidents.c.number)
        .join(incidents, calls.c.incident == incidents.c.key, isouter=True)
        .where(calls.c.id.in_(ids))
    )
    known = {row.id: (row.value, row.number) for row in connection.execute(wanted)}
    return [known[id_] for id_ in ids if id_ in known]

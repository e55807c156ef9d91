"""The log page by page: each found by an index and continued where the last one ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, select, tuple_

from routing.incident import Incident, State
from store.engine import reading
from store.reports import with_pages_of
from store.rows import Row, call_row
from store.tables import calls, incidents

Place = tuple[dt.datetime, str]
"""Of a call in its order: when it began, and our id."""


@dataclass(frozen=True, slots=True)
class WantedCalls:
    """Which calls; those from ``since`` on and before ``until``, after a place."""

    line: str | None = None
    contract: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    after: Place | None = None
    oldest_first: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True)
class WantedIncidents:
    """Which incidents, after a number."""

    line: str | None = None
    contract: str | None = None
    state: State | None = None
    after: int | None = None
    oldest_first: bool = False
    limit: int = 50


def select_calls(wanted: WantedCalls) -> Select[Any]:
    """The statement that finds a page of calls, and one more."""
    place = (calls.c.started_at, calls.c.id)
    found = select(*place, calls.c.value, incidents.c.number)
    found = found.join(incidents, calls.c.incident == incidents.c.key, isouter=True)
    if wanted.line is not None:
        found = found.where(calls.c.line == wanted.line)
    if wanted.contract is not None:
        found = found.where(calls.c.contract == wanted.contract)
    if wanted.since is not None:
        found = found.where(calls.c.started_at >= wanted.since)
    if wanted.until is not None:
        found = found.where(calls.c.started_at < wanted.until)
    if wanted.after is not None:
        here = tuple_(*place)
        ahead = here > wanted.after if wanted.oldest_first else here < wanted.after
        found = found.where(ahead)
    return found.order_by(*_ordered(wanted, *place)).limit(wanted.limit + 1)


def select_incidents(wanted: WantedIncidents) -> Select[Any]:
    """The statement that finds a page of incidents, and one more."""
    found, number = select(incidents.c.value), incidents.c.number
    if wanted.line is not None:
        found = found.where(incidents.c.line == wanted.line)
    if wanted.contract is not None:
        found = found.where(incidents.c.contract == wanted.contract)
    if wanted.state is not None:
        found = found.where(incidents.c.state == wanted.state)
    if wanted.after is not None:
        found = found.where(number > wanted.after if wanted.oldest_first else number < wanted.after)
    return found.order_by(*_ordered(wanted, number)).limit(wanted.limit + 1)


def _ordered(
    wanted: WantedCalls | WantedIncidents, *by: ColumnElement[Any]
) -> Sequence[ColumnElement[Any]]:
    return by if wanted.oldest_first else [column.desc() for column in by]


def list_calls(engine: Engine, wanted: WantedCalls) -> tuple[list[Row], Place | None]:
    """A page of calls, and the place after which the next one begins."""
    with reading(engine) as connection:
        found = connection.execute(select_calls(wanted)).all()
    page = found[: wanted.limit]
    more = len(found) > len(page)
    rows = [call_row(row.value, row.number) for row in page]
    return rows, (page[-1].started_at, page[-1].id) if more else None


def find_incidents(engine: Engine, wanted: WantedIncidents) -> tuple[list[Incident], int | None]:
    """A page of incidents as values, and the number after which the next one begins."""
    with reading(engine) as connection:
        return _page(connection, wanted)


def list_incidents(engine: Engine, wanted: WantedIncidents) -> tuple[list[Row], int | None]:
    """A page of incidents as rows, and the number after which the next one begins."""
    with reading(engine) as connection:
        page, following = _page(connection, wanted)
        return with_pages_of(connection, page), following


def _page(connection: Connection, wanted: WantedIncidents) -> tuple[list[Incident], int | None]:
    found = connection.scalars(select_incidents(wanted)).all()
    page = list(found[: wanted.limit])
    return page, page[-1].number if len(found) > len(page) else None

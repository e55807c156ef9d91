"""How callers of a line were served from one moment to another, counted in the database from the
calls and incidents that lie between; what each figure means stands in ``routing.service``."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, and_, case, func, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from routing.call import CallOutcome
from routing.service_levels import ServiceFigures
from store.db.sql_types import CallLevel, CallTaker
from store.tables.log import calls, incidents

Key = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class ServiceFilter:
    """Of which line, from when to just before when; with a taker, only what that person took."""

    line: str
    since: dt.datetime
    until: dt.datetime
    taker: str | None = None


def served(connection: Connection, asked: ServiceFilter) -> Mapping[int | None, ServiceFigures]:
    """By level; None is what ended before one was chosen."""
    answered = calls_served(connection, asked)
    opened = incidents_served(connection, asked)
    return {
        level: answered.get(level, ServiceFigures()) + opened.get(level, ServiceFigures())
        for level in answered | opened
    }


def calls_served(connection: Connection, asked: ServiceFilter) -> dict[int | None, ServiceFigures]:
    """The calls alone, by level."""
    by_level = _calls(connection, CallLevel(), [_ours(asked)])
    return {None if level is None else int(level): one for level, one in by_level.items()}


def incidents_served(
    connection: Connection, asked: ServiceFilter
) -> dict[int | None, ServiceFigures]:
    """The incidents alone, by the level that they have now."""
    return _incidents(connection, incidents.c.urgency, [_opened(asked)])


def busiest(connection: Connection, asked: ServiceFilter, most: int) -> Sequence[str]:
    """The contracts that called most often, or opened most incidents; the first the most."""
    counted = func.count().label("counted")
    many: Counter[str] = Counter()
    for column, which in ((calls.c.contract, _ours(asked)), (incidents.c.contract, _opened(asked))):
        wanted = select(column, counted).where(which).group_by(column)
        best = wanted.order_by(counted.desc(), column).limit(most + 1)
        for contract, count in connection.execute(best):
            # asked to leave out those without one, SQLite would look through all of the others
            if contract is not None:
                many[contract] = max(many[contract], count)
    return sorted(many, key=lambda one: (-many[one], one))[:most]


def served_by_contract(
    connection: Connection, asked: ServiceFilter, which: Sequence[str]
) -> Mapping[str, ServiceFigures]:
    """These contracts, each with what it asked of the line."""
    theirs, incidents_of = calls.c.contract.in_(which), incidents.c.contract.in_(which)
    answered = _calls(connection, calls.c.contract, [_ours(asked), theirs])
    opened = _incidents(connection, incidents.c.contract, [_opened(asked), incidents_of])
    none = ServiceFigures()
    return {one: answered.get(one, none) + opened.get(one, none) for one in which}


def _ours(asked: ServiceFilter) -> ColumnElement[bool]:
    """Calls of customers that are over."""
    return and_(
        calls.c.line == asked.line,
        calls.c.started_at >= asked.since,
        calls.c.started_at < asked.until,
        calls.c.ended_at.is_not(None),
        CallingEngineer().is_(None),
        true() if asked.taker is None else CallTaker() == asked.taker,
    )


def _opened(asked: ServiceFilter) -> ColumnElement[bool]:
    """Led by the time alone, which few incidents lie in: every other index begins with the line,
    which most of them may be of."""
    return and_(
        incidents.c.line.concat("") == asked.line,
        incidents.c.opened_at >= asked.since,
        incidents.c.opened_at < asked.until,
        true() if asked.taker is None else IncidentTaker() == asked.taker,
    )


def _calls(connection: Connection, key: Key, which: Sequence[Key]) -> dict[Any, ServiceFigures]:
    met = BridgedAt().is_not(None)
    lost = and_(BridgedAt().is_(None), calls.c.outcome == CallOutcome.ABANDONED)
    waited = case((or_(met, lost), Waited()))
    columns = (key.label("key"), met.label("met"), waited.label("waited"))
    wanted = select(*columns, func.count().label("calls")).where(*which).group_by(*columns)
    many: Counter[Any] = Counter()
    waits: dict[tuple[Any, bool], dict[int, int]] = defaultdict(dict)
    for row in connection.execute(wanted):
        many[row.key] += row.calls
        if row.waited is not None:
            waits[row.key, bool(row.met)][row.waited] = row.calls
    return {
        one: ServiceFigures(count, waits[one, True], waits[one, False])
        for one, count in many.items()
    }


def _incidents(connection: Connection, key: Key, which: Sequence[Key]) -> dict[Any, ServiceFigures]:
    counts = {
        "incidents": true(),
        "promised": RespondBy().is_not(None),
        "breached": BreachedAt().is_not(None),
        "premium": incidents.c.premium,
    }
    columns = (func.sum(case((one, 1), else_=0)).label(name) for name, one in counts.items())
    wanted = select(key.label("key"), *columns).where(*which).group_by(key)
    found = connection.execute(wanted).mappings()
    return {row["key"]: ServiceFigures(**{name: row[name] for name in counts}) for row in found}


# How long callers waited, told by the database itself, in begun seconds as
# ``routing.service.begun_seconds`` counts them, and what else figures ask of a kept value.


class BridgedAt(CallLevel):
    """When somebody took the call, as text; nothing when nobody did."""

    inherit_cache = True
    field = "answered_at"


class CallingEngineer(CallLevel):
    """Whose number it is that calls, if it is an engineer's."""

    inherit_cache = True
    field = "engineer"


class RespondBy(CallLevel):
    """When a response to an incident is due, if one is promised."""

    inherit_cache = True
    field = "respond_by"


class BreachedAt(CallLevel):
    """When the response clock of an incident ran out, if it did."""

    inherit_cache = True
    field = "breached_at"


class IncidentTaker(CallLevel):
    """Who has taken an incident."""

    inherit_cache = True
    field = "acknowledged_by"


class Waited(FunctionElement[int]):
    """Begun seconds from a call's first ring until somebody took it, or else until its end."""

    type = Integer()
    inherit_cache = True


@compiles(Waited)
def _of_sqlite(element: Waited, compiler: Any, **given: Any) -> str:
    """Both are texts in UTC with six digits behind the point, or none: whole seconds apart, and
    one more where the digits of the end are greater."""
    met = compiler.process(BridgedAt(), **given)
    end = f"COALESCE({met}, ended_at)"
    seconds = "CAST(strftime('%s', substr({}, 1, 19)) AS INTEGER)"
    apart = f"{seconds.format(end)} - {seconds.format('started_at')}"
    return f"max(0, {apart} + (substr({end}, 21, 6) > substr(started_at, 21, 6)))"


@compiles(Waited, "postgresql")
def _of_postgresql(element: Waited, compiler: Any, **given: Any) -> str:
    met = compiler.process(BridgedAt(), **given)
    apart = f"COALESCE(CAST({met} AS TIMESTAMPTZ), ended_at) - started_at"
    return f"CAST(GREATEST(0, CEIL(EXTRACT(EPOCH FROM ({apart})))) AS INTEGER)"

"""However long the log is, each page of it is found by an index and read in its order."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Engine, Executable
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Select

from routing.call import CallOutcome
from routing.incident import IncidentKind, IncidentSource, IncidentState
from store.db.engine import reading
from store.log.reports import CallLogFilter, IncidentLogFilter, select_calls, select_incidents
from tests.store.cast import NOW

PLACE = (NOW, "call-7")


class Explained(Executable, ClauseElement):
    """How a statement would be done."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explained)
def _explain(element: Explained, compiler: Any, **how: Any) -> str:
    word = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN"
    return f"{word} {compiler.process(element.statement, **how)}"


def plan(engine: Engine, statement: Select[Any]) -> str:
    """The plan; PostgreSQL is kept from the short cuts that it takes through empty tables, and
    counts them anew: it may still believe in what an earlier test had in them."""
    with reading(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE calls, incidents")
            for way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
                connection.exec_driver_sql(f"SET LOCAL {way} = off")
        told = connection.execute(Explained(statement)).cursor.fetchall()
        return "\n".join(str(row[-1]) for row in told) + "\n"


def slow(found: str) -> bool:
    """True when rows are gone through that no index has put in order; ties may be sorted."""
    whole = "SCAN calls\n" in found or "SCAN incidents\n" in found or "Seq Scan" in found
    sorts = "TEMP B-TREE FOR ORDER BY" in found or ("Sort" in found and "Incremental" not in found)
    return whole or sorts


@pytest.mark.parametrize("line", [None, "main"])
@pytest.mark.parametrize("contract", [None, "100234"])
@pytest.mark.parametrize("since", [None, NOW])
def test_a_page_of_calls_needs_no_walk_through_the_log(
    engine: Engine, line: str | None, contract: str | None, since: dt.datetime | None
) -> None:
    for after, oldest_first in product((None, PLACE), (False, True)):
        wanted = CallLogFilter(line, contract, since, None, after, oldest_first)
        found = plan(engine, select_calls(wanted))
        assert not slow(found), f"{wanted}\n{found}"


@pytest.mark.parametrize("line", [None, "main"])
@pytest.mark.parametrize("contract", [None, "100234"])
@pytest.mark.parametrize("state", [None, IncidentState.RESPONDED])
def test_a_page_of_incidents_needs_no_walk_through_the_log(
    engine: Engine, line: str | None, contract: str | None, state: IncidentState | None
) -> None:
    for after, oldest_first in product((None, 1007), (False, True)):
        wanted = IncidentLogFilter(line, contract, state, after, oldest_first)
        found = plan(engine, select_incidents(wanted))
        assert not slow(found), f"{wanted}\n{found}"
        if state is not None or contract is not None:
            narrow = ("_state_number", "_contract_number", "_contract_opened_at")
            assert any(name in found for name in narrow), found


@pytest.mark.parametrize(
    "narrow", [{"source": IncidentSource.EMAIL}, {"kind": IncidentKind.INCIDENT}]
)
def test_a_page_of_one_door_or_kind_needs_no_walk_through_the_log(
    engine: Engine, narrow: dict[str, Any]
) -> None:
    for after, oldest_first in product((None, 1007), (False, True)):
        wanted = IncidentLogFilter(after=after, oldest_first=oldest_first, **narrow)
        found = plan(engine, select_incidents(wanted))
        assert not slow(found), f"{wanted}\n{found}"
        (name,) = narrow
        assert f"ix_incidents_{name}_number" in found


@pytest.mark.parametrize(
    ("narrow", "name"),
    [
        ({"outcome": CallOutcome.FAILED}, "ix_calls_line_outcome"),
        ({"level": 1}, "ix_calls_line_level"),
        ({"engineer": "sanne"}, "ix_calls_line_taker"),
    ],
)
def test_a_page_of_an_outcome_level_or_engineer_needs_no_walk_through_the_log(
    engine: Engine, narrow: dict[str, Any], name: str
) -> None:
    for after, oldest_first in product((None, PLACE), (False, True)):
        wanted = CallLogFilter("main", after=after, oldest_first=oldest_first, **narrow)
        found = plan(engine, select_calls(wanted))
        assert not slow(found), f"{wanted}\n{found}"
        assert name in found or chooses_by_size(engine)


@pytest.mark.parametrize(
    ("narrow", "name"),
    [
        ({"line": "main", "engineer": "sanne"}, "ix_incidents_taker"),
        ({"since": NOW}, "ix_incidents_opened_at_line"),
        ({"line": "main", "until": NOW}, "ix_incidents_opened_at_line"),
        ({"since": NOW, "state": IncidentState.CLOSED}, "ix_incidents_opened_at_line"),
        ({"contract": "100234", "since": NOW}, "ix_incidents_contract_opened_at"),
    ],
)
def test_a_page_by_time_or_engineer_needs_no_walk_through_the_log(
    engine: Engine, narrow: dict[str, Any], name: str
) -> None:
    for after, oldest_first in product((None, 1007), (False, True)):
        wanted = IncidentLogFilter(after=after, oldest_first=oldest_first, **narrow)
        found = plan(engine, select_incidents(wanted))
        assert "SCAN incidents\n" not in found, found
        assert "Seq Scan" not in found
        assert "USE TEMP B-TREE FOR ORDER BY" not in found, f"{wanted}\n{found}"
        assert name in found or chooses_by_size(engine), found


def chooses_by_size(engine: Engine) -> bool:
    """PostgreSQL weighs the rows that are there, and with none any index is as good."""
    return engine.dialect.name == "postgresql"


def test_a_plan_without_an_index_is_noticed(engine: Engine) -> None:
    from sqlalchemy import select

    from store.tables.log import calls

    assert slow(plan(engine, select(calls.c.value).order_by(calls.c.caller_id)))

"""What the database counts is what somebody counts who reads every call and every incident."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event

from routing.call import Call, CallOutcome, Entitlement, Identity, Stage
from routing.incident import Incident
from routing.service_levels import ServiceFigures, count_started_seconds, sum_figures
from store.db.engine import open_engine, reading, writing
from store.log.cases import write_call, write_incident
from store.log.premium import find_used_bundles
from store.log.service_levels import (
    ServiceFilter,
    count_by_contract,
    count_by_plan,
    count_calls,
    count_service,
    find_busiest_contracts,
)
from store.people.lines import apply_line
from store.tables.log import calls, incidents
from tests.store.cast import BAKERY, LINE

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MARCH = ServiceFilter("main", START, START + 31 * DAY)

PLANS = {"100234": "msa_plus", "100235": "standard"}

moments = st.timedeltas(-2 * DAY, 33 * DAY).map(START.__add__)
lengths = st.timedeltas(-dt.timedelta(seconds=2), dt.timedelta(hours=2))
levels = st.sampled_from([None, 1, 2, 3, 4])
contracts = st.sampled_from([None, "100234", "100235"])
people = st.sampled_from(["sanne", "joris", "last_resort"])
lines = st.sampled_from(["main", "main", "main", "other", "main-drill"])


@st.composite
def ended(draw) -> dict:
    """What differs between calls: any of them may be nonsense, and is counted all the same."""
    start, met = draw(moments), draw(st.none() | lengths)
    contract = draw(contracts)
    return {
        "line": draw(lines),
        "started_at": start,
        "ended_at": draw(st.none() | lengths.map(start.__add__)),
        "answered_at": None if met is None else start + met,
        "answered_by": None if met is None else draw(people),
        "outcome": draw(st.sampled_from(list(CallOutcome))),
        "urgency": draw(levels),
        "engineer": draw(st.sampled_from([None, None, None, "sanne"])),
        "identity": contract and Identity(contract, "Bakkerij Jansen BV", "Pieter", "msa_plus"),
    }


@st.composite
def opened(draw) -> dict:
    due = draw(st.none() | moments)
    return {
        "line": draw(lines),
        "opened_at": draw(moments),
        "urgency": draw(st.integers(1, 4)),
        "contract": draw(contracts),
        "premium": draw(st.booleans()),
        "respond_by": due,
        "breached_at": due and draw(st.sampled_from([None, due])),
        "acknowledged_by": draw(st.none() | people),
        "merged_into": draw(st.sampled_from([None, None, None, "another"])),
    }


def call(number: int, **values) -> Call:
    made = {"id": f"{number:032}", "sid": f"CA{number:032}", "shown": "anonymous", "caller": None}
    return Call(**made | {"language": "nl", "stage": Stage.ENDED} | values)


def incident(number: int, **values) -> Incident:
    made = {"key": f"{number:032}", "language": "nl", "entitlement": Entitlement.ENTITLED}
    return Incident(**made | values)


def counted(asked: ServiceFilter, some: list[Call], matters: list[Incident]) -> ServiceFigures:
    """The figures by hand, call after call."""
    waits: dict[bool, dict[int, int]] = {True: defaultdict(int), False: defaultdict(int)}
    ours = [
        one
        for one in some
        if one.line == asked.line
        and asked.since <= one.started_at < asked.until
        and one.ended_at is not None
        and one.engineer is None
        and asked.taker in (None, one.answered_by)
    ]
    for one in ours:
        met = one.answered_at is not None
        if met or one.outcome is CallOutcome.ABANDONED:
            end = one.answered_at or one.ended_at
            waits[met][count_started_seconds(end - one.started_at)] += 1
    theirs = [
        one
        for one in matters
        if one.line == asked.line
        and one.merged_into is None
        and asked.since <= one.opened_at < asked.until
        and asked.taker in (None, one.acknowledged_by)
    ]
    return ServiceFigures(
        len(ours),
        dict(waits[True]),
        dict(waits[False]),
        len(theirs),
        sum(one.respond_by is not None for one in theirs),
        sum(one.breached_at is not None for one in theirs),
        sum(one.premium for one in theirs),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ended(), max_size=25), st.lists(opened(), max_size=15))
def test_the_database_counts_what_a_reader_of_the_whole_log_counts(engine, some, matters) -> None:
    apply_line(engine, LINE, [BAKERY, replace(BAKERY, number="100235", plan="standard")], START)
    with writing(engine) as connection:
        connection.execute(delete(calls))
        connection.execute(delete(incidents))
        log = [call(number, **values) for number, values in enumerate(some)]
        for one in log:
            write_call(connection, None, one)
        file = [incident(number, **values) for number, values in enumerate(matters)]
        for one in file:
            write_incident(connection, None, one)
    with reading(engine) as connection:
        for asked in (MARCH, replace(MARCH, taker="sanne")):
            found = count_service(connection, asked)
            assert sum_figures(found.values()) == counted(asked, log, file)
            for level, service in found.items():
                calls_of = [one for one in log if one.urgency == level]
                opened_as = [one for one in file if one.urgency == level]
                assert service == counted(asked, calls_of, opened_as)
        which = find_busiest_contracts(connection, MARCH, 5)
        for contract, service in count_by_contract(connection, MARCH, which).items():
            theirs = [o for o in log if o.identity and o.identity.contract == contract]
            its = [one for one in file if one.contract == contract]
            assert service == counted(MARCH, theirs, its)
            assert service != ServiceFigures()
        for plan, service in count_by_plan(connection, MARCH).items():
            theirs = [o for o in log if PLANS.get(o.identity and o.identity.contract) == plan]
            its = [one for one in file if PLANS.get(one.contract) == plan]
            assert service == counted(MARCH, theirs, its)


def test_a_wait_is_counted_to_the_microsecond(engine) -> None:
    end = START + dt.timedelta(seconds=59)
    waits = {0: 59, 1: 60, 999_999: 60, 1_000_000: 60, 1_000_001: 61}
    with writing(engine) as connection:
        for number, more in enumerate(waits):
            met = end + dt.timedelta(microseconds=more)
            values = {"line": "main", "started_at": START, "ended_at": met, "answered_at": met}
            write_call(connection, None, call(number, **values))
    with reading(engine) as connection:
        assert count_calls(connection, MARCH)[None].answered == {59: 1, 60: 3, 61: 1}


def plans(engine: Engine) -> list[str]:
    """How each question of the figures goes through the log."""
    taken: list[str] = []

    def explain(connection, cursor, statement, parameters, context, executemany) -> None:
        rows = connection.connection.cursor()
        rows.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        taken.extend(row[3] for row in rows.fetchall() if re.search("calls|incidents", row[3]))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        with reading(engine) as connection:
            for asked in (MARCH, replace(MARCH, taker="sanne")):
                count_service(connection, asked)
            find_busiest_contracts(connection, MARCH, 50)
            count_by_contract(connection, MARCH, ["100234"])
            count_by_plan(connection, MARCH)
        find_used_bundles(engine, LINE, MARCH.until.date(), 10)
    finally:
        event.remove(engine, "before_cursor_execute", explain)
    return taken


def test_a_month_is_read_by_its_days_and_never_the_whole_log(migrated_file) -> None:
    engine = open_engine(f"sqlite:///{migrated_file}")
    found = plans(engine)
    engine.dispose()
    assert len(found) == 12
    bounded = r"(started_at|opened_at|contract_year)>\?|INDEX ix_incidents_place "
    assert [plan for plan in found if not re.search(bounded, plan)] == []

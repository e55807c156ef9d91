"""Any filter, and any of them together, is answered by an index or by bounded work."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, insert

from routing.call import Call, CallOutcome, Entitlement, Identity, Stage
from store.db.engine import open_engine, writing
from store.log.call_search import CallFilter, search_calls, stream_calls
from store.log.cases import write_call
from store.people.contract_search import find_companies
from store.tables.people import contracts

AT = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
FILTERS = {
    "shown": ("+31612345678", "0612345678"),
    "contracts": ("100234", "100235"),
    "taker": "sanne",
    "level": 1,
    "outcome": CallOutcome.CONNECTED,
    "verified": True,
    "since": AT,
    "until": AT + 20 * SECOND,
}


def call(number: int, **values) -> Call:
    """One of many calls, a second after the one before; each third is Pieter's to Sanne."""
    identity = Identity("100234", "Bakkerij Jansen BV", "Pieter Jansen", "msa_plus")
    ended = {"stage": Stage.ENDED, "ended_at": AT + number * SECOND}
    known = {
        "shown": "+31612345678",
        "identity": identity,
        "entitlement": Entitlement.ENTITLED,
        "urgency": 1,
        "answered_by": "sanne",
        "outcome": CallOutcome.CONNECTED,
    }
    unknown = {"shown": "anonymous", "outcome": CallOutcome.ABANDONED, "urgency": 3}
    which = known if number % 3 == 0 else unknown
    made = {"id": f"{number:032}", "sid": f"CA{number:032}", "line": "main", "caller": None}
    times = {"language": "nl", "started_at": AT + number * SECOND}
    return Call(**made | times | ended | which | values)


@pytest.fixture
def log(engine: Engine) -> Engine:
    """Thirty calls, of which each third is Pieter's; another line has one like his."""
    with writing(engine) as connection:
        for number in range(30):
            write_call(connection, None, call(number))
        write_call(connection, None, call(30, line="other"))
    return engine


def found(log: Engine, asked: CallFilter, **given) -> list[int]:
    return [int(one.id) for one, _ in search_calls(log, asked, **given).calls]


@pytest.mark.parametrize("size", range(1, 9))
def test_any_filters_together_find_the_same_calls(log, size):
    for names in itertools.combinations(FILTERS, size):
        asked = CallFilter("main", **{name: FILTERS[name] for name in names})
        expected = range(27 if "until" not in names else 18, -1, -3)
        if set(names) <= {"since", "until"}:
            expected = range(29 if "until" not in names else 19, -1, -1)
        assert found(log, asked) == list(expected), names


def test_pages_follow_each_other_without_a_gap_or_anything_twice(log):
    asked, seen, before = CallFilter("main", level=3, verified=False), [], None
    while True:
        page = search_calls(log, asked, before, size=3)
        seen += [int(one.id) for one, _ in page.calls]
        before = page.older
        if before is None:
            break
    assert seen == [number for number in range(29, -1, -1) if number % 3]
    assert [int(one.id) for one, _ in stream_calls(log, asked)] == seen


def test_calls_of_one_moment_are_told_apart_by_their_id(log):
    with writing(log) as connection:
        for number in range(40, 46):
            write_call(connection, None, replace(call(0), id=f"{number:032}", sid=f"CB{number}"))
    asked, seen, before = (
        CallFilter("main", shown=("+31612345678", "x"), until=AT + SECOND),
        [],
        None,
    )
    for _ in range(4):
        page = search_calls(log, asked, before, size=2)
        seen += [int(one.id) for one, _ in page.calls]
        before = page.older
    assert seen == [45, 44, 43, 42, 41, 40, 0]


def test_a_search_that_was_cut_short_says_how_far_it_came_and_goes_on(log, monkeypatch):
    monkeypatch.setattr("store.log.call_search.AT_ONCE", 5)
    asked = CallFilter("main", level=3, outcome=CallOutcome.CONNECTED)
    page = search_calls(log, asked, size=4, seconds=0)
    assert (page.calls, page.looked_back_to) == ([], page.older[0])
    for _ in range(2):
        assert page.looked_back_to is not None
        page = search_calls(log, asked, page.older, size=4, seconds=0)
    assert page.looked_back_to is None


def plans(engine: Engine, asked: CallFilter) -> list[str]:
    """The index that each statement of a search goes through calls by."""
    taken: list[str] = []

    def explain(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT"):
            rows = connection.connection.cursor()
            rows.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            taken.extend(row[3] for row in rows.fetchall() if re.search("calls", row[3]))

    event.listen(engine, "after_cursor_execute", explain)
    search_calls(engine, asked)
    event.remove(engine, "after_cursor_execute", explain)
    return taken


LINE = re.compile(r"SEARCH calls USING (COVERING )?INDEX ix_calls_line_started_at_id \(line=\?")
LIVE = "ix_calls_live (line=?"
OWN = {
    "shown": "ix_calls_line_caller_id (line=? AND caller_id=?",
    "contracts": "ix_calls_contract (contract=?",
    "taker": "ix_calls_line_taker (line=? AND taker=?",
    "level": "ix_calls_line_level (line=? AND level=?",
    "outcome": "ix_calls_line_outcome (line=? AND outcome=?",
}


@pytest.fixture
def sqlite(tmp_path, migrated_file):
    import shutil

    shutil.copy(migrated_file, tmp_path / "plans.db")
    engine = open_engine(f"sqlite:///{tmp_path}/plans.db")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_goes_through_its_own_index(sqlite, name):
    for more in ({}, {"since": AT, "until": AT + SECOND}):
        ways = plans(sqlite, CallFilter("main", **{name: FILTERS[name]} | more))
        assert ways
        for way in ways:
            if name in OWN:
                assert OWN[name] in way or LIVE in way, way
            else:
                assert LINE.match(way), way
            assert "started_at<" in way or not more, way


def test_of_two_filters_the_rarer_one_leads(sqlite):
    with writing(sqlite) as connection:
        for number in range(9):
            write_call(connection, None, call(number, line="main", urgency=2))
    ways = plans(sqlite, CallFilter("main", level=2, outcome=CallOutcome.FAILED))
    assert [LIVE in way or "ix_calls_line_outcome" in way for way in ways[-2:]] == [True, True]
    ways = plans(sqlite, CallFilter("main", level=4, outcome=CallOutcome.CONNECTED))
    assert [LIVE in way or "ix_calls_line_level" in way for way in ways[-2:]] == [True, True]


NAMES = {"1": "Bakkerij Jansen BV", "2": "bakkerij Pietersen", "3": "De Oude Bakkerij", "4": "50%"}


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("BAKKERIJ", "12"),
        ("bakkerij j", "1"),
        ("oude", "3"),
        ("jansen", "1"),
        ("4", "4"),
        ("%", ""),
        ("50%", "4"),
        ("kerij", ""),
    ],
)
def test_a_company_is_found_by_its_beginning_a_word_or_its_number(engine, words, numbers):
    plain = {"line": "main", "plan": "msa_plus", "premium_incidents": 12, "origin": "file"}
    with writing(engine) as connection:
        rows = [plain | {"number": number, "customer": name} for number, name in NAMES.items()]
        connection.execute(insert(contracts), rows)
    assert sorted(find_companies(engine, "main", words, 9)) == list(numbers)
    assert find_companies(engine, "other", words, 9) == {}

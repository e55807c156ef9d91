"""Nobody waits for a whole table: every statement of a call and of a page goes by an index.

The driver says which statements they are, while a call is played and every page is visited: none
is forgotten. Each is explained without statistics, as SQLite is used, and with those of a thousand
and of a million calls.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event

from devtools.bench import cast
from devtools.bench.reading import looks
from devtools.bench.site import prepared
from devtools.bench.story import CUSTOMERS, LOG, take
from routing.call import CallOutcome
from routing.oncall.local_time import Period
from service.bootstrap import Services, build_services
from service.figures import Grouping, build_report
from settings import read_settings
from store.db.engine import open_engine
from store.log.call_search import CallFilter, search_calls
from store.people.accounts import Role
from store.people.contract_search import ContractFilter, Validity, search_contracts
from store.people.hashing import Passwords
from store.tables import all_tables
from store.work.jobs import JobQueue
from store.work.redis_client import NoJobNotifier
from tests.conftest import DATABASES, fresh_database
from tests.ivr_app.console.staff import NAMES, PASSWORD, Visit, hire
from tests.web_app import web_app

SMALL = {"lines", "overrides", "added_phones", "counters", "heartbeats", "carrier_paces"}
SMALL |= {"processes", "accounts", "api_tokens", "sessions", "daily_rollups"}
"""They grow with the line or its people, or by a row a day, not with the calls."""

GROWING = all_tables().tables.keys() - SMALL
COUNTED = "audit_log"
"""It is read in the order of its own key, from its end."""

BIG = {table.name for table in (*CUSTOMERS, *LOG)}
FEW, MANY = 1_000, 1_000_000
DAY = dt.timedelta(days=1)
PARTIAL = {
    index.name
    for table in all_tables().tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
"""They hold what is under way, or few rows of each thing, and not the years."""

PAGES = (
    "/",
    "/fresh",
    "/calls/",
    f"/calls/?contract={cast.contract(7)}",
    "/incidents/",
    "/incidents/?state=closed",
    "/incidents/?state=all",
    "/incidents/1010",
    "/contracts/",
    f"/contracts/{cast.contract(7)}",
    "/oncall/?view=month",
    "/figures/",
    "/mail/",
    "/audit_log/",
)


class Statements:
    """What a driver executed, and how its database goes about it."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.found: dict[str, Any] = {}

    def keep(self, statement: Any, values: Any = None) -> None:
        """Remember a statement that looks for rows."""
        said = statement if isinstance(statement, str) else statement.decode()
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", said):
            self.found[said] = values

    def listen(self, driver: Any) -> None:
        """Hear everything that this connection of a driver executes, whoever asks for it."""
        if not isinstance(driver, psycopg.Connection):
            driver.set_trace_callback(self.keep)
            return
        keep = self.keep

        class Heard(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
                keep(query, params)
                return super().execute(query, params, **more)

        driver.cursor_factory = Heard


@contextmanager
def heard(engine: Engine) -> Iterator[Statements]:
    """The statements on every connection that is made meanwhile."""
    found = Statements()

    def listen(driver: Any, _record: Any) -> None:
        found.listen(driver)

    engine.dispose()
    event.listen(engine, "connect", listen)
    yield found
    event.remove(engine, "connect", listen)
    engine.dispose()


@pytest.fixture(params=DATABASES)
def board(request, tmp_path) -> Iterator[Services]:
    """A line with a thousand contracts and a thousand calls of five years."""
    url = fresh_database(request.param, request, tmp_path)
    redis = "redis://127.0.0.1:1/0"
    site = prepared("plans", (FEW, FEW), cast.paper(), DATABASE_URL=url, REDIS_URL=redis)
    told = {**site.environment, "PUBLIC_URL": "http://localhost"}
    made = build_services(read_settings(told), NoJobNotifier())
    secret = Passwords(told["PIN_PEPPER"]).hash(PASSWORD)
    hire(made.engine, Role.ADMIN, password_hash=secret)
    yield made
    made.engine.dispose()


def ask_everything(board: Services) -> None:
    """Play a call, look at all there is to see, and search in every way."""
    desk = board.call_service
    now, line = desk.clock(), desk.lines.find_line("main")
    take(desk)
    for look in looks(board).values():
        look()
    JobQueue(board.engine).find_next()
    JobQueue(board.engine).claim(now)
    desk.calls.unverified_limits.find_quiet_notice("main", now)
    desk.calls.messages.find_general("main", "unrung_calls", now)
    desk.calls.find_open("main")
    for call_detail in (
        {"shown": (cast.phone(7),)},
        {"contracts": (cast.contract(7),)},
        {"taker": "sanne0"},
        {"level": 1},
        {"outcome": CallOutcome.ABANDONED},
        {"verified": True},
    ):
        search_calls(board.engine, CallFilter("main", **call_detail))
    today = now.date()
    for contract_detail in (
        {"number": "10000"},
        {"company": "bakk"},
        {"contact": "jans"},
        {"phone": cast.phone(7)},
        {"plan": "standard"},
        {"plan": "msa_plus", "validity": Validity.VALID},
        {"validity": Validity.SOON},
    ):
        search_contracts(board.engine, ContractFilter("main", today, **contract_detail))
    period = Period(today - 30 * DAY, today, line.timezone)
    for grouping in Grouping:
        build_report(board.engine, line, period, grouping)
    visit = Visit(web_app(board).test_client())
    assert visit.sign_in(NAMES[Role.ADMIN]).status_code == 302
    for path in PAGES:
        assert visit.get(path).status_code == 200, path


# How a database goes about a statement.


def read_too_much(engine: Engine, asked: Statements) -> set[str]:
    """The statements that read, or sort, a table from end to end."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        explain = _explain_sqlite
        if engine.dialect.name == "postgresql":
            explain = _explain_postgresql
        return {
            f"{why}: {statement}"
            for statement, values in asked.found.items()
            for why in explain(driver, statement, values)
        }


def _explain_sqlite(driver: Any, statement: str, _values: Any) -> Iterator[str]:
    steps = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}")]
    sorts = any("USE TEMP B-TREE FOR ORDER BY" in step for step in steps)
    ends = re.match(r"SELECT (min|max)\(", statement)  # one step to an end of the index
    in_pieces = ends or ("LIMIT" in statement and not sorts)
    for step in steps:
        scan = re.match(r"SCAN (\w+)( USING)?", step)
        if scan and scan[1] in GROWING and not (in_pieces and (scan[2] or scan[1] == COUNTED)):
            yield step
        line = re.match(r"SEARCH (\w+) .* INDEX (\w+) \(line=\?\)$", step)
        if line and line[1] in GROWING and line[2] not in PARTIAL and not in_pieces:
            yield step


def _explain_postgresql(driver: Any, statement: str, values: Any) -> Iterator[str]:
    (found,) = driver.execute(f"EXPLAIN (FORMAT JSON) {statement}", values).fetchone()
    plan = found if isinstance(found, list) else json.loads(found)
    yield from _walk(plan[0]["Plan"], in_pieces=False)


def _walk(node: dict[str, Any], *, in_pieces: bool) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name", "")
    if kind == "Seq Scan" and table in BIG:
        yield f"{kind} {table}"
    elif node["Plan Rows"] > MANY // 10 and table in BIG and not in_pieces:
        yield f"{node['Plan Rows']} rows of {table} by {node.get('Index Name')}"
    in_pieces = (in_pieces or kind == "Limit") and kind not in ("Sort", "Aggregate", "Hash")
    for each in node.get("Plans", ()):
        yield from _walk(each, in_pieces=in_pieces)


# Statistics of more rows than there are.


def gather_statistics(engine: Engine, times: int) -> None:
    """Let the database count calls and contracts, and believe that there are so many times more."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            ours = ", ".join(sorted(all_tables().tables))  # not those of other tests on the server
            connection.exec_driver_sql(f"ANALYZE {ours}")
            grow = "UPDATE pg_class SET reltuples = reltuples * {} WHERE reltuples > 0"
            of_ours = " AND relnamespace = current_schema()::regnamespace"
            connection.exec_driver_sql(grow.format(times) + of_ours)
        else:
            connection.exec_driver_sql("ANALYZE")
            names = ", ".join(f"'{name}'" for name in BIG)
            forget = f"DELETE FROM sqlite_stat1 WHERE tbl NOT IN ({names})"  # noqa: S608
            connection.exec_driver_sql(forget)
            rows = connection.exec_driver_sql("SELECT rowid, stat FROM sqlite_stat1").all()
            for rowid, stat in rows:
                more = "UPDATE sqlite_stat1 SET stat = ? WHERE rowid = ?"
                connection.exec_driver_sql(more, (_grow(stat, times), rowid))
    engine.dispose()


def _grow(stat: str, times: int) -> str:
    """Rows, and rows for each value of the columns; where there are many values, they grow too."""
    rows, *each = (int(number) for number in stat.split() if number.isdigit())
    grown = (number if number * 10 < rows else number * times for number in each)
    return " ".join(str(number) for number in (rows * times, *grown))


def test_no_call_and_no_page_reads_or_sorts_a_whole_table(board) -> None:
    with heard(board.engine) as asked:
        ask_everything(board)
    assert len(asked.found) > 100, "these are the statements of a call, the pages and the searches"
    found = {"no statistics": read_too_much(board.engine, asked)}
    for rows in (FEW, MANY):
        gather_statistics(board.engine, rows // FEW)
        found[f"{rows:,} calls"] = read_too_much(board.engine, asked)
    if board.engine.dialect.name == "postgresql":
        del found["no statistics"], found[f"{FEW:,} calls"]  # few rows are read as they lie
    assert [one for each in found.values() for one in each] == []


def test_a_question_without_an_index_is_noticed(migrated_file) -> None:
    engine, asked = open_engine(f"sqlite:///{migrated_file}"), Statements()
    wrong = (
        "SELECT id FROM calls WHERE outcome = 'failed'",
        "SELECT id FROM calls WHERE line = 'main' ORDER BY sid LIMIT 10",
        "SELECT key FROM incidents WHERE line = 'main' AND escalating = 1 ORDER BY urgency",
    )
    right = (
        "SELECT id FROM calls WHERE sid = 'CA1'",
        "SELECT id FROM calls WHERE line = 'main' ORDER BY started_at LIMIT 10",
        "SELECT key FROM incidents WHERE line = 'main' AND escalating ORDER BY urgency",
    )
    for statement in (*wrong, *right):
        asked.keep(statement)
    assert {one.split(": ", 1)[1] for one in read_too_much(engine, asked)} == set(wrong)
    engine.dispose()

"""No question that is asked while somebody calls, or every few seconds, reads a whole table."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event

from config.line import parse_line_file
from devtools.bench import cast
from devtools.bench.reading import looks
from devtools.bench.story import taken
from service.bootstrap import build_services
from settings import Settings
from store.db.engine import open_engine
from store.people.lines import apply_line
from store.tables import all_tables
from store.work.jobs import JobQueue
from store.work.redis_client import NoJobNotifier

SMALL = {"lines", "overrides", "added_phones", "counters", "heartbeats", "carrier_paces"}
"""They grow with the line, not with the years; all others are looked into by an index."""

PAGED = {"calls", "incidents"}
"""The log is read from its beginning, in the order of an index, so many rows at a time."""

WHOLE_LINE = re.compile(r"INDEX (ix_(?:calls|incidents|pages)_\w+) \(line=\?\)$")
PARTIAL = {
    index.name
    for table in all_tables().tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
"""They hold what is under way, and not the years."""


@pytest.fixture
def asked() -> Iterator[set[tuple[str, int]]]:
    """The statements of SQLite that were executed, each with how many values it takes."""
    found: set[tuple[str, int]] = set()

    def keep(_connection, _cursor, statement, parameters, _context, many) -> None:
        first = parameters[0] if many else parameters
        if re.match(r"SELECT|UPDATE|DELETE|WITH", statement):
            found.add((statement, len(first or ())))

    event.listen(Engine, "before_cursor_execute", keep)
    yield found
    event.remove(Engine, "before_cursor_execute", keep)


def whole_tables(engine: Engine, asked: set[tuple[str, int]]) -> set[str]:
    """What SQLite would read from end to end, with an empty database and so without statistics."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        plans = [
            (statement, step[3])
            for statement, count in asked
            for step in raw.execute(f"EXPLAIN QUERY PLAN {statement}", (None,) * count)
        ]
    lines = {
        f"the whole line: {statement}"
        for statement, step in plans
        if (by := WHOLE_LINE.search(step)) and by[1] not in PARTIAL and "LIMIT" not in statement
    }
    scans = [(re.match(r"SCAN (\w+)(.*)", step), statement) for statement, step in plans]
    return lines | {
        f"{scan[1]}: {statement}"
        for scan, statement in scans
        if scan is not None
        and scan[1] in all_tables().tables.keys() - SMALL
        and not statement.startswith("SELECT * FROM")  # how the story is read, from a table of one
        and not (scan[1] in PAGED and "USING INDEX" in scan[2] and "LIMIT" in statement)
    }


def test_no_look_and_no_call_reads_a_whole_table(tmp_path, asked, migrated_file) -> None:
    database = tmp_path / "line.db"
    database.write_bytes(migrated_file.read_bytes())
    settings = Settings(
        database_url=f"sqlite:///{database}",
        redis_url="redis://127.0.0.1:1/0",
        twilio_account_sid="AC1",
        twilio_auth_token="t0ken",
        public_url="http://line.test",
        secret_key="a secret of tests",
        media_dir=tmp_path / "media",
    )
    board = build_services(settings, NoJobNotifier())
    now = board.call_service.clock()
    line = parse_line_file(cast.paper(), lambda *_: secrets.token_hex(4)).line
    apply_line(board.engine, line, [cast.customer("no hash")], now)
    asked.clear()
    taken()
    for look in looks(board).values():
        look()
    JobQueue(board.engine).find_next()
    JobQueue(board.engine).claim(now)
    board.call_service.calls.unverified_limits.find_quiet_notice("main", now)
    board.call_service.calls.messages.find_general("main", "unrung_calls", now)
    board.call_service.calls.find_open("main")
    board.call_service.calls.find_escalating("main")
    board.call_service.calls.find_busy("main")
    assert len(asked) > 40, "these are the statements of a whole call"
    found = whole_tables(board.engine, asked)
    board.engine.dispose()
    assert found == set()


def test_a_question_without_an_index_is_noticed(migrated_file) -> None:
    engine = open_engine(f"sqlite:///{migrated_file}")
    assert whole_tables(engine, {("SELECT id FROM calls WHERE outcome = ?", 1)})
    assert not whole_tables(engine, {("SELECT id FROM calls WHERE sid = ?", 1)})
    sought = "SELECT key FROM incidents WHERE line = ? AND {} ORDER BY urgency, opened_at"
    assert whole_tables(engine, {(sought.format("escalating = 1"), 1)})
    assert not whole_tables(engine, {(sought.format("escalating"), 1)})
    engine.dispose()

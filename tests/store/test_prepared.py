"""Prepared statements: the same values and the same errors as SQLAlchemy's own way."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import resource
import socket

import pytest
from sqlalchemy import Engine, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from store.db.engine import open_engine, reading, snapshot, writing
from store.db.postgresql import Pooler
from store.db.prepared import Prepared
from store.tables.log import counters, journal
from store.tables.work import failed_pins

NOON = dt.datetime(2026, 11, 30, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))
VALUE = Prepared(select(counters.c.value).where(counters.c.name == bindparam("name")))
ADD = Prepared(insert(counters).values(name=bindparam("name"), value=bindparam("value")))
COUNT = Prepared(
    update(counters)
    .where(counters.c.name == bindparam("which"))
    .values(value=counters.c.value + bindparam("more"))
    .returning(counters.c.value)
)
FAILED = Prepared(insert(failed_pins).values(subject=bindparam("subject"), at=bindparam("at")))
FAILED_AT = Prepared(
    select(failed_pins.c.at, failed_pins.c.subject).where(failed_pins.c.at >= bindparam("since"))
)


def test_values_go_in_and_out_as_their_columns_say(engine: Engine) -> None:
    with writing(engine) as connection:
        FAILED.run_many(connection, [{"subject": "a", "at": NOON}, {"subject": "b", "at": NOON}])
    with reading(engine) as connection:
        own_way = connection.execute(select(failed_pins.c.at, failed_pins.c.subject)).all()
        found = FAILED_AT.rows(connection, since=NOON)
        assert found == [tuple(row) for row in own_way]
        assert FAILED_AT.scalars(connection, since=NOON)[0].utcoffset() == dt.timedelta(0)
        assert FAILED_AT.first(connection, since=NOON + dt.timedelta(seconds=1)) is None


def test_a_change_says_how_many_rows_it_changed_or_returns_them(engine: Engine) -> None:
    rename = update(counters).where(counters.c.name == bindparam("which"))
    renamed = Prepared(rename.values(name=bindparam("name")))
    with writing(engine) as connection:
        ADD.run(connection, name="tried", value=1)
        assert COUNT.scalar(connection, which="tried", more=2) == 3
        assert renamed.run(connection, which="tried", name="done") == 1
        assert renamed.run(connection, which="tried", name="done") == 0
    with reading(engine) as connection:
        assert VALUE.scalar(connection, name="done") == 3
        assert VALUE.scalar(connection, name="tried") is None


def test_an_error_is_sqlalchemys_without_parameters(engine: Engine) -> None:
    def add() -> None:
        with writing(engine) as connection:
            ADD.run(connection, name="twice", value=1)

    add()
    with pytest.raises(IntegrityError) as caught:
        add()
    assert caught.value.params is None
    nowhere = Prepared(select(text("nothing")))
    with reading(engine) as connection, pytest.raises((OperationalError, ProgrammingError)):
        nowhere.rows(connection)


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        ADD.run(connection, name="half", value=1 // 0)
    with pytest.raises(RuntimeError), writing(engine) as connection:
        ADD.run(connection, name="half", value=1)
        raise RuntimeError
    with reading(engine) as connection:
        assert VALUE.scalar(connection, name="half") is None


def test_both_ways_read_the_same_moment(engine: Engine) -> None:
    rows = select(journal.c.id)
    count = Prepared(rows)
    line = {"at": NOON, "event": "tried", "reason": "because"}
    with snapshot(engine):
        with reading(engine) as connection:
            before = count.rows(connection)
        other = open_engine(engine.url.render_as_string(hide_password=False))
        with writing(other) as elsewhere:
            elsewhere.execute(insert(journal), line)
        other.dispose()
        with reading(engine) as connection:
            assert count.rows(connection) == before
            assert [tuple(row) for row in connection.execute(rows)] == before
    with reading(engine) as connection:
        assert len(count.rows(connection)) == len(before) + 1


def test_a_connection_that_the_server_has_ended_is_given_up(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("A file ends no connection.")
    other = open_engine(engine.url.render_as_string(hide_password=False))
    with pytest.raises(OperationalError) as caught, reading(engine) as connection:
        VALUE.rows(connection, name="incident")
        ours = {"ours": connection.scalar(text("SELECT pg_backend_pid()"))}
        with other.connect() as elsewhere:
            elsewhere.execute(text("SELECT pg_terminate_backend(:ours)"), ours)
        VALUE.rows(connection, name="incident")
    other.dispose()
    assert caught.value.connection_invalidated
    with reading(engine) as connection:
        assert VALUE.scalar(connection, name="incident") is not None


class IdleConnection:
    """What the pool looks at: a socket whose number is as high as in a process with many."""

    closed = False

    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        return self._number


def test_an_ended_connection_is_seen_in_a_process_with_many_connections() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    ours, theirs = socket.socketpair()
    number = fcntl.fcntl(ours, fcntl.F_DUPFD, 1500)
    try:
        assert not Pooler.is_ended(IdleConnection(number))
        theirs.close()
        assert Pooler.is_ended(IdleConnection(number))
    finally:
        os.close(number)
        ours.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_rows_are_no_statement(engine: Engine) -> None:
    with writing(engine) as connection:
        ADD.run_many(connection, [])
        ADD.run_many(connection, [{"name": name, "value": 1} for name in ("one", "two", "three")])
        assert VALUE.scalar(connection, name="three") == 1

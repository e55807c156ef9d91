"""Connections: writers do not overtake each other, and a host that vanishes is noticed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.engine import make_url

from store.db.engine import reading, writing
from store.db.postgresql import connect_args
from store.tables.log import counters

COUNTED = counters.c.name == "incident"
ONE_MORE = update(counters).where(COUNTED).values(value=counters.c.value + 1)


def test_the_writers_of_one_process_stand_in_line(engine):
    def write(_):
        with writing(engine) as connection:
            if engine.dialect.name == "sqlite":
                connection.execute(text("PRAGMA busy_timeout=0"))
            connection.execute(ONE_MORE)

    before = counted(engine)
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(write, range(200)))
    assert counted(engine) - before == 200


def counted(engine):
    with reading(engine) as connection:
        return connection.scalar(select(counters.c.value).where(COUNTED))


def test_a_host_that_vanishes_in_the_middle_of_a_change_is_noticed_by_the_server(engine):
    if engine.dialect.name == "sqlite" or not engine.url.host:
        pytest.skip("Only a PostgreSQL that is reached by TCP can lose sight of us.")
    with reading(engine) as connection:
        told = connection.scalar(text("SELECT current_setting('tcp_keepalives_idle')"))
        waits = connection.scalar(text("SELECT current_setting('tcp_user_timeout')"))
    assert (told, waits) == ("2", "4000")


def test_what_the_address_asks_of_the_server_is_kept():
    address = make_url("postgresql://db/line?options=-csearch_path%3Dours")
    assert connect_args(address)["options"].startswith(
        "-csearch_path=ours -c tcp_keepalives_idle=2 "
    )
    assert connect_args(make_url("postgresql://db/line"))["options"].startswith(
        "-c tcp_keepalives_"
    )

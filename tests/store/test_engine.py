"""The way to PostgreSQL: whoever vanishes, on either side, holds nobody up for long."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from store.engine import reading
from store.vanished import noticed


def test_a_host_that_vanishes_in_the_middle_of_a_change_is_noticed_by_the_server(engine):
    if engine.dialect.name == "sqlite" or not engine.url.host:
        pytest.skip("Only a PostgreSQL that is reached by TCP can lose sight of us.")
    with reading(engine) as connection:
        told = connection.scalar(text("SELECT current_setting('tcp_keepalives_idle')"))
        waits = connection.scalar(text("SELECT current_setting('tcp_user_timeout')"))
    assert (told, waits) == ("2", "4000")


def test_what_the_address_asks_of_the_server_is_kept():
    address = make_url("postgresql://db/line?options=-csearch_path%3Dours")
    assert noticed(address)["options"].startswith("-csearch_path=ours -c tcp_keepalives_idle=2 ")
    assert noticed(make_url("postgresql://db/line"))["options"].startswith("-c tcp_keepalives_")

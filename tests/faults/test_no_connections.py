"""No connection to the database is left: ours are all taken, or the server gives no more."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from ivr_app.webhooks.guard import DATABASE_SECONDS
from settings import Settings
from store.db.deadlines import POOL_TIMEOUT, seconds_left
from tests.faults.conftest import FaultyLine, has_a_human
from tests.faults.database_user import Tenant

THE_CARRIER_WAITS = 4.5
"""Seconds; whoever answers later answers into the void."""


def test_every_limit_leaves_a_second_for_the_answer() -> None:
    assert max(POOL_TIMEOUT, DATABASE_SECONDS) < THE_CARRIER_WAITS - 1


def test_the_deadline_of_a_webhook_ends_with_it(line: FaultyLine) -> None:
    line.call()
    assert seconds_left() is None


def test_when_all_of_ours_are_taken_the_caller_has_a_human_in_time(
    line: FaultyLine, errors
) -> None:
    engine = line.services.engine
    with ExitStack() as taken:
        for _ in range(engine.pool.size() + engine.pool._max_overflow):
            taken.enter_context(engine.connect())
        assert has_a_human(line.call())
    assert errors() == [("request failed", "TimeoutError")]
    assert "<Gather" in line.call()


def test_a_database_locked_by_somebody_else_is_not_waited_for_in_vain(line: FaultyLine) -> None:
    with line.context.services.engine.connect() as other:
        other.exec_driver_sql("ROLLBACK")
        other.exec_driver_sql("BEGIN IMMEDIATE")
        assert has_a_human(line.call())
        other.exec_driver_sql("ROLLBACK")
    assert "<Gather" in line.call()


class TestServer:
    """PostgreSQL has no room for one more."""

    @pytest.fixture
    def line_settings(self, line_settings: Settings, tenant: Tenant) -> Settings:
        return line_settings.model_copy(update={"database_url": tenant.url})

    def test_a_caller_reaches_a_human_and_the_operator_hears_of_it(
        self, line: FaultyLine, tenant: Tenant, errors
    ) -> None:
        line.services.engine.dispose()
        line.context.services.engine.dispose()
        tenant.may_connect(0)
        assert has_a_human(line.call())
        ready = line.http.get("/readyz")
        assert (ready.status_code, ready.json["database"]) == (503, "away")
        assert ("request failed", "OperationalError") in errors()
        tenant.may_connect(-1)
        assert "<Gather" in line.call()

    def test_a_server_that_accepts_and_never_answers_is_not_waited_for_in_vain(
        self, line: FaultyLine, tenant: Tenant
    ) -> None:
        line.call()
        with tenant.locked("calls"):
            assert has_a_human(line.call("CA2"))
        assert "<Gather" in line.call("CA2")

    def test_a_line_that_has_its_connections_goes_on(
        self, line: FaultyLine, tenant: Tenant
    ) -> None:
        line.call()
        tenant.may_connect(0)
        assert "<Gather" in line.call("CA2")


def test_nor_is_one_that_never_lets_us_in(line: FaultyLine, silent_port: int) -> None:
    nowhere = f"postgresql://line@127.0.0.1:{silent_port}/line"
    lost = FaultyLine(line.settings.model_copy(update={"database_url": nowhere}))
    assert has_a_human(lost.call())
    lost.close()

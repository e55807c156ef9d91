"""A database that can be read and not written: a disk gone read-only, a standby."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from ivr_app.cli.checkup.processes import processes
from ivr_app.cli.checkup.verdict import State
from ivr_app.condition import condition_of
from settings import Settings
from store.engine import open_engine, writing
from tests.conftest import emptied
from tests.faults.conftest import Disk, FaultyLine, has_a_human
from workers.upkeep import Upkeep


class TestDisk:
    """The kernel has taken a disk with errors to read-only."""

    @pytest.fixture
    def folder(self, disk: Disk) -> Path:
        return disk.folder

    def test_a_caller_reaches_a_human_and_the_operator_hears_of_it(
        self, line: FaultyLine, disk: Disk, errors
    ) -> None:
        line.board.engine.dispose()
        line.context.board.engine.dispose()
        disk.remount("ro")
        assert has_a_human(line.call())
        assert line.http.get("/readyz").status_code == 503
        Upkeep(line.context).look()
        assert {"request failed", "put off: refresh lifeline"} <= {event for event, _ in errors()}
        disk.remount("rw")
        assert "<Gather" in line.call()


def test_a_file_that_is_read_only_serves_readers_and_is_not_ready(line: FaultyLine, errors) -> None:
    line.board.engine.dispose()
    event.listen(line.board.engine, "connect", lambda one, _: one.execute("PRAGMA query_only=1"))
    assert has_a_human(line.call())
    assert ("request failed", "SQLITE_READONLY") in errors()
    ready = line.http.get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "not writable")
    (verdict, *_) = processes(condition_of(line.board))
    assert (verdict.state, "standby" in verdict.message) == (State.FAIL, True)


@pytest.mark.skipif("TEST_DATABASE_URL" not in os.environ, reason="needs a PostgreSQL")
class TestStandby:
    """The address of the database leads to a server that only reads."""

    @pytest.fixture
    def line_settings(self, line_settings: Settings, postgresql_url: str) -> Settings:
        return line_settings.model_copy(update={"database_url": emptied(postgresql_url)})

    @pytest.fixture
    def standby(self, line: FaultyLine) -> Iterator[None]:
        """New connections read only, for as long as this lasts."""
        _new_connections(line.settings.database_url, "on")
        line.board.engine.dispose()
        yield
        _new_connections(line.settings.database_url, "off")

    @pytest.mark.usefixtures("standby")
    def test_a_caller_reaches_a_human_and_the_operator_hears_of_it(
        self, line: FaultyLine, errors
    ) -> None:
        assert has_a_human(line.call())
        ready = line.http.get("/readyz")
        assert (ready.status_code, ready.json["database"]) == (503, "not writable")
        assert ("request failed", "ReadOnlySqlTransaction") in errors()
        assert line.figures()[("priority_line_up", "database")] == 0

    @pytest.mark.usefixtures("standby")
    def test_connections_that_lead_to_the_standby_are_left_for_the_new_one(
        self, line: FaultyLine
    ) -> None:
        assert has_a_human(line.call())
        _new_connections(line.settings.database_url, "off")
        assert "<Gather" in line.call()


def _new_connections(url: str, read_only: str) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text("SET TRANSACTION READ WRITE"))
        name = connection.scalar(text("SELECT current_database()"))
        how = f'ALTER DATABASE "{name}" SET default_transaction_read_only = {read_only}'
        connection.execute(text(how))
    engine.dispose()

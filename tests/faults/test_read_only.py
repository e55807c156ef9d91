"""A database that can be read and not written: a disk gone read-only, a standby."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event

from service.doctor.system import check_processes
from service.doctor.verdict import CheckState
from service.health import check_health
from settings import Settings
from tests.faults.conftest import Disk, FaultyLine, has_a_human
from tests.faults.database_user import Tenant
from workers.maintenance import Maintenance


class TestDisk:
    """The kernel has taken a disk with errors to read-only."""

    @pytest.fixture
    def folder(self, disk: Disk) -> Path:
        return disk.folder

    def test_a_caller_reaches_a_human_and_the_operator_hears_of_it(
        self, line: FaultyLine, disk: Disk, errors
    ) -> None:
        line.services.engine.dispose()
        line.context.services.engine.dispose()
        disk.remount("ro")
        assert has_a_human(line.call())
        assert line.http.get("/readyz").status_code == 503
        Maintenance(line.context).look()
        assert {"request failed", "failed: write fallback file"} <= {event for event, _ in errors()}
        disk.remount("rw")
        assert "<Gather" in line.call()


def test_a_file_that_is_read_only_serves_readers_and_is_not_ready(line: FaultyLine, errors) -> None:
    line.services.engine.dispose()
    event.listen(line.services.engine, "connect", lambda one, _: one.execute("PRAGMA query_only=1"))
    assert has_a_human(line.call())
    assert ("request failed", "SQLITE_READONLY") in errors()
    ready = line.http.get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "not writable")
    (verdict, *_) = check_processes(check_health(line.services))
    assert (verdict.state, "standby" in verdict.message) == (CheckState.FAIL, True)


class TestStandby:
    """The address of the database leads to a server that only reads."""

    @pytest.fixture
    def line_settings(self, line_settings: Settings, tenant: Tenant) -> Settings:
        return line_settings.model_copy(update={"database_url": tenant.url})

    @pytest.fixture(autouse=True)
    def failed_over(self, line: FaultyLine, tenant: Tenant) -> None:
        tenant.reads_only("on")
        line.services.engine.dispose()

    def test_a_caller_reaches_a_human_and_the_operator_hears_of_it(
        self, line: FaultyLine, errors
    ) -> None:
        assert has_a_human(line.call())
        ready = line.http.get("/readyz")
        assert (ready.status_code, ready.json["database"]) == (503, "not writable")
        assert ("request failed", "ReadOnlySqlTransaction") in errors()
        assert line.figures()[("priority_line_up", "database")] == 0

    def test_connections_that_lead_to_the_standby_are_left_for_the_new_one(
        self, line: FaultyLine, tenant: Tenant
    ) -> None:
        assert has_a_human(line.call())
        tenant.reads_only("off")
        assert "<Gather" in line.call()

"""A disk without a byte left: for the database, the messages, the spare file, the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrier.fallback import read_fallback
from service.doctor.system import check_disk as disk_of
from service.doctor.system import check_media_folder
from service.doctor.verdict import CheckState
from service.fallback import refresh_fallback_file
from tests.faults.conftest import SANNE, Disk, FaultyLine, has_a_human
from tests.store.cast import LINE
from workers.maintenance import Maintenance


@pytest.fixture
def folder(disk: Disk) -> Path:
    return disk.folder


def test_a_caller_of_a_full_database_reaches_a_human(line: FaultyLine, disk: Disk, errors) -> None:
    disk.fill()
    assert has_a_human(line.call())
    assert ("request failed", "SQLITE_FULL") in errors()


def test_a_full_database_is_not_ready_and_says_why(line: FaultyLine, disk: Disk) -> None:
    disk.fill()
    ready = line.http.get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "not writable")
    figures = line.figures()
    assert figures[("priority_line_up", "database")] == 0
    assert figures[("priority_line_free_bytes", "database")] < 4096


def test_once_there_is_room_again_the_line_answers(line: FaultyLine, disk: Disk) -> None:
    disk.fill()
    assert has_a_human(line.call())
    disk.clear()
    assert "<Gather" in line.call()
    assert line.http.get("/readyz").status_code == 200


def test_the_spare_file_is_never_cut_short(line: FaultyLine, disk: Disk, errors) -> None:
    before = set(disk.folder.iterdir()) | {disk.folder / "filler"}
    disk.fill()
    with pytest.raises(OSError, match="No space left"):
        refresh_fallback_file(line.settings.fallback_file, [LINE], line.context.clock())
    Maintenance(line.context).look()
    assert SANNE in read_fallback(line.settings.fallback_file)[0].phones
    assert set(disk.folder.iterdir()) <= before | {disk.folder / "media"}
    assert ("failed: write fallback file", "No space left on device") in errors()


def test_the_doctor_says_that_nothing_can_be_written(line: FaultyLine, disk: Disk) -> None:
    disk.fill()
    found = (*disk_of(line.services), check_media_folder(line.services.recordings.files))
    assert [verdict.state for verdict in found] == [
        CheckState.FAIL,
        CheckState.FAIL,
        CheckState.WARN,
    ]

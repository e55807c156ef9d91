"""A host is lost, and the line goes on elsewhere from last night's backup."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from routing.incident import IncidentState
from store.db.backup import AHEAD, back_up, list_unfinished, restore
from tests.stories.stage import JORIS, SANNE


@pytest.fixture
def lose_the_host(stage, tmp_path):
    """Everything of it is gone but the backup, for this many seconds."""

    def lose(seconds: float) -> None:
        stage.services.engine.dispose()
        for part in tmp_path.glob("line.db*"):
            part.unlink()
        shutil.rmtree(stage.settings.media_dir, ignore_errors=True)
        stage.office.advance(seconds)
        restore(stage.services.engine, backup_in(tmp_path))

    return lose


def backup_in(folder: Path) -> Path:
    return folder / "line.backup"


def placed(stage, what):
    asked = [r for r in stage.office.requests if r["method"] == "POST"]
    return [r for r in asked if r["path"].endswith(f"/{what}.json")]


def test_what_was_open_is_paged_on_and_what_was_done_is_not_done_again(
    stage, tmp_path, lose_the_host
):
    stage.hang_up(stage.call_level_1())
    stage.advance(5)
    back_up(stage.services.engine, backup_in(tmp_path), stage.now())
    incident = stage.incident()
    lose_the_host(600)
    assert list_unfinished(stage.services.engine)[0] == [incident.number]
    stage.settle()
    stage.advance(40)
    joris = stage.take(JORIS)
    assert joris.live
    assert stage.incident().key == incident.key
    assert stage.incident().acknowledged_by == "joris"
    done = [page for page in stage.pages() if page.sid is not None]
    assert len(placed(stage, "Calls") + placed(stage, "Messages")) == len(done)
    assert stage.rings(SANNE) == 1, "that she was rung stood in the backup"


def test_whoever_had_an_incident_still_has_it_and_nobody_is_rung(stage, tmp_path, lose_the_host):
    caller = stage.call_level_1()
    sanne = stage.take(SANNE)
    stage.hang_up(caller)
    stage.press(sanne, "1")
    back_up(stage.services.engine, backup_in(tmp_path), stage.now())
    before = len(placed(stage, "Calls")), len(placed(stage, "Messages"))
    lose_the_host(3600)
    stage.advance(120)
    assert (len(placed(stage, "Calls")), len(placed(stage, "Messages"))) == before


def test_the_line_answers_and_a_new_incident_has_a_number_nobody_was_told_before(
    stage, tmp_path, lose_the_host
):
    back_up(stage.services.engine, backup_in(tmp_path), stage.now())
    stage.hang_up(stage.call_level_1())
    lost = stage.incident().number
    lose_the_host(60)
    assert stage.desk.calls.find_open("main") == []
    caller = stage.call_level_1()
    stage.take(SANNE)
    stage.advance(4)
    assert caller.bridged_with is not None
    assert stage.incident().number == lost + AHEAD
    assert stage.incident().state is IncidentState.ACKNOWLEDGED


def test_what_was_said_is_played_without_the_files_of_the_old_host(stage, tmp_path, lose_the_host):
    caller = stage.call_level_1()
    stage.press(caller, "7")
    stage.record(caller, 4)
    stage.advance(20)
    (kept,) = stage.services.recordings.recordings.find_all(stage.incident().key)
    sound = stage.services.recordings.read_sound(kept)
    assert sound
    back_up(stage.services.engine, backup_in(tmp_path), stage.now())
    lose_the_host(60)
    assert stage.services.recordings.read_sound(kept) == sound

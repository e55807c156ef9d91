"""`recordings` lists what was said, writes it to a file, and forgets it; `show` names it."""

import hashlib
import json
import shutil
from dataclasses import replace

import pytest

from routing import events
from routing.recording import RecordingState, Transcription
from service.doctor.system import (
    RECORDING_GRACE,
    check_media_folder,
    check_recordings,
    check_transcription,
)
from service.doctor.verdict import CheckState
from store.log.recordings import MediaFiles
from tests.ivr_app.cli.test_log import SID
from tests.store.cast import LINE
from tests.store.test_media_files import spoken

FIELDS = [
    *("id", "line", "incident", "purpose", "by", "state", "seconds", "bytes", "content_type"),
    *("sha256", "words", "made_at", "kept_at", "deleted_at"),
]
DATA = spoken(4)


@pytest.fixture
def message(applied, board):
    """Pieter has left a message that is still at the carrier."""
    desk = board.call_service
    call = desk.answer(SID, "+31201234567", "+31612345678").case.call
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    for _ in range(2):
        call = desk.happen(events.Chose(call.id, call.turn, "1")).call
    call = desk.happen(events.WaitingKey(call.id, call.turn, "7")).call
    desk.happen(events.MessageLeft(call.id, call.turn, "http://carrier/Recordings/RE1"))
    return board.recordings.recordings.find_all()[0]


@pytest.fixture
def kept(message, board):
    """It has come in."""
    board.recordings.keep(message, [DATA], "audio/x-wav", board.call_service.clock())
    return board.recordings.recordings.find(message.id)


def test_a_recording_is_listed_with_its_length_and_checksum(objects, type_in, kept):
    (row,) = objects("recordings")
    assert list(row) == FIELDS
    assert (row["incident"], row["state"], row["seconds"]) == (1001, "kept", 4.0)
    assert row["sha256"] == hashlib.sha256(DATA).hexdigest()
    head, line = type_in("recordings", "--incident", "1001").stdout.splitlines()
    assert line.index("message") == head.index("purpose")
    assert row["sha256"][:12] in line


def test_an_incident_that_does_not_exist_is_named(type_in, kept):
    result = type_in("recordings", "--incident", "7")
    assert (result.exit_code, result.stderr) == (1, "There is no incident 7.\n")


def test_show_names_what_was_said_whether_it_is_kept_or_not(objects, board, message):
    def said():
        (row,) = [row for row in objects("show", "1001") if row["event"] == "recording"]
        return row

    assert (said()["result"], said()["reason"]) == ("waiting", f"message {message.id}")
    board.recordings.keep(message, [DATA], "audio/x-wav", board.call_service.clock())
    checksum = hashlib.sha256(DATA).hexdigest()[:12]
    assert said()["result"] == "kept"
    assert said()["reason"] == f"message {message.id}, 4.0 s, {len(DATA)} bytes, sha256 {checksum}"


def test_export_writes_the_sound(type_in, tmp_path, kept):
    file = tmp_path / "message.wav"
    assert type_in("recordings", "export", kept.id, file).exit_code == 0
    assert file.read_bytes() == DATA
    assert type_in("recordings", "export", kept.id, "-").stdout_bytes == DATA


def test_what_is_not_kept_yet_cannot_be_exported_and_leaves_no_file(type_in, tmp_path, message):
    file = tmp_path / "message.wav"
    result = type_in("recordings", "export", message.id, file)
    assert result.exit_code == 1
    assert result.stderr == f"Recording {message.id} has no sound: it is waiting.\n"
    assert not file.exists()


def test_forget_deletes_the_sound_and_leaves_the_mark(type_in, objects, board, kept):
    (row,) = objects("recordings", "forget", kept.id)
    assert row["state"] == "forgotten"
    assert board.recordings.recordings.read_sound(kept.id) is None
    assert list(board.settings.media_dir.iterdir()) == []
    assert type_in("recordings", "forget", kept.id).exit_code == 0
    assert type_in("recordings", "export", kept.id, "-").exit_code == 1


@pytest.mark.parametrize("words", [("export", "none", "-"), ("forget", "none")])
def test_a_recording_that_does_not_exist_is_named(type_in, applied, words):
    result = type_in("recordings", *words)
    assert (result.exit_code, result.stderr) == (1, "There is no recording none.\n")


def test_the_doctor_names_what_has_not_come_in_within_an_hour(board, message):
    at = message.made_at
    assert [v.state for v in check_recordings(board.recordings, at)] == ["ok"]
    (late,) = check_recordings(board.recordings, at + 3 * RECORDING_GRACE)
    assert (late.state, late.message[:29]) == ("warn", "1, the oldest 3 h old: not fe")
    board.recordings.keep(message, [DATA], "audio/x-wav", at)
    (doubled,) = check_recordings(board.recordings, at + RECORDING_GRACE)
    assert "not deleted at the carrier" in doubled.message
    board.recordings.recordings.mark_deleted(message.id, at)
    assert board.recordings.recordings.find(message.id).state is RecordingState.KEPT
    (settled,) = check_recordings(board.recordings, at + RECORDING_GRACE)
    assert settled.state == "ok"


def test_the_doctor_says_where_nothing_can_be_written(type_in, environment, tmp_path):
    told = {v["check"]: v for v in map(json.loads, type_in("doctor", "--json").stdout.splitlines())}
    assert told["media"]["state"] == "ok"
    shutil.rmtree(tmp_path / "media")
    (tmp_path / "media").write_text("in the way")
    said = check_media_folder(MediaFiles(tmp_path / "media"))
    assert said.state == "warn"
    assert "recordings stay at the carrier" in said.message


def test_doctor_says_nothing_of_words_that_no_line_wants(settings):
    assert list(check_transcription(settings, [LINE])) == []


def test_doctor_warns_where_no_engine_turns_recordings_into_words(settings, tmp_path):
    wants = replace(LINE, transcribe=Transcription.LOCAL)
    (missing,) = check_transcription(settings, [wants])
    assert (missing.state, "SPEECH_ENGINE is not set" in missing.message) == (CheckState.WARN, True)
    (tmp_path / "nl").mkdir()
    given = {"speech_engine": "vosk", "speech_models": tmp_path}
    found = list(check_transcription(settings.model_copy(update=given), [wants]))
    assert [each.state for each in found] == [CheckState.WARN] * len(LINE.languages)
    assert any("there is no folder" in each.message for each in found)

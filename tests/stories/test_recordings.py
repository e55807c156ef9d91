"""What callers say: fetched, kept, deleted at the company, and heard by the engineer."""

import hashlib
import io
import wave

import pytest
import requests
from itsdangerous import TimestampSigner

from routing.recording import Purpose, RecordingState
from tests.stories.stage import SANNE, STRANGER
from tests.words import words_of


def kept(stage):
    """Every recording that the line knows, oldest first."""
    return stage.services.recordings.recordings.find_all()


def heard_by(handset):
    """The recordings of the line that this telephone played."""
    played = [entry.get("url") or "" for entry in handset.transcript if entry["what"] == "play"]
    return [url.rpartition("/")[2].partition(".")[0] for url in played if "/sound/" in url]


def leave_a_message(stage, caller, seconds=6):
    stage.press(caller, "7")
    stage.record(caller, seconds)


def hang_up_and_answer(stage, caller):
    """The caller goes, and the engineer who takes it hears what was left."""
    stage.hang_up(caller)
    engineer = stage.take(SANNE)
    stage.advance(20)
    return engineer


def test_a_message_is_kept_whole_and_nothing_stays_at_the_company(stage):
    stage.office.faults(media_auth=True)
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    (message,) = kept(stage)
    file = stage.settings.media_dir / message.id
    data = file.read_bytes()
    assert (message.state, message.purpose) == (RecordingState.KEPT, Purpose.MESSAGE)
    assert message.incident == stage.incident().key
    assert message.sound.sha256 == hashlib.sha256(data).hexdigest()
    assert (message.sound.bytes, message.sound.seconds) == (len(data), 6.0)
    assert stage.services.recordings.recordings.read_sound(message.id) == data
    assert message.deleted_at is not None
    assert stage.office.recordings == []
    engineer = hang_up_and_answer(stage, caller)
    assert set(heard_by(engineer)) == {message.id}
    assert words_of("message_follows") in " ".join(engineer.hears)


def test_a_recording_that_is_not_ready_at_once_is_fetched_later(stage):
    stage.office.faults(recording_delay=20)
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    assert kept(stage)[0].state is RecordingState.WAITING
    stage.advance(60)
    assert kept(stage)[0].state is RecordingState.KEPT
    assert stage.office.recordings == []


def test_until_it_is_kept_the_engineer_hears_it_from_the_company(stage):
    stage.office.faults(media_auth=True)
    stage.settings.media_dir.write_text("a file where the folder should be")
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    assert kept(stage)[0].state is RecordingState.WAITING
    assert len(stage.office.recordings) == 1
    engineer = hang_up_and_answer(stage, caller)
    assert "De opname is nog onderweg." in " ".join(engineer.hears)
    (played, *_) = [w for w in stage.office.webhooks if "/sound/" in w["url"]]
    assert (played["status"], played["type"]) == (200, "audio/x-wav")
    assert requests.get(played["url"], timeout=60).content[:4] == b"RIFF"
    stage.settings.media_dir.unlink()
    stage.advance(35)
    assert kept(stage)[0].state is RecordingState.KEPT
    assert stage.office.recordings == []


def test_who_plays_what_is_not_there_yet_hears_a_sentence_and_no_error(stage):
    stage.office.faults(recording_delay=600)
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    engineer = hang_up_and_answer(stage, caller)
    assert "De opname is nog onderweg." in " ".join(engineer.hears)
    assert heard_by(engineer)


def test_a_message_that_was_forgotten_is_said_to_be_gone(stage):
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    (message,) = kept(stage)
    stage.services.recordings.forget(message.id, stage.now())
    engineer = hang_up_and_answer(stage, caller)
    assert heard_by(engineer) == []
    assert "De opname kan niet worden afgespeeld." in " ".join(engineer.hears)
    assert list(stage.settings.media_dir.iterdir()) == []


def test_a_machine_without_the_file_plays_it_from_the_database(stage):
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    (message,) = kept(stage)
    (stage.settings.media_dir / message.id).unlink()
    hang_up_and_answer(stage, caller)
    (played, *_) = [w for w in stage.office.webhooks if "/sound/" in w["url"]]
    with stage.app.test_client() as browser:
        assert browser.get(f"/sound/{message.id}").status_code == 403
    assert played["status"] == 200
    sound = stage.services.recordings.read_sound(message)
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnframes() / file.getframerate() == 6


def test_two_messages_are_two_recordings_of_one_incident(stage):
    caller = stage.call_level_1()
    leave_a_message(stage, caller, 3)
    stage.advance(3)
    leave_a_message(stage, caller, 5)
    first, second = kept(stage)
    assert (first.sound.seconds, second.sound.seconds) == (3.0, 5.0)
    assert stage.incident().message == second.id
    assert stage.office.recordings == []


@pytest.mark.parametrize("late", ["/message/", "/voice/status"])
def test_a_message_that_ends_by_hanging_up_has_its_incident_in_either_order(stage, late):
    stage.office.faults(delay=8, delay_pattern=late, duplicate="all")
    caller = stage.call_level_1()
    stage.press(caller, "7")
    while not (caller.asking and caller.asking["verb"] == "Record"):
        stage.advance(0.5)
    caller.speak(4, "De kassa ligt plat")
    stage.advance(4)
    stage.hang_up(caller)
    stage.advance(15)
    (message,) = kept(stage)
    assert message.incident == stage.incident().key
    assert (message.state, stage.call(caller).outcome) == (RecordingState.KEPT, "message")
    assert stage.office.recordings == []


@pytest.mark.parametrize("late", ["/introduced/", "/voice/status"])
def test_a_name_that_ends_by_hanging_up_wakes_somebody_in_either_order(stage, late):
    stage.office.faults(delay=8, delay_pattern=late, duplicate="all")
    caller = stage.dial(STRANGER)
    while stage.call(caller).stage != "introduce":
        stage.advance(5)
    while not (caller.asking and caller.asking["verb"] == "Record"):
        stage.advance(0.5)
    caller.speak(3, "Bakkerij Jansen")
    stage.advance(3)
    stage.hang_up(caller)
    stage.advance(10)
    (name,) = kept(stage)
    assert (name.purpose, name.incident) == (Purpose.INTRODUCTION, stage.incident().key)
    assert stage.office.phone(SANNE).ringing()
    assert stage.office.recordings == []


def test_what_the_company_has_deleted_already_counts_as_deleted(stage):
    caller = stage.call_level_1()
    stage.office.faults(requests=[{"path": "/Recordings/", "method": "DELETE", "close": "after"}])
    leave_a_message(stage, caller)
    stage.advance(5)
    assert kept(stage)[0].deleted_at is not None
    assert stage.office.recordings == []


def test_a_message_whose_word_is_lost_is_told_by_the_other_way(stage):
    stage.write_fallback()
    stage.office.faults(drop=[r"/message/\d+$"])
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    (message,) = kept(stage)
    assert (message.incident, message.state) == (stage.incident().key, RecordingState.KEPT)
    assert stage.incident().message == message.id
    assert stage.office.recordings == []


def test_nobody_else_may_have_a_recording(stage):
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    (message,) = kept(stage)
    address = stage.services.urls.recording_url(message.id)
    assert requests.get(address, timeout=60).content[:4] == b"RIFF"
    forged = address.replace(message.id, "0" * 32)
    assert requests.get(forged, timeout=60).status_code == 403


class AnHourAgo(TimestampSigner):
    """Seals as the line did more than an hour ago."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - 3660


def test_an_address_plays_for_an_hour(stage):
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    worn = AnHourAgo(stage.settings.secret_key, salt="sound").sign(kept(stage)[0].id).decode()
    address = f"{stage.settings.public_url}/sound/{worn}"
    assert requests.get(address, timeout=60).status_code == 403

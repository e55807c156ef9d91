"""The archive: what is played is what was kept, and what was forgotten comes back nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.call import Call
from routing.decision import Case, Decision
from routing.ports import CallRepository
from routing.recording import Purpose, Recording, RecordingState
from store.log.recordings import MediaFiles, RecordingStore

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
MESSAGE = Recording("one", "main", "incident-1", NOW, Purpose.MESSAGE, "http://c/RE1")


@pytest.fixture
def archive(book: CallRepository, tmp_path: Path) -> RecordingStore:
    matter = Case(Call("c", "CA1", "main", "", None, "nl", NOW))
    book.save(Case(), Decision(matter, recordings=(MESSAGE,)), NOW)
    return RecordingStore(book.recordings, MediaFiles(tmp_path / "media"))


def kept(archive: RecordingStore) -> Recording:
    archive.keep(MESSAGE, [b"RI", b"FF"], "audio/x-wav", NOW)
    found = archive.recordings.find("one")
    assert found is not None
    return found


def test_a_file_that_was_cut_short_is_not_played_but_the_databases_sound(
    archive: RecordingStore,
) -> None:
    message = kept(archive)
    assert archive.read_sound(message) == b"RIFF"
    (archive.files.folder / "one").write_bytes(b"RI")
    assert archive.read_sound(message) == b"RIFF"
    archive.files.drop("one")
    assert archive.read_sound(message) == b"RIFF"


def test_what_waits_is_not_played(archive: RecordingStore) -> None:
    assert archive.read_sound(MESSAGE) is None
    assert (archive.state("one"), archive.state("none")) == (RecordingState.WAITING, None)


def test_what_is_forgotten_while_it_is_fetched_leaves_no_file(archive: RecordingStore) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"RI"
        archive.forget("one", NOW)
        yield b"FF"

    assert not archive.keep(MESSAGE, chunks(), "audio/x-wav", NOW)
    assert archive.files.ids() == set()
    assert archive.recordings.read_sound("one") is None


def test_what_was_forgotten_on_another_machine_is_tidied_away_here(archive: RecordingStore) -> None:
    message = kept(archive)
    archive.delete_leftovers(NOW)
    assert archive.files.ids() == {"one"}
    archive.recordings.forget(message.id, NOW)
    archive.delete_leftovers(NOW)
    assert archive.files.ids() == set()

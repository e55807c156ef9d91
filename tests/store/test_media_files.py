"""The shelf: a sound is there whole, or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.log.recordings import MediaFiles, TooLargeError


@pytest.fixture
def shelf(tmp_path: Path) -> MediaFiles:
    return MediaFiles(tmp_path / "a" / "media", largest=64_000)


def spoken(seconds: float) -> bytes:
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(seconds * 16_000)))
    return memory.getvalue()


def there(shelf: MediaFiles) -> list[str]:
    return [file.name for file in shelf.folder.glob("*")]


def test_a_sound_is_counted_while_it_is_written(shelf: MediaFiles) -> None:
    data = spoken(2.5)
    sound = shelf.put("one", iter([data[:100], data[100:]]), "audio/x-wav")
    assert (sound.bytes, sound.seconds) == (len(data), 2.5)
    assert sound.sha256 == hashlib.sha256(data).hexdigest()
    assert shelf.get("one") == data
    assert there(shelf) == ["one"]


def test_a_sound_that_does_not_say_how_long_it_is_is_kept_all_the_same(shelf: MediaFiles) -> None:
    assert shelf.put("one", [b"ID3 mpeg"], "audio/mpeg").seconds is None
    assert shelf.get("one") == b"ID3 mpeg"


def broken() -> Iterator[bytes]:
    yield b"RIFF"
    raise ConnectionError("the carrier went away")


@pytest.mark.parametrize(
    ("chunks", "error"),
    [([bytes(40_000), bytes(40_000)], TooLargeError), (broken(), ConnectionError)],
)
def test_what_does_not_come_whole_leaves_nothing_behind(
    shelf: MediaFiles, chunks: Iterator[bytes], error: type[Exception]
) -> None:
    with pytest.raises(error):
        shelf.put("one", chunks, "audio/x-wav")
    assert there(shelf) == []
    assert shelf.get("one") is None


def test_a_folder_that_cannot_be_written_is_an_error_that_says_so(shelf: MediaFiles) -> None:
    shelf.folder.parent.parent.joinpath("a").write_text("in the way")
    with pytest.raises(OSError, match="Not a directory"):
        shelf.put("one", [b"RIFF"], "audio/x-wav")
    with pytest.raises(OSError, match="Not a directory"):
        shelf.free_bytes()
    assert shelf.get("one") is None
    shelf.drop("one")


def test_halves_of_what_was_never_finished_are_swept_away(shelf: MediaFiles) -> None:
    shelf.put("one", [b"RIFF"], "audio/x-wav")
    for name, age in (("old.part", 100.0), ("new.part", 200.0)):
        (shelf.folder / name).write_bytes(b"RI")
        os.utime(shelf.folder / name, (age, age))
    shelf.delete_parts(150.0)
    assert sorted(there(shelf)) == ["new.part", "one"]
    assert shelf.ids() == {"one"}


def test_dropping_twice_is_as_good_as_once(shelf: MediaFiles) -> None:
    shelf.put("one", [b"RIFF"], "audio/x-wav")
    shelf.drop("one")
    shelf.drop("one")
    assert there(shelf) == []
    assert shelf.free_bytes() > 0

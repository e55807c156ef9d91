"""The shelf: sound as files in `MEDIA_DIR`, each whole or not there at all."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import wave
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from routing.recording import Sound

LARGEST = 32 * 1024 * 1024
"""Half an hour of telephone sound; what is larger is no message."""

_PART = ".part"


class TooLargeError(Exception):
    """There is more of it than any message has."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The files of this machine. Others may have theirs, so the database has every sound too."""

    folder: Path
    largest: int = LARGEST

    def put(self, recording_id: str, chunks: Iterable[bytes], content_type: str) -> Sound:
        """Write a sound down, durably, as it comes; raises OSError or TooLargeError and then
        leaves nothing behind."""
        self._make_folder()
        handle, name = tempfile.mkstemp(_PART, f"{recording_id}-", self.folder)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                size, sha256 = self._write(file, chunks)
                file.flush()
                os.fsync(file.fileno())
            sound = Sound(size, sha256, content_type, _seconds(part))
            part.replace(self._path(recording_id))
            self._settle()
        finally:
            part.unlink(missing_ok=True)
        return sound

    def bounded(self, chunks: Iterable[bytes]) -> bytes:
        """A sound that is not written down; raises TooLargeError as one that is does."""
        whole = io.BytesIO()
        self._write(whole, chunks)
        return whole.getvalue()

    def get(self, recording_id: str) -> bytes | None:
        """The sound of this id, if this machine has it."""
        with suppress(OSError):
            return self._path(recording_id).read_bytes()
        return None

    def drop(self, recording_id: str) -> None:
        """Delete the file; that there is none is as good."""
        with suppress(FileNotFoundError, NotADirectoryError):
            self._path(recording_id).unlink()

    def ids(self) -> set[str]:
        """The recordings that have a file here."""
        return {file.name for file in self.folder.glob("*") if file.suffix != _PART}

    def sweep(self, older_than: float) -> None:
        """Delete what processes that were killed have begun, last touched before this time."""
        for part in self.folder.glob(f"*{_PART}"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < older_than:
                    part.unlink()

    def free(self) -> int:
        """How many bytes still fit; raises OSError where nothing can be written."""
        self._make_folder()
        with tempfile.TemporaryFile(dir=self.folder):
            return shutil.disk_usage(self.folder).free

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o770, parents=True, exist_ok=True)

    def _path(self, recording_id: str) -> Path:
        return self.folder / recording_id

    def _write(self, file: BinaryIO, chunks: Iterable[bytes]) -> tuple[int, str]:
        size, sha256 = 0, hashlib.sha256()
        for chunk in chunks:
            size += len(chunk)
            if size > self.largest:
                raise TooLargeError(f"more than {self.largest} bytes")
            sha256.update(chunk)
            file.write(chunk)
        return size, sha256.hexdigest()

    def _settle(self) -> None:
        """The name is durable only once the folder is."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _seconds(file: Path) -> float | None:
    try:
        with wave.open(str(file)) as sound:
            return round(float(sound.getnframes() / sound.getframerate()), 1)
    except (wave.Error, EOFError):
        return None

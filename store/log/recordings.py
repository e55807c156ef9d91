"""Recordings: written with the decision that heard of them, and the sound once it is ours."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import shutil
import tempfile
import wave
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Engine, delete, insert, select, update

from routing.jobs import DropRecording, Job
from routing.recording import Recording, RecordingRepository, RecordingState, Sound
from store.db.engine import reading, writing
from store.tables.log import recordings, sounds
from store.work.jobs import post

UNSETTLED = (RecordingState.WAITING, RecordingState.KEPT)


def write_recordings(connection: Connection, wanted: Sequence[Recording]) -> None:
    """Write these recordings; whoever does so writes the errands that fetch them too."""
    if wanted:
        connection.execute(insert(recordings), [_row(recording) for recording in wanted])


class SqlRecordingRepository:
    """The recordings of every line."""

    _engine: Engine

    def recording(self, recording_id: str) -> Recording | None:
        """The recording of this id."""
        with reading(self._engine) as connection:
            found = select(recordings.c.value).where(recordings.c.id == recording_id)
            return connection.scalar(found)

    def recordings(self, incident: str | None = None) -> Sequence[Recording]:
        """Those of an incident (its key), or all of them; the oldest first."""
        found = select(recordings.c.value).order_by(recordings.c.made_at, recordings.c.id)
        theirs = found if incident is None else found.where(recordings.c.incident == incident)
        with reading(self._engine) as connection:
            return connection.scalars(theirs).all()

    def recordings_unsettled(self, made_by: dt.datetime) -> Sequence[Recording]:
        """Made by then, and still not kept, or kept and still at the carrier."""
        found = select(recordings.c.value).where(
            recordings.c.deleted_at.is_(None),
            recordings.c.made_at <= made_by,
            recordings.c.state.in_(UNSETTLED),
        )
        with reading(self._engine) as connection:
            return connection.scalars(found.order_by(recordings.c.made_at)).all()

    def keep_recording(
        self, recording_id: str, sound: Sound, data: bytes, at: dt.datetime
    ) -> Sequence[str]:
        """The sound is ours, if it was waited for; it is then deleted at the carrier."""
        with writing(self._engine) as connection:
            recording = _locked(connection, recording_id)
            if recording is None or recording.state is not RecordingState.WAITING:
                return ()
            _write(
                connection, replace(recording, state=RecordingState.KEPT, sound=sound, kept_at=at)
            )
            connection.execute(insert(sounds), {"recording": recording_id, "data": data})
            return post(connection, [Job(at, DropRecording(recording_id))], at)

    def miss_recording(self, recording_id: str) -> None:
        """There is nothing at the carrier to wait for."""
        with writing(self._engine) as connection:
            recording = _locked(connection, recording_id)
            if recording is not None and recording.state is RecordingState.WAITING:
                _write(connection, replace(recording, state=RecordingState.MISSING))

    def drop_recording(self, recording_id: str, at: dt.datetime) -> None:
        """It has been deleted at the carrier."""
        with writing(self._engine) as connection:
            recording = _locked(connection, recording_id)
            if recording is not None and recording.deleted_at is None:
                _write(connection, replace(recording, deleted_at=at))

    def forget_recording(self, recording_id: str, at: dt.datetime) -> Sequence[str]:
        """Delete the sound, and whatever the carrier may have; the row stays as a mark."""
        with writing(self._engine) as connection:
            recording = _locked(connection, recording_id)
            if recording is None or recording.state is RecordingState.FORGOTTEN:
                return ()
            gone = replace(recording, state=RecordingState.FORGOTTEN, forgotten_at=at)
            _write(connection, gone)
            connection.execute(delete(sounds).where(sounds.c.recording == recording_id))
            there = recording.deleted_at is None
            errands = [Job(at, DropRecording(recording_id))] if there else []
            return post(connection, errands, at)

    def sound(self, recording_id: str) -> bytes | None:
        """The sound itself, while it is kept."""
        with reading(self._engine) as connection:
            found = select(sounds.c.data).where(sounds.c.recording == recording_id)
            return connection.scalar(found)


def _locked(connection: Connection, recording_id: str) -> Recording | None:
    found = select(recordings.c.value).where(recordings.c.id == recording_id)
    return connection.scalar(found.with_for_update())


def _write(connection: Connection, recording: Recording) -> None:
    its = recordings.c.id == recording.id
    connection.execute(update(recordings).where(its).values(_row(recording)))


def _row(recording: Recording) -> dict[str, Any]:
    return {
        "id": recording.id,
        "line": recording.line,
        "incident": recording.incident,
        "call": recording.call,
        "purpose": recording.purpose,
        "state": recording.state,
        "made_at": recording.made_at,
        "deleted_at": recording.deleted_at,
        "value": recording,
    }


# The shelf: sound as files in `MEDIA_DIR`, each whole or not there at all.


LARGEST = 32 * 1024 * 1024
"""Half an hour of telephone sound; what is larger is no message."""

_PART = ".part"


class TooLargeError(Exception):
    """There is more of it than any message has."""


@dataclass(frozen=True, slots=True)
class MediaFiles:
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


# The archive: every recording in the database, where each process reads it, and on the shelf.


GIVEN_UP_AFTER = dt.timedelta(hours=1)
"""A file that is being written is done by then, or whoever wrote it is no more."""


@dataclass(frozen=True, slots=True)
class RecordingStore:
    """Keeps, plays and forgets; the database says what is kept, the shelf spares it the reading."""

    book: RecordingRepository
    shelf: MediaFiles

    def keep(
        self, recording: Recording, chunks: Iterable[bytes], content_type: str, at: dt.datetime
    ) -> Sequence[str]:
        """Write a sound down as it comes, and then that it is ours; gives back the errands due.

        Raises OSError or TooLargeError; nothing has changed then.
        """
        sound = self.shelf.put(recording.id, chunks, content_type)
        data = self.shelf.get(recording.id) or b""
        due = self.book.keep_recording(recording.id, sound, data, at)
        if self.state(recording.id) is not RecordingState.KEPT:  # forgotten while it was fetched
            self.shelf.drop(recording.id)
        return due

    def sound(self, recording: Recording) -> bytes | None:
        """What is to be played: from this machine's shelf where it is whole, else the database."""
        if recording.state is not RecordingState.KEPT or recording.sound is None:
            return None
        near = self.shelf.get(recording.id)
        whole = near is not None and len(near) == recording.sound.bytes
        return near if whole else self.book.sound(recording.id)

    def state(self, recording_id: str) -> RecordingState | None:
        """Where the sound is."""
        recording = self.book.recording(recording_id)
        return None if recording is None else recording.state

    def forget(self, recording_id: str, at: dt.datetime) -> Sequence[str]:
        """Delete a sound here and, by an errand, at the carrier; gives back the errands due.

        Other machines delete their file within the hour.
        """
        due = self.book.forget_recording(recording_id, at)
        self.shelf.drop(recording_id)
        return due

    def tidy(self, at: dt.datetime) -> None:
        """Delete files of what was forgotten elsewhere, and halves of what was never finished."""
        self.shelf.sweep((at - GIVEN_UP_AFTER).timestamp())
        for name in self.shelf.ids():
            recording = self.book.recording(name)
            if recording is not None and recording.state is RecordingState.FORGOTTEN:
                self.shelf.drop(name)

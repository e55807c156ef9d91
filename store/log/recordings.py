"""Recordings in a database, and their sound in files of this machine."""

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

from routing.jobs import DeleteRecording, Job
from routing.ports import RecordingRepository
from routing.recording import Recording, RecordingState, Sound
from store.db.engine import reading, writing
from store.log.cases import find_keys
from store.tables.log import recordings, sounds
from store.work.jobs import write_jobs

UNSETTLED = (RecordingState.WAITING, RecordingState.KEPT)
"""The carrier may still have the sound."""


class SqlRecordingRepository(RecordingRepository):
    """The recordings of every line."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def find(self, recording_id: str) -> Recording | None:
        """The recording of this id."""
        found = select(recordings.c.value).where(recordings.c.id == recording_id)
        with reading(self._engine) as connection:
            return connection.scalar(found)

    def find_all(self, incident: str | None = None) -> Sequence[Recording]:
        """Those of an incident (its key) and of those merged into it, or all, oldest first."""
        found = select(recordings.c.value).order_by(recordings.c.made_at, recordings.c.id)
        with reading(self._engine) as connection:
            if incident is not None:
                found = found.where(recordings.c.incident.in_(find_keys(connection, incident)))
            return connection.scalars(found).all()

    def find_unsettled(self, made_by: dt.datetime) -> Sequence[Recording]:
        """Those made by then whose sound we wait for, or that the carrier still has."""
        found = select(recordings.c.value).where(
            recordings.c.deleted_at.is_(None),
            recordings.c.made_at <= made_by,
            recordings.c.state.in_(UNSETTLED),
        )
        with reading(self._engine) as connection:
            return connection.scalars(found.order_by(recordings.c.made_at)).all()

    def read_sound(self, recording_id: str) -> bytes | None:
        """The sound, while it is kept."""
        found = select(sounds.c.data).where(sounds.c.recording == recording_id)
        with reading(self._engine) as connection:
            return connection.scalar(found)

    def keep(
        self,
        recording_id: str,
        sound: Sound,
        data: bytes,
        at: dt.datetime,
        others: Sequence[Job] = (),
    ) -> Sequence[str]:
        """Store the sound of a waiting recording, with the job that deletes it at the carrier, and
        other jobs."""
        with writing(self._engine) as connection:
            recording = _lock(connection, recording_id)
            if recording is None or recording.state is not RecordingState.WAITING:
                return ()
            kept = replace(recording, state=RecordingState.KEPT, sound=sound, kept_at=at)
            _update(connection, kept)
            connection.execute(insert(sounds), {"recording": recording_id, "data": data})
            return write_jobs(connection, [Job(at, DeleteRecording(recording_id)), *others], at)

    def write_words(self, recording_id: str, words: str) -> None:
        """Store the words of a recording whose sound is here or at the carrier."""
        with writing(self._engine) as connection:
            recording = _lock(connection, recording_id)
            if recording is not None and recording.state in UNSETTLED:
                _update(connection, replace(recording, words=words))

    def mark_missing(self, recording_id: str) -> None:
        """Record that the carrier has no sound for a waiting recording."""
        with writing(self._engine) as connection:
            recording = _lock(connection, recording_id)
            if recording is not None and recording.state is RecordingState.WAITING:
                missing = replace(recording, state=RecordingState.MISSING, words=None)
                _update(connection, missing)

    def mark_deleted(self, recording_id: str, at: dt.datetime) -> None:
        """Record that the carrier has deleted it."""
        with writing(self._engine) as connection:
            recording = _lock(connection, recording_id)
            if recording is not None and recording.deleted_at is None:
                _update(connection, replace(recording, deleted_at=at))

    def forget(self, recording_id: str, at: dt.datetime) -> Sequence[str]:
        """Delete sound and words, here and by a job at the carrier; the row stays."""
        with writing(self._engine) as connection:
            recording = _lock(connection, recording_id)
            if recording is None or recording.state is RecordingState.FORGOTTEN:
                return ()
            gone = replace(recording, state=RecordingState.FORGOTTEN, forgotten_at=at, words=None)
            _update(connection, gone)
            connection.execute(delete(sounds).where(sounds.c.recording == recording_id))
            if recording.deleted_at is not None:
                return ()
            return write_jobs(connection, [Job(at, DeleteRecording(recording_id))], at)


def write_recordings(connection: Connection, heard: Sequence[Recording]) -> None:
    """Insert new recordings; the caller also writes the jobs that fetch them."""
    if heard:
        connection.execute(insert(recordings), [_row(recording) for recording in heard])


def _lock(connection: Connection, recording_id: str) -> Recording | None:
    found = select(recordings.c.value).where(recordings.c.id == recording_id)
    return connection.scalar(found.with_for_update())


def _update(connection: Connection, recording: Recording) -> None:
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


LARGEST = 32 * 1024 * 1024
"""Bytes: half an hour of telephone sound. A larger file is no message."""

_PART = ".part"


class TooLargeError(Exception):
    """The sound is larger than any message."""


@dataclass(frozen=True, slots=True)
class MediaFiles:
    """The sound files of this machine in ``MEDIA_DIR``, each complete or absent. The database has
    every sound too, because other machines have other files."""

    folder: Path
    largest: int = LARGEST

    def put(self, recording_id: str, chunks: Iterable[bytes], content_type: str) -> Sound:
        """Write a sound durably while it arrives; raises OSError or TooLargeError, and leaves no
        file then."""
        self._make_folder()
        handle, name = tempfile.mkstemp(_PART, f"{recording_id}-", self.folder)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                size, sha256 = self._copy(chunks, file)
                file.flush()
                os.fsync(file.fileno())
            sound = Sound(size, sha256, content_type, _seconds(part))
            part.replace(self._path(recording_id))
            self._sync_folder()
        finally:
            part.unlink(missing_ok=True)
        return sound

    def read_bounded(self, chunks: Iterable[bytes]) -> bytes:
        """A sound in memory, without a file; raises TooLargeError."""
        whole = io.BytesIO()
        self._copy(chunks, whole)
        return whole.getvalue()

    def get(self, recording_id: str) -> bytes | None:
        """The sound of this id, if this machine has it."""
        with suppress(OSError):
            return self._path(recording_id).read_bytes()
        return None

    def drop(self, recording_id: str) -> None:
        """Delete the file, if there is one."""
        with suppress(FileNotFoundError, NotADirectoryError):
            self._path(recording_id).unlink()

    def ids(self) -> set[str]:
        """The recordings that have a file here."""
        return {file.name for file in self.folder.glob("*") if file.suffix != _PART}

    def delete_parts(self, older_than: float) -> None:
        """Delete unfinished files that nobody wrote to since this time (seconds of the epoch)."""
        for part in self.folder.glob(f"*{_PART}"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < older_than:
                    part.unlink()

    def free_bytes(self) -> int:
        """Free disk space; raises OSError where nothing can be written."""
        self._make_folder()
        with tempfile.TemporaryFile(dir=self.folder):
            return shutil.disk_usage(self.folder).free

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o770, parents=True, exist_ok=True)

    def _path(self, recording_id: str) -> Path:
        return self.folder / recording_id

    def _copy(self, chunks: Iterable[bytes], file: BinaryIO) -> tuple[int, str]:
        size, sha256 = 0, hashlib.sha256()
        for chunk in chunks:
            size += len(chunk)
            if size > self.largest:
                raise TooLargeError(f"more than {self.largest} bytes")
            sha256.update(chunk)
            file.write(chunk)
        return size, sha256.hexdigest()

    def _sync_folder(self) -> None:
        """A file name is durable only once its folder is."""
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


ABANDONED_AFTER = dt.timedelta(hours=1)
"""No process writes one file for so long."""


@dataclass(frozen=True, slots=True)
class RecordingStore:
    """Every recording, in the database and in files. The database decides what is kept; a file
    saves reading it from there."""

    recordings: RecordingRepository
    files: MediaFiles

    def keep(
        self,
        recording: Recording,
        chunks: Iterable[bytes],
        content_type: str,
        at: dt.datetime,
        others: Sequence[Job] = (),
    ) -> Sequence[str]:
        """Write a sound while it arrives, and then mark it as kept, with the jobs that follow;
        return the ids of those due.

        Raises OSError or TooLargeError, and changes nothing then.
        """
        sound = self.files.put(recording.id, chunks, content_type)
        data = self.files.get(recording.id) or b""
        due = self.recordings.keep(recording.id, sound, data, at, others)
        if self.state(recording.id) is not RecordingState.KEPT:  # forgotten while it was fetched
            self.files.drop(recording.id)
        return due

    def read_sound(self, recording: Recording) -> bytes | None:
        """The sound to play: the file of this machine if it is complete, else the database's."""
        if recording.state is not RecordingState.KEPT or recording.sound is None:
            return None
        data = self.files.get(recording.id)
        if data is not None and len(data) == recording.sound.bytes:
            return data
        return self.recordings.read_sound(recording.id)

    def state(self, recording_id: str) -> RecordingState | None:
        """Where the sound is; None for an unknown id."""
        recording = self.recordings.find(recording_id)
        return None if recording is None else recording.state

    def forget(self, recording_id: str, at: dt.datetime) -> Sequence[str]:
        """Delete a sound here and, by a job, at the carrier; return the ids of the jobs due.

        Other machines delete their file within the hour.
        """
        due = self.recordings.forget(recording_id, at)
        self.files.drop(recording_id)
        return due

    def delete_leftovers(self, at: dt.datetime) -> None:
        """Delete files of recordings forgotten elsewhere, and unfinished files."""
        self.files.delete_parts((at - ABANDONED_AFTER).timestamp())
        for name in self.files.ids():
            if self.state(name) is RecordingState.FORGOTTEN:
                self.files.drop(name)

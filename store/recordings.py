"""Recordings: written with the decision that heard of them, and the sound once it is ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from routing.errands import DropRecording, Errand
from routing.recording import Keeping, Recording, Sound
from store.due import post
from store.engine import reading, writing
from store.tables import recordings, sounds

UNSETTLED = (Keeping.WAITING, Keeping.KEPT)


def write_recordings(connection: Connection, wanted: Sequence[Recording]) -> None:
    """Write these recordings; whoever does so writes the errands that fetch them too."""
    if wanted:
        connection.execute(insert(recordings), [_row(recording) for recording in wanted])


class SqlRecordings:
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
            if recording is None or recording.state is not Keeping.WAITING:
                return ()
            _write(connection, replace(recording, state=Keeping.KEPT, sound=sound, kept_at=at))
            connection.execute(insert(sounds), {"recording": recording_id, "data": data})
            return post(connection, [Errand(at, DropRecording(recording_id))], at)

    def miss_recording(self, recording_id: str) -> None:
        """There is nothing at the carrier to wait for."""
        with writing(self._engine) as connection:
            recording = _locked(connection, recording_id)
            if recording is not None and recording.state is Keeping.WAITING:
                _write(connection, replace(recording, state=Keeping.MISSING))

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
            if recording is None or recording.state is Keeping.FORGOTTEN:
                return ()
            gone = replace(recording, state=Keeping.FORGOTTEN, forgotten_at=at)
            _write(connection, gone)
            connection.execute(delete(sounds).where(sounds.c.recording == recording_id))
            there = recording.deleted_at is None
            errands = [Errand(at, DropRecording(recording_id))] if there else []
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

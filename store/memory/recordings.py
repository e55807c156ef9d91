"""Recordings in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from routing.errands import DropRecording, Errand
from routing.recording import Keeping, Recording, Sound
from store.memory.rows import Rows
from store.recordings import UNSETTLED


class MemoryRecordings:
    """The recordings of every line, as plain rows that tests may read."""

    rows: Rows

    def recording(self, recording_id: str) -> Recording | None:
        """The recording of this id."""
        return self.rows.recordings.get(recording_id)

    def recordings(self, incident: str | None = None) -> Sequence[Recording]:
        """Those of an incident (its key), or all of them; the oldest first."""
        theirs = [r for r in self.rows.recordings.values() if incident in (None, r.incident)]
        return sorted(theirs, key=lambda recording: (recording.made_at, recording.id))

    def recordings_unsettled(self, made_by: dt.datetime) -> Sequence[Recording]:
        """Made by then, and still not kept, or kept and still at the carrier."""
        there = [r for r in self.recordings() if r.deleted_at is None and r.state in UNSETTLED]
        return [recording for recording in there if recording.made_at <= made_by]

    def keep_recording(
        self, recording_id: str, sound: Sound, data: bytes, at: dt.datetime
    ) -> Sequence[str]:
        """The sound is ours, if it was waited for; it is then deleted at the carrier."""
        recording = self.recording(recording_id)
        if recording is None or recording.state is not Keeping.WAITING:
            return ()
        kept = replace(recording, state=Keeping.KEPT, sound=sound, kept_at=at)
        self.rows.recordings[recording_id] = kept
        self.rows.sounds[recording_id] = data
        return self.rows.post([Errand(at, DropRecording(recording_id))], at)

    def miss_recording(self, recording_id: str) -> None:
        """There is nothing at the carrier to wait for."""
        recording = self.recording(recording_id)
        if recording is not None and recording.state is Keeping.WAITING:
            self.rows.recordings[recording_id] = replace(recording, state=Keeping.MISSING)

    def drop_recording(self, recording_id: str, at: dt.datetime) -> None:
        """It has been deleted at the carrier."""
        recording = self.recording(recording_id)
        if recording is not None and recording.deleted_at is None:
            self.rows.recordings[recording_id] = replace(recording, deleted_at=at)

    def forget_recording(self, recording_id: str, at: dt.datetime) -> Sequence[str]:
        """Delete the sound, and whatever the carrier may have; the row stays as a mark."""
        recording = self.recording(recording_id)
        if recording is None or recording.state is Keeping.FORGOTTEN:
            return ()
        gone = replace(recording, state=Keeping.FORGOTTEN, forgotten_at=at)
        self.rows.recordings[recording_id] = gone
        self.rows.sounds.pop(recording_id, None)
        there = recording.deleted_at is None
        return self.rows.post([Errand(at, DropRecording(recording_id))] if there else [], at)

    def sound(self, recording_id: str) -> bytes | None:
        """The sound itself, while it is kept."""
        return self.rows.sounds.get(recording_id)

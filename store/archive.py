"""The archive: every recording in the database, where each process reads it, and on the shelf."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.recording import Keeping, Recording, Recordings
from store.shelf import Shelf

GIVEN_UP_AFTER = dt.timedelta(hours=1)
"""A file that is being written is done by then, or whoever wrote it is no more."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Keeps, plays and forgets; the database says what is kept, the shelf spares it the reading."""

    book: Recordings
    shelf: Shelf

    def keep(
        self, recording: Recording, chunks: Iterable[bytes], content_type: str, at: dt.datetime
    ) -> Sequence[str]:
        """Write a sound down as it comes, and then that it is ours; gives back the errands due.

        Raises OSError or TooLargeError; nothing has changed then.
        """
        sound = self.shelf.put(recording.id, chunks, content_type)
        data = self.shelf.get(recording.id) or b""
        due = self.book.keep_recording(recording.id, sound, data, at)
        if self.state(recording.id) is not Keeping.KEPT:  # forgotten while it was fetched
            self.shelf.drop(recording.id)
        return due

    def sound(self, recording: Recording) -> bytes | None:
        """What is to be played: from this machine's shelf where it is whole, else the database."""
        if recording.state is not Keeping.KEPT or recording.sound is None:
            return None
        near = self.shelf.get(recording.id)
        whole = near is not None and len(near) == recording.sound.bytes
        return near if whole else self.book.sound(recording.id)

    def state(self, recording_id: str) -> Keeping | None:
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
            if recording is not None and recording.state is Keeping.FORGOTTEN:
                self.shelf.drop(name)

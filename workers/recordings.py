"""Job handlers for recordings: fetch one, store it, and only then delete it at the carrier."""

from __future__ import annotations

import datetime as dt

import structlog
from requests import RequestException

from carrier.client import RecordingFetcher, RecordingNotFoundError, RefusedError
from routing import jobs
from routing.recording import RecordingState
from service.logging import error_cause
from store.log.recordings import RecordingStore, TooLargeError
from workers.context import JobContext

READY_WITHIN = dt.timedelta(hours=1)
MIN_TRIES = 20
"""The carrier needs seconds until a recording can be fetched. After this time and this many tries
there is none. The tries take minutes by any clock, so a clock that is set ahead loses nothing."""

_NOT_FOUND = ("20404", "404")
_log = structlog.get_logger("recordings")


def keep_recording(command: jobs.FetchRecording, context: JobContext, attempt: int) -> None:
    """Fetch and store a waiting recording; on any failure it stays at the carrier."""
    archive, media = _find_tools(context)
    recording = archive.recordings.find(command.recording)
    if recording is None or recording.state is not RecordingState.WAITING:
        return
    now = context.call_service.clock()
    try:
        with media.fetch(recording.url, recording.sid) as stream:
            due = archive.keep(recording, stream.chunks, stream.content_type, now)
    except RecordingNotFoundError:
        if now - recording.made_at < READY_WITHIN or attempt < MIN_TRIES:
            raise
        archive.recordings.mark_missing(recording.id)
        _log.error("the carrier does not have the recording", recording=recording.id)
        return
    except RequestException:  # the carrier does not answer; the failure of the job is logged
        raise
    except (OSError, TooLargeError) as error:
        why = error_cause(error)
        _log.error("not stored: it stays at the carrier", recording=recording.id, why=why)
        raise
    context.call_service.notifier.notify(due)


def delete_recording(command: jobs.DeleteRecording, context: JobContext, attempt: int) -> None:
    """Delete a stored or erased recording at the carrier; a missing one counts as deleted."""
    archive, _ = _find_tools(context)
    recording = archive.recordings.find(command.recording)
    if recording is None or recording.deleted_at is not None:
        return
    if recording.state in (RecordingState.WAITING, RecordingState.MISSING):
        return
    try:
        context.carrier.drop_recording(recording.sid)
    except RefusedError as refusal:
        if refusal.code not in _NOT_FOUND:
            raise
    archive.recordings.mark_deleted(recording.id, context.call_service.clock())


def _find_tools(context: JobContext) -> tuple[RecordingStore, RecordingFetcher]:
    if context.recordings is None or context.recording_fetcher is None:
        raise LookupError("this process has no recording store")
    return context.recordings, context.recording_fetcher

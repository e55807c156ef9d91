"""Job handlers for recordings: fetch one, store it, only then delete it at the carrier, and turn it
into words."""

from __future__ import annotations

import datetime as dt

import structlog
from requests import RequestException

from carrier.client import RecordingFetcher, RecordingNotFoundError, RefusedError
from routing import jobs
from routing.oncall.policy import language_of
from routing.recording import CARRIER_LANGUAGE, Recording, RecordingState, Transcription
from service.counters import COUNTERS, TRANSCRIPTIONS
from service.logging import error_cause
from service.speech import TranscriptionError, UnreadableError
from store.log.recordings import RecordingStore, TooLargeError
from workers.context import JobContext, NotYet

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
            others = _plan_words(recording, context, now)
            due = archive.keep(recording, stream.chunks, stream.content_type, now, others)
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
    _let_carrier_finish(recording, context)
    try:
        context.carrier.drop_recording(recording.sid)
    except RefusedError as refusal:
        if refusal.code not in _NOT_FOUND:
            raise
    archive.recordings.mark_deleted(recording.id, context.call_service.clock())


def _let_carrier_finish(recording: Recording, context: JobContext) -> None:
    """Wait for the carrier, which may still turn the recording into words. Raises NotYet."""
    if recording.state is not RecordingState.KEPT or recording.words is not None:
        return
    until = recording.made_at + CARRIER_WORDS_WITHIN
    if context.call_service.clock() >= until:
        return
    line = context.call_service.lines.find_line(recording.line)
    if line is None or line.transcribe is not Transcription.CARRIER:
        return
    if _find_language(recording, context) == CARRIER_LANGUAGE:
        raise NotYet(until)


def delete_transcription(
    command: jobs.DeleteTranscription, context: JobContext, attempt: int
) -> None:
    """Delete words at the carrier; missing ones count as deleted."""
    try:
        context.carrier.drop_transcription(command.sid)
    except RefusedError as refusal:
        if refusal.code not in _NOT_FOUND:
            raise


# Words: an engine turns a stored recording into them, some time later.


CARRIER_WORDS_WITHIN = dt.timedelta(minutes=10)
"""A recording stays at the carrier for so long if its words have not come."""

TRANSCRIPTION_TRIES = 3
"""An engine that fails so often on a recording fails for ever."""


def _plan_words(recording: Recording, context: JobContext, at: dt.datetime) -> list[jobs.Job]:
    """The job that turns the recording into words, if its line wants that."""
    line = context.call_service.lines.find_line(recording.line)
    if line is None or line.transcribe is not Transcription.LOCAL:
        return []
    return [jobs.Job(at, jobs.TranscribeRecording(recording.id))]


def transcribe_recording(
    command: jobs.TranscribeRecording, context: JobContext, attempt: int
) -> None:
    """Turn a stored recording into words. A failure costs the words only."""
    archive, _ = _find_tools(context)
    recording = archive.recordings.find(command.recording)
    if recording is None or recording.words is not None:
        return
    sound = archive.read_sound(recording)
    if sound is None:  # deleted meanwhile
        return
    if context.transcriber is None:  # no worker has had an engine since the recording was stored
        _give_up_words(recording, "given_up", "no worker has SPEECH_ENGINE")
        return
    language = _find_language(recording, context)
    try:
        words = context.transcriber.transcribe(sound, language, context.check_lease)
    except UnreadableError as error:
        _give_up_words(recording, "unreadable", str(error))
        return
    except TranscriptionError as error:
        if attempt < TRANSCRIPTION_TRIES:
            raise
        _give_up_words(recording, "given_up", str(error))
        return
    archive.recordings.write_words(recording.id, words)
    result = "written" if words else "silent"
    COUNTERS.count(TRANSCRIPTIONS, result)


def _give_up_words(recording: Recording, result: str, why: str) -> None:
    COUNTERS.count(TRANSCRIPTIONS, result)
    _log.error("a recording gets no words", recording=recording.id, why=why)


def _find_language(recording: Recording, context: JobContext) -> str:
    """The language that was spoken: the engineer's, or the caller's."""
    line = context.call_service.lines.find_line(recording.line)
    if line is None:
        raise LookupError("this line is not known")
    if recording.by is not None:
        return language_of(line, recording.by)
    case = context.call_service.calls.find_by_call(recording.call or "")
    if case is None or case.call is None:
        return line.languages[0]
    return case.call.language


def _find_tools(context: JobContext) -> tuple[RecordingStore, RecordingFetcher]:
    if context.recordings is None or context.recording_fetcher is None:
        raise LookupError("this process has no recording store")
    return context.recordings, context.recording_fetcher

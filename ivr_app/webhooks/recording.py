"""Recordings: the carrier reports complete ones, and fetches them to play on a telephone."""

from __future__ import annotations

import io
import wave
from functools import cache

import structlog
from flask import Blueprint, Response
from requests import RequestException

from carrier.client import RecordingFetcher, RecordingNotFoundError, RecordingUnavailableError
from ivr_app.context import (
    build_empty_response,
    current_call_service,
    current_services,
    read_form_value,
    read_recording_url,
)
from ivr_app.thread_share import FETCHES
from routing import events
from routing.jobs import DeleteTranscription, Job
from routing.recording import Recording, RecordingState
from service.bootstrap import build_carrier_account
from service.counters import COUNTERS, TRANSCRIPTIONS
from service.speech.engine import MOST_CHARACTERS

blueprint = Blueprint("recording", __name__, url_prefix="/voice")
sound = Blueprint("sound", __name__, url_prefix="/sound")

PLAYED = 3.5
"""Seconds for a recording that is to be heard on the telephone now."""

_Recorded = events.Introduced | events.MatterSaid | events.MessageLeft
_log = structlog.get_logger("sound")


@blueprint.post("/call/<call_id>/introduced/<int:turn>/status")
def introduced_after_all(call_id: str, turn: int) -> Response:
    """The recording of a name is complete. The reply to the question may have been lost."""
    return _handle_recording(events.Introduced(call_id, turn, read_recording_url()))


@blueprint.post("/call/<call_id>/matter/<int:turn>/status")
def matter_after_all(call_id: str, turn: int) -> Response:
    """The recording of what is wrong is complete. The reply to the question may have been lost."""
    return _handle_recording(events.MatterSaid(call_id, turn, read_recording_url()))


@blueprint.post("/call/<call_id>/message/<int:turn>/status")
def message_after_all(call_id: str, turn: int) -> Response:
    """The recording of a message is complete. The reply to the question may have been lost."""
    return _handle_recording(events.MessageLeft(call_id, turn, read_recording_url()))


def _handle_recording(event: _Recorded) -> Response:
    """Handle a recording. Silence is reported by the document that asked."""
    if event.recording is not None:
        current_call_service().happen(event)
    return build_empty_response()


@blueprint.post("/words")
def words() -> Response:
    """The carrier has turned a recording into words, or has failed to. It keeps them too, until a
    job deletes them there."""
    service, now = current_call_service(), current_call_service().clock()
    sid = read_form_value("RecordingSid")
    waiting = service.calls.recordings.find_unsettled(now)
    recording = next((each for each in waiting if each.sid == sid), None)
    heard = read_form_value("TranscriptionText").strip()
    if recording is None or read_form_value("TranscriptionStatus") != "completed":
        COUNTERS.count(TRANSCRIPTIONS, "given_up")
        _log.warning("no words of the carrier", known=recording is not None)
    else:
        service.calls.recordings.write_words(recording.id, heard[:MOST_CHARACTERS])
        COUNTERS.count(TRANSCRIPTIONS, "written" if heard else "silent")
    deletion = DeleteTranscription(read_form_value("TranscriptionSid"))
    if deletion.sid:
        due = service.calls.plan_jobs([Job(now, deletion, deletion.name)], now)
        service.notifier.notify(due)
    return build_empty_response()


@sound.get("/<token>")
def play(token: str) -> Response:
    """The sound of a recording, from our store or from the carrier. Never an error, because the
    carrier would speak it."""
    recording_id = current_services().recording_urls.read(token)
    if recording_id is None:
        return Response("the seal does not hold\n", status=403, mimetype="text/plain")
    recording = current_services().recordings.recordings.find(recording_id)
    if recording is None:
        return silence()
    data = current_services().recordings.read_sound(recording)
    if data is not None and recording.sound is not None:
        return _send_audio(data, recording.sound.content_type)
    if recording.state is not RecordingState.WAITING:
        return silence()
    with FETCHES.taken() as free:
        if not free:
            return silence()
        return _fetch_from_carrier(recording)


def silence() -> Response:
    """The sound for a recording that is missing: the document has said so already."""
    return _send_audio(_make_silence(), "audio/wav")


def _fetch_from_carrier(recording: Recording) -> Response:
    """Fetch a recording that is not stored yet with our credentials, for this one time."""
    archive = current_services().recordings
    try:
        media = RecordingFetcher(build_carrier_account(current_services().settings))
        with media.fetch(recording.url, recording.sid, PLAYED) as stream:
            data = archive.files.read_bounded(stream.chunks)
            return _send_audio(data, stream.content_type)
    except (RecordingNotFoundError, RecordingUnavailableError, RequestException) as error:
        _log.warning("not played yet", recording=recording.id, error=type(error).__name__)
        return silence()


def _send_audio(data: bytes, content_type: str) -> Response:
    answer = Response(data, mimetype=content_type)
    answer.headers["Cache-Control"] = "no-store"  # it can be forgotten; caches do not know that
    return answer


@cache
def _make_silence() -> bytes:
    """A tenth of a second of nothing."""
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return memory.getvalue()

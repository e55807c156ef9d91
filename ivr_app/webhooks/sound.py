"""Recordings as sound: what the carrier fetches to play it on a telephone."""

from __future__ import annotations

import io
import wave
from functools import cache

import structlog
from flask import Blueprint, Response
from requests import RequestException

from carrier.client import RecordingFetcher, RecordingNotFoundError, RecordingUnavailableError
from ivr_app.context import current_services
from ivr_app.thread_share import FETCHES
from routing.recording import Recording, RecordingState
from service.bootstrap import build_carrier_account

blueprint = Blueprint("sound", __name__, url_prefix="/sound")

PLAYED = 3.5
"""Seconds for a recording that somebody waits for on the telephone."""

_log = structlog.get_logger("sound")


@blueprint.get("/<token>")
def play(token: str) -> Response:
    """The sound as it is kept, or as the carrier still has it; never an error, which is spoken."""
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
        return _fetch_from_carrier(recording) if free else silence()


def silence() -> Response:
    """What is played where there is nothing to play: the document has said so already."""
    return _send_audio(_make_silence(), "audio/wav")


def _fetch_from_carrier(recording: Recording) -> Response:
    """Nobody has kept it yet: fetched with our credentials, for this one time."""
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

"""Recordings: the carrier tells of them once they are complete."""

from __future__ import annotations

from flask import Blueprint, Response

from ivr_app.context import current_call_service, empty_response
from ivr_app.context import recording_url as recorded
from routing import events

blueprint = Blueprint("recording", __name__, url_prefix="/voice")


@blueprint.post("/call/<call_id>/introduced/<int:turn>/status")
def introduced_after_all(call_id: str, turn: int) -> Response:
    """The recording of a name is complete; the word of it may have been lost."""
    return _handle_recording(events.Introduced(call_id, turn, recorded()))


@blueprint.post("/call/<call_id>/message/<int:turn>/status")
def message_after_all(call_id: str, turn: int) -> Response:
    """The recording of a message is complete; the word of it may have been lost."""
    return _handle_recording(events.MessageLeft(call_id, turn, recorded()))


def _handle_recording(event: events.Introduced | events.MessageLeft) -> Response:
    """Only what was spoken counts here: silence is told by the document that asked."""
    if event.recording is not None:
        current_call_service().happen(event)
    return empty_response()

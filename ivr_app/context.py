"""The services of this process, fields of a carrier's request, and responses to it."""

from __future__ import annotations

import re

from flask import Response, current_app, request

from carrier import twiml
from carrier.reasons import describe_failure
from routing.call_service import CallService, UnknownError
from routing.caller.prompts import build_caller_document
from routing.caller.questions import CallerView
from routing.decision import Case
from routing.recording import make_playable
from routing.voice_document import Document
from service.bootstrap import Services

SERVICES = "services"
TWIML_TYPE = "text/xml; charset=utf-8"
_ZERO_SECONDS = re.compile(r"0+(\.0*)?|\.0+", re.ASCII)
FINAL_STATUSES = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def current_services() -> Services:
    """Return the services of this process."""
    found: Services = current_app.extensions[SERVICES]
    return found


def current_call_service() -> CallService:
    """Return the call service, which handles events."""
    return current_services().call_service


def read_form_value(name: str) -> str:
    """Return a field of the carrier's request, or ''. PostgreSQL stores no zero bytes."""
    return request.form.get(name, "").replace("\x00", "")


def read_digits() -> str | None:
    """Return the digits that were pressed, or None."""
    return request.form.get("Digits") or None


def read_key() -> str | None:
    """Return the first key that was pressed, or None."""
    return (read_digits() or "")[:1] or None


def is_call_over() -> bool:
    """Return True if the carrier's request says that the call is over."""
    return read_form_value("CallStatus") in FINAL_STATUSES


def read_recording_url() -> str | None:
    """Return the address of the recording, or None for silence. Only a duration of exactly zero is
    silence, so that an unusual duration does not lose a message."""
    seconds = read_form_value("RecordingDuration").strip().replace(",", ".")
    if _ZERO_SECONDS.fullmatch(seconds) or read_form_value("RecordingStatus") in (
        "absent",
        "failed",
    ):
        return None
    return read_form_value("RecordingUrl").strip() or None


def read_failure_reason() -> str | None:
    """Return the reason of a failure in the carrier's words, or None."""
    return describe_failure(read_form_value("ErrorCode"), read_form_value("SipResponseCode"))


def render_document(document: Document) -> Response:
    """Return a document as TwiML."""
    services = current_services()
    heard = make_playable(document, services.recordings.state)
    return build_twiml_response(twiml.render_twiml(heard, services.urls))


def render_caller_document(case: Case) -> Response:
    """Return the document of the call's present stage as TwiML."""
    if case.call is None:
        raise UnknownError("there is no call to answer")  # an empty document is silence
    line = current_call_service().line_of(case)
    return render_document(build_caller_document(CallerView(case.call, case.incident, line)))


def build_twiml_response(text: str) -> Response:
    """Return TwiML with its content type."""
    return Response(text, content_type=TWIML_TYPE)


def build_empty_response() -> Response:
    """Return the empty response to a status callback."""
    return Response(status=204)

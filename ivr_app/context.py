"""What a view has at hand: the switchboard of this process, and how it answers."""

from __future__ import annotations

import re

from flask import Response, current_app, request

from carrier import twiml
from carrier.reasons import why
from routing.call_service import CallService, UnknownError
from routing.caller.prompts import caller_document
from routing.decision import Case
from routing.recording import audible
from routing.voice_document import Document
from service.bootstrap import Services

EXTENSION = "switchboard"
_NOTHING = re.compile(r"0+(\.0*)?|\.0+", re.ASCII)
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def board() -> Services:
    """The switchboard of this process."""
    found: Services = current_app.extensions[EXTENSION]
    return found


def desk() -> CallService:
    """Where everything that happens goes."""
    return board().desk


def given(name: str) -> str:
    """A parameter of the carrier's request, or '' when it did not come; PostgreSQL keeps no NUL."""
    return request.form.get(name, "").replace("\x00", "")


def digits() -> str | None:
    """What was keyed, or None."""
    return request.form.get("Digits") or None


def key() -> str | None:
    """The one key of a menu, or None; of several the first counts."""
    return (digits() or "")[:1] or None


def caller_gone() -> bool:
    """True when the carrier says in passing that this call is over."""
    return given("CallStatus") in OVER


def recording() -> str | None:
    """The address of what was recorded, or None for silence: only where the carrier says that it
    lasts no time at all, so that no odd duration loses what was spoken."""
    seconds = given("RecordingDuration").strip().replace(",", ".")
    if _NOTHING.fullmatch(seconds) or given("RecordingStatus") in ("absent", "failed"):
        return None
    return given("RecordingUrl").strip() or None


def reason() -> str | None:
    """Why the carrier says that something came to nothing, if it says so."""
    return why(given("ErrorCode"), given("SipResponseCode"))


def speak(document: Document) -> Response:
    """Answer the carrier with a document."""
    heard = audible(document, board().archive.state)
    return xml(twiml.write(heard, board().addresses))


def speak_to_caller(matter: Case) -> Response:
    """Answer with what the caller hears from where the call now is."""
    if matter.call is None:
        raise UnknownError("there is no call to answer")  # an empty document would be silence
    line = desk().line_of(matter)
    return speak(caller_document(matter.call, matter.incident, line))


def xml(text: str) -> Response:
    """TwiML with its content type."""
    return Response(text, mimetype="text/xml")


def nothing() -> Response:
    """What a status callback gets."""
    return Response(status=204)

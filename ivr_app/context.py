"""The services of this process, the carrier's requests with their fields, and responses to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from flask import Request, Response, current_app
from flask.globals import request_ctx
from werkzeug.utils import cached_property

from carrier import twiml
from carrier.prompts import speech
from carrier.reasons import describe_failure
from carrier.signature import FORM_TYPE
from carrier.urls import HEARS
from routing.call_service import CallService, CaseOnLine, UnknownError
from routing.caller.prompts import build_caller_document
from routing.caller.questions import CallerView
from routing.line import Line
from routing.recording import make_playable
from routing.voice_document import Document
from service.bootstrap import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SERVICES = "services"
TWIML_TYPE = "text/xml; charset=utf-8"
_ZERO_SECONDS = re.compile(r"0+(\.0*)?|\.0+", re.ASCII)
NO_KEY = "?"
"""A key that no telephone has."""

FINAL_STATUSES = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class WebhookRequest(Request):
    """A request of the carrier, or one beside it, such as a probe.

    Doubled slashes in a path are read as one, for an address that was set with a slash at its end.
    The signature covers the address as the carrier has it, which stays in ``RAW_URI``.
    """

    guarded = False
    """True if only the carrier may make this request."""

    proven = False
    """True once the signature held."""

    failed = False
    """True if the answer is a failure of ours."""

    def __init__(self, environ: WSGIEnvironment, *args: Any, **kwargs: Any) -> None:
        path = environ.get("PATH_INFO", "")
        if "//" in path:
            query = environ.get("QUERY_STRING", "")
            if not (environ.get("RAW_URI") or environ.get("REQUEST_URI")):
                environ["RAW_URI"] = path
                if query:
                    environ["RAW_URI"] = f"{path}?{query}"
            environ["PATH_INFO"] = re.sub("/{2,}", "/", path)
        super().__init__(environ, *args, **kwargs)

    @property
    def asked(self) -> str:
        """Path and query byte for byte as sent: decoded ones no longer fit the signature."""
        raw = str(self.environ.get("RAW_URI") or self.environ.get("REQUEST_URI") or "")
        if raw.startswith(("http://", "https://")):
            return "/" + raw.split("/", 3)[-1]
        return raw or self.full_path.rstrip("?")

    @cached_property
    def body(self) -> bytes:
        """The body byte for byte as sent."""
        return self.stream.read()

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """The fields of the form, in their order. Raises HTTPException."""
        if self.environ.get("CONTENT_TYPE", "").partition(";")[0] == FORM_TYPE:
            return parse_form(self.body)
        return list(self.form.items(multi=True))

    @cached_property
    def values_by_name(self) -> dict[str, str]:
        """The first value of each field."""
        return dict(reversed(self.fields))


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """Return the fields that Werkzeug finds in a form, in less time: few are encoded. A form that
    is not UTF-8 has none."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return []
    fields = []
    for field in text.split("&"):
        name, _, value = field.partition("=")
        if "%" in field or "+" in field:
            name, value = _decode(name), _decode(value)
        if field:
            fields.append((name, value))
    return fields


def _decode(text: str) -> str:
    text = text.replace("+", " ").replace("%2B", "+")  # telephone numbers are done now
    if "%" in text:
        text = unquote(text, errors="werkzeug.url_quote")
    return text


def current_request() -> WebhookRequest:
    """Return the request that this thread answers."""
    return cast(WebhookRequest, request_ctx.request)


def current_services() -> Services:
    """Return the services of this process."""
    found: Services = current_app.extensions[SERVICES]
    return found


def current_call_service() -> CallService:
    """Return the call service, which handles events."""
    return current_services().call_service


def read_form_value(name: str) -> str:
    """Return a field of the carrier's request, or ''. PostgreSQL stores no zero bytes."""
    return current_request().values_by_name.get(name, "").replace("\x00", "")


def read_digits() -> str | None:
    """Return the digits that were pressed, or None. A hash key alone ends a number without digits;
    a carrier that tells this from silence names the key."""
    values = current_request().values_by_name
    if not values.get("Digits") and values.get("FinishedOnKey") == "#":
        return "#"
    return values.get("Digits") or None


def read_key() -> str | None:
    """Return the first key that was pressed, or None."""
    return (read_digits() or "")[:1] or None


def read_choice() -> str | None:
    """Return the key that was pressed, or that is meant by what was said; None for silence. Words
    without a meaning are a wrong key."""
    said = read_form_value("SpeechResult")
    if read_digits() or not said:
        return read_key()
    question, _, language = current_request().args.get(HEARS, "").partition(".")
    return speech.find_key(language, question, said) or NO_KEY


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
    url, sid = read_form_value("RecordingUrl").strip(), read_form_value("RecordingSid").strip()
    if not url:
        return None
    return current_services().company.name_recording(url, sid)


def read_failure_reason() -> str | None:
    """Return the reason of a failure in the carrier's words, or None."""
    sip = read_form_value("SipResponseCode") or read_form_value("SipResultCode")  # SignalWire
    return describe_failure(read_form_value("ErrorCode"), sip)


def render_document(document: Document, line: Line) -> Response:
    """Return a document as TwiML, in the voices of the line."""
    services = current_services()
    heard = make_playable(document, services.recordings.state)
    now = services.call_service.clock()
    return build_twiml_response(twiml.render_twiml(heard, services.urls, line, now))


def render_caller_document(found: CaseOnLine) -> Response:
    """Return the document of the call's present stage as TwiML."""
    call, incident = found.case.call, found.case.incident
    if call is None:
        raise UnknownError("there is no call to answer")  # an empty document is silence
    view = CallerView(call, incident, found.line)
    return render_document(build_caller_document(view), found.line)


def build_twiml_response(text: str) -> Response:
    """Return TwiML with its content type."""
    return Response(text, content_type=TWIML_TYPE)


def build_empty_response() -> Response:
    """Return the empty response to a status callback."""
    return Response(status=204)

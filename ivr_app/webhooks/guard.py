"""Checks the carrier's signature; answers each failure with a sentence and a human."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Request, Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from carrier.signature import SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER, find_claimed_algorithm
from ivr_app.context import current_services, empty_response, twiml_response
from ivr_app.webhooks import fallback, sound
from routing.call_service import UnknownError
from service.counters import COUNTERS, SIGNATURES
from service.logging import bind_ids
from store.db.deadlines import set_deadline
from store.db.engine import why as why_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

GUARDED_PATHS = ("/voice/", "/sms/")
MUSIC_PATH = "/voice/music.wav"
TIME_LIMITED = (*GUARDED_PATHS, "/sound/", "/ack/")
"""What shares threads with telephones, and so may take no longer than they do."""

EXEMPT_REQUESTS = frozenset({("GET", MUSIC_PATH), ("HEAD", MUSIC_PATH)})
"""What the carrier asks for without a signature: a method of an address, and no more of it."""

SIGNED_KEY = "line.proven"
"""In a request's environment once its signature held; no header of a client is called so."""

DATABASE_SECONDS = 3.0
"""Seconds that the database may take; the carrier waits 4.5, and the sentence must fit too."""

EMPTY_DOCUMENT = "<Response/>"
LOGGED_IDS = {"call_id", "leg_id", "page_id"}
"""What an address may name in a log; a token in it opens something, and a key takes a call."""

log = structlog.get_logger()


def register(app: Flask) -> None:
    """Register the signature check, the error handler and the counters."""
    app.request_class = PlainRequest
    app.before_request(begin_request)
    app.before_request(require_signature)
    app.after_request(count_response)
    app.register_error_handler(Exception, handle_error)


class PlainRequest(Request):
    """Reads doubled slashes in a path as one, for an address that ends in / where it was set.

    The signature is over the address as the carrier has it, which stays beside it.
    """

    def __init__(self, environ: WSGIEnvironment, *args: Any, **kwargs: Any) -> None:
        path = environ.get("PATH_INFO", "")
        if "//" in path:
            query = environ.get("QUERY_STRING", "")
            if not (environ.get("RAW_URI") or environ.get("REQUEST_URI")):
                environ["RAW_URI"] = f"{path}?{query}" if query else path
            environ["PATH_INFO"] = re.sub("/{2,}", "/", path)
        super().__init__(environ, *args, **kwargs)


def begin_request() -> None:
    """What is logged from here on is about this request; the carrier does not wait for long."""
    set_deadline(DATABASE_SECONDS if request.path.startswith(TIME_LIMITED) else None)
    given = request.view_args or {}
    bind_ids(request=request.endpoint, **{name: given[name] for name in LOGGED_IDS & given.keys()})


def count_response(response: Response) -> Response:
    """Count what the carrier was answered; the failures of ours count as such, though spoken."""
    path = request.path
    if path.startswith(GUARDED_PATHS) and not is_exempt():
        first, second = path.split("/")[1:3]
        room = second if second in ("leg", "fallback") else first
        failed = g.get("failed", False) or response.status_code >= 500
        answer = "refused" if response.status_code == 403 else "failed" if failed else "answered"
        COUNTERS.count("webhooks", room, answer)
    return response


def require_signature() -> Response | None:
    """Refuse a request without a valid signature with status 403."""
    if not request.path.startswith(GUARDED_PATHS) or is_exempt():
        return None
    if not is_signed():
        return refuse()
    request.environ[SIGNED_KEY] = True
    return None


def is_exempt() -> bool:
    """Return True for a method and path that need no signature."""
    return (request.method, request.path) in EXEMPT_REQUESTS


def refuse() -> Response:
    """Return 403 without saying which check failed."""
    log.warning(
        "unsigned request refused",
        says=find_claimed_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER)),
    )
    return Response("the signature does not hold\n", status=403, mimetype="text/plain")


def is_signed() -> bool:
    """True when the carrier has signed this request; one that cannot be read is not theirs."""
    try:
        form = request.form if request.method == "POST" else {}
    except HTTPException:
        return False
    given, seal = request.headers.get(SIGNATURE_HEADER), current_services().signature_check
    # A server may have taken the first of two slashes away: the carrier signed both.
    algorithm = seal.holds(requested_path(), form, given) or seal.holds(
        f"/{requested_path()}", form, given
    )
    if algorithm is None:
        return False
    COUNTERS.count(SIGNATURES, algorithm)
    return True


def requested_path() -> str:
    """Path and query byte for byte as sent: decoded ones no longer fit the signature."""
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "")
    if raw.startswith(("http://", "https://")):
        return "/" + raw.split("/", 3)[-1]
    return raw or request.full_path.rstrip("?")


def handle_error(error: Exception) -> Response | HTTPException:
    """Log a failed request and answer it safely."""
    expected = isinstance(error, HTTPException | UnknownError)
    g.failed = not expected
    level = logging.WARNING if expected else logging.ERROR
    why = why_of(error) if isinstance(error, SQLAlchemyError) else type(error).__name__
    log.log(level, "request failed", endpoint=request.endpoint, why=why)
    if request.path.startswith(GUARDED_PATHS):
        # A sentence names the people on call, so it is only for the carrier. What failed may be
        # the check itself.
        return answer_failure(expected=expected) if SIGNED_KEY in request.environ else refuse()
    if request.path.startswith("/sound/"):
        return sound.silence()
    if isinstance(error, HTTPException):
        return error
    return Response("something went wrong\n", status=500, mimetype="text/plain")


def answer_failure(*, expected: bool) -> Response:
    """A sentence and a human, by whose telephone it is. A text that was not read comes again."""
    path = request.path
    if path.endswith("/status"):
        return empty_response() if expected else Response(status=503)
    if path.startswith("/sms/"):
        return twiml_response(EMPTY_DOCUMENT) if expected else Response(status=503)
    if "/met/" in path:
        return twiml_response(EMPTY_DOCUMENT)
    if path.startswith("/voice/leg/"):
        return fallback.say_leg_failed()
    if "/rescue" in path and "/rescued" not in path:
        return fallback.whisper()
    return fallback.retry_waiting() if "/wait" in path else fallback.dial_a_human()

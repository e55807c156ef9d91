"""Checks the carrier's signature; answers each failure with a sentence and a human."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Request, Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from carrier import signature, twiml
from ivr_app.context import build_empty_response, build_twiml_response, current_services
from ivr_app.webhooks import fallback, recording
from routing.call_service import UnknownError
from service.counters import COUNTERS, SIGNATURES
from service.logging import bind_ids
from store.db import deadlines, engine

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

GUARDED_PATHS = ("/voice/", "/sms/")
MUSIC_PATH = "/voice/music.wav"
TIME_LIMITED = (*GUARDED_PATHS, "/sound/", "/ack/")
"""The paths that share threads with telephones, and so may take no longer than they do."""

EXEMPT_REQUESTS = frozenset({("GET", MUSIC_PATH), ("HEAD", MUSIC_PATH)})
"""The requests that the carrier makes without a signature: a method and a path."""

SIGNED_KEY = "line.proven"
"""The key in a request's environment once its signature held. No header of a client has this
name."""

DATABASE_SECONDS = 3.0
"""Seconds for the database. The carrier waits 4.5, and the sentence must fit too."""

LOGGED_IDS = {"call_id", "leg_id", "page_id"}
"""The parts of an address that a log may name. A token opens something, and a key takes a
call."""

log = structlog.get_logger()


def register(app: Flask) -> None:
    """Register the signature check, the error handler and the counters."""
    app.request_class = PlainRequest
    app.before_request(begin_request)
    app.before_request(require_signature)
    app.after_request(count_response)
    app.teardown_request(end_request)
    app.register_error_handler(Exception, handle_error)


class PlainRequest(Request):
    """Reads doubled slashes in a path as one, for an address that was set with a slash at its end.

    The signature covers the address as the carrier has it, which stays in ``RAW_URI``.
    """

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


def begin_request() -> None:
    """Limit the time of the database, and name the request in the log."""
    if request.path.startswith(TIME_LIMITED):
        deadlines.set_deadline(DATABASE_SECONDS)
    given = request.view_args or {}
    bind_ids(request=request.endpoint, **{name: given[name] for name in LOGGED_IDS & given.keys()})


def end_request(error: BaseException | None) -> None:
    """Lift the limit: what the thread does next has a limit of its own, or none."""
    deadlines.set_deadline(None)


def count_response(response: Response) -> Response:
    """Count the answers to the carrier. A failure of ours counts as one, though it is spoken."""
    path = request.path
    if path.startswith(GUARDED_PATHS) and not is_exempt():
        group, second = path.split("/")[1:3]
        if second in ("leg", "fallback"):
            group = second
        COUNTERS.count("webhooks", group, _name_answer(response))
    return response


def _name_answer(response: Response) -> str:
    if response.status_code == 403:
        return "refused"
    if g.get("failed", False) or response.status_code >= 500:
        return "failed"
    return "answered"


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
    settings = request.headers.get(signature.SIGNATURE_SETTINGS_HEADER)
    log.warning("unsigned request refused", says=signature.find_claimed_algorithm(settings))
    return Response("the signature does not hold\n", status=403, mimetype="text/plain")


def is_signed() -> bool:
    """True when the carrier has signed this request. The carrier sends none that is unreadable."""
    form: Mapping[str, str] = {}
    try:
        if request.method == "POST":
            form = request.form
    except HTTPException:
        return False
    given = request.headers.get(signature.SIGNATURE_HEADER)
    check, path = current_services().signature_check, requested_path()
    # A server may have removed the first of two slashes: the carrier signed both.
    algorithm = check.holds(path, form, given) or check.holds(f"/{path}", form, given)
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
    why = type(error).__name__
    if isinstance(error, SQLAlchemyError):
        why = engine.describe_error(error)
    write = log.warning if expected else log.error
    write("request failed", endpoint=request.endpoint, why=why)
    if request.path.startswith(GUARDED_PATHS):
        # A sentence names the people on call, so it is only for the carrier. The check itself may
        # have failed.
        if SIGNED_KEY not in request.environ:
            return refuse()
        return answer_failure(expected=expected)
    if request.path.startswith("/sound/"):
        return recording.silence()
    if isinstance(error, HTTPException):
        return error
    return Response("something went wrong\n", status=500, mimetype="text/plain")


def answer_failure(*, expected: bool) -> Response:
    """A sentence and a human, for a caller or for an engineer. The carrier repeats a text or a
    status that failed."""
    path = request.path
    is_status, is_text = path.endswith("/status"), path.startswith("/sms/")
    if (is_status or is_text) and not expected:
        return Response(status=503)
    if is_status:
        return build_empty_response()
    if is_text:
        return build_twiml_response(twiml.EMPTY_DOCUMENT)
    if "/connected/" in path:
        return build_twiml_response(twiml.EMPTY_DOCUMENT)
    if path.startswith("/voice/leg/"):
        return fallback.say_leg_failed()
    if fallback.is_before_key(path):
        return fallback.say_customer_failed()
    if "/rescue" in path and "/rescued" not in path:
        return fallback.whisper()
    if "/wait" in path:
        return fallback.retry_waiting()
    return fallback.dial_a_human()

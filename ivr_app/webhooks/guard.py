"""Nobody but the carrier speaks with our telephones, and a caller never hears an error."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Request, Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from carrier.signature import SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER, claimed
from ivr_app.context import board, nothing, xml
from ivr_app.webhooks import fallback, sound
from routing.call_service import UnknownError
from service.logging import TALLY, about
from service.signatures import SIGNATURES
from store.db.engine import hurry
from store.db.engine import why as why_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

GUARDED = ("/voice/", "/sms/")
MUSIC = "/voice/music.wav"
HURRIED = (*GUARDED, "/sound/", "/ack/")
"""What shares threads with telephones, and so may take no longer than they do."""

EXEMPT = frozenset({("GET", MUSIC), ("HEAD", MUSIC)})
"""What the carrier asks for without a signature: a method of an address, and no more of it."""

PROVEN = "line.proven"
"""In a request's environment once its signature held; no header of a client is called so."""

PATIENCE = 3.0
"""Seconds that the database may take; the carrier waits 4.5, and the sentence must fit too."""

EMPTY = "<Response/>"
IDS = {"call_id", "leg_id", "page_id"}
"""What an address may name in a log; a token in it opens something, and a key takes a call."""

log = structlog.get_logger()


def guard(app: Flask) -> None:
    """Check each request of the carrier, and answer every failure with a sentence and a human."""
    app.request_class = PlainRequest
    app.before_request(begun)
    app.before_request(only_the_carrier)
    app.after_request(counted)
    app.register_error_handler(Exception, never_silent)


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


def begun() -> None:
    """What is logged from here on is about this request; the carrier does not wait for long."""
    hurry(PATIENCE if request.path.startswith(HURRIED) else None)
    given = request.view_args or {}
    about(request=request.endpoint, **{name: given[name] for name in IDS & given.keys()})


def counted(response: Response) -> Response:
    """Count what the carrier was answered; the failures of ours count as such, though spoken."""
    path = request.path
    if path.startswith(GUARDED) and not exempt():
        first, second = path.split("/")[1:3]
        room = second if second in ("leg", "fallback") else first
        failed = g.get("failed", False) or response.status_code >= 500
        answer = "refused" if response.status_code == 403 else "failed" if failed else "answered"
        TALLY.count("webhooks", room, answer)
    return response


def only_the_carrier() -> Response | None:
    """403 to a request that the carrier has not signed; nothing else happens then."""
    if not request.path.startswith(GUARDED) or exempt():
        return None
    if not signed():
        return refused()
    request.environ[PROVEN] = True
    return None


def exempt() -> bool:
    """True for a method and address that need no signature."""
    return (request.method, request.path) in EXEMPT


def refused() -> Response:
    """Says nothing of the line, not even which check failed."""
    log.warning(
        "unsigned request refused", says=claimed(request.headers.get(SIGNATURE_SETTINGS_HEADER))
    )
    return Response("the signature does not hold\n", status=403, mimetype="text/plain")


def signed() -> bool:
    """True when the carrier has signed this request; one that cannot be read is not theirs."""
    try:
        form = request.form if request.method == "POST" else {}
    except HTTPException:
        return False
    given, seal = request.headers.get(SIGNATURE_HEADER), board().seal
    # A server may have taken the first of two slashes away: the carrier signed both.
    algorithm = seal.holds(asked(), form, given) or seal.holds(f"/{asked()}", form, given)
    if algorithm is None:
        return False
    TALLY.count(SIGNATURES, algorithm)
    return True


def asked() -> str:
    """Path and query byte for byte as sent: decoded ones no longer fit the signature."""
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "")
    if raw.startswith(("http://", "https://")):
        return "/" + raw.split("/", 3)[-1]
    return raw or request.full_path.rstrip("?")


def never_silent(error: Exception) -> Response | HTTPException:
    """What the carrier asked for failed on our side, or was nonsense."""
    expected = isinstance(error, HTTPException | UnknownError)
    g.failed = not expected
    level = logging.WARNING if expected else logging.ERROR
    why = why_of(error) if isinstance(error, SQLAlchemyError) else type(error).__name__
    log.log(level, "request failed", endpoint=request.endpoint, why=why)
    if request.path.startswith(GUARDED):
        # A sentence names the people on call, so it is only for the carrier. What failed may be
        # the check itself.
        return spoken_failure(expected=expected) if PROVEN in request.environ else refused()
    if request.path.startswith("/sound/"):
        return sound.silence()
    if isinstance(error, HTTPException):
        return error
    return Response("something went wrong\n", status=500, mimetype="text/plain")


def spoken_failure(*, expected: bool) -> Response:
    """A sentence and a human, by whose telephone it is. A text that was not read comes again."""
    path = request.path
    if path.endswith("/status"):
        return nothing() if expected else Response(status=503)
    if path.startswith("/sms/"):
        return xml(EMPTY) if expected else Response(status=503)
    if "/met/" in path:
        return xml(EMPTY)
    if path.startswith("/voice/leg/"):
        return fallback.leg_failed()
    if "/rescue" in path and "/rescued" not in path:
        return fallback.whisper()
    return fallback.wait_again() if "/wait" in path else fallback.human()

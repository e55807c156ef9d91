"""Checks the carrier's signature; answers each failure with a sentence and a human."""

from __future__ import annotations

import time

import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from carrier import twiml
from carrier.prompts import find_sound
from carrier.urls import MUSIC, SOUNDS
from ivr_app.context import (
    WebhookRequest,
    build_empty_response,
    build_twiml_response,
    current_request,
    current_services,
)
from ivr_app.webhooks import fallback, recording
from routing.call_service import UnknownError
from service.counters import COUNTERS, SIGNATURES
from service.logging import bind_ids
from service.telemetry import report_error
from store.db import deadlines, engine

GUARDED_PATHS = ("/voice/", "/sms/")
TIME_LIMITED = (*GUARDED_PATHS, "/sound/", "/ack/")
"""The paths that share threads with telephones, and so may take no longer than they do."""

FETCHES = ("GET", "HEAD")
"""The methods with which the carrier fetches what it plays, without a signature."""

DATABASE_SECONDS = 3.0
"""Seconds for the database, from the moment at which the request was here. The carrier waits 4.5,
and the sentence must fit too."""

LOGGED_IDS = {"call_id", "leg_id", "page_id"}
"""The parts of an address that a log may name. A token opens something, and a key takes a
call."""

log = structlog.get_logger()


def register(app: Flask) -> None:
    """Register the signature check, the error handler and the counters."""
    app.before_request(admit_request)
    app.after_request(count_response)
    app.teardown_request(end_request)
    app.register_error_handler(Exception, handle_error)


def admit_request() -> Response | None:
    """Limit the time of the database, name the request in the log, and refuse a request of the
    carrier without a valid signature."""
    this = current_request()
    if this.path.startswith(TIME_LIMITED):
        deadlines.set_deadline(DATABASE_SECONDS - seconds_waited(this))
    given = this.view_args or {}
    bind_ids(request=this.endpoint, **{name: given[name] for name in given if name in LOGGED_IDS})
    this.guarded = this.path.startswith(GUARDED_PATHS) and not is_fetched(this)
    if not this.guarded:
        return None
    algorithm = find_algorithm(this)
    if algorithm is None:
        return refuse()
    COUNTERS.count(SIGNATURES, algorithm)
    this.proven = True
    return None


def is_fetched(this: WebhookRequest) -> bool:
    """True for music and recordings that the carrier fetches to play them. A sound that we do not
    have is no exception: nothing is told to a request without a signature."""
    if this.method not in FETCHES:
        return False
    return this.path == MUSIC or find_sound(this.path.removeprefix(SOUNDS)) is not None


def seconds_waited(this: WebhookRequest) -> float:
    """The seconds that a request waited for its thread, as our own web server knows. While the
    database hangs, all who wait get their answer as soon as the first one."""
    asked_at: float | None = getattr(this.environ.get("gunicorn.socket"), "asked_at", None)
    if asked_at is None:
        return 0.0
    return time.monotonic() - asked_at


def end_request(error: BaseException | None) -> None:
    """Lift the limit: what the thread does next has a limit of its own, or none."""
    deadlines.set_deadline(None)


def count_response(response: Response) -> Response:
    """Count the answers to the carrier. A failure of ours counts as one, though it is spoken."""
    this = current_request()
    if this.guarded:
        group, second = this.path.split("/")[1:3]
        if second in ("leg", "fallback"):
            group = second
        COUNTERS.count("webhooks", group, _name_answer(this, response))
    return response


def _name_answer(this: WebhookRequest, response: Response) -> str:
    if response.status_code == 403:
        return "refused"
    if this.failed or response.status_code >= 500:
        return "failed"
    return "answered"


def refuse() -> Response:
    """Return 403 without saying which check failed."""
    claim = current_services().signature_check.read_claim(request.headers)
    log.warning("unsigned request refused", says=claim)
    return Response("the signature does not hold\n", status=403, mimetype="text/plain")


def find_algorithm(this: WebhookRequest) -> str | None:
    """The algorithm with which the carrier signed this request; None if it did not. The carrier
    sends none that is unreadable."""
    try:
        return current_services().signature_check.prove(this)
    except HTTPException:
        return None


def handle_error(error: Exception) -> Response | HTTPException:
    """Log a failed request and answer it safely."""
    this = current_request()
    expected = isinstance(error, HTTPException | UnknownError)
    this.failed = not expected
    why = type(error).__name__
    if isinstance(error, SQLAlchemyError):
        why = engine.describe_error(error)
    write = log.warning if expected else log.error
    write("request failed", endpoint=this.endpoint, why=why)
    if not expected:
        report_error(error, str(this.endpoint))
    if this.path.startswith(GUARDED_PATHS):
        # A sentence names the people on call, so it is only for the carrier. The check itself may
        # have failed.
        if not this.proven:
            return refuse()
        return answer_failure(expected=expected)
    if this.path.startswith("/sound/"):
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

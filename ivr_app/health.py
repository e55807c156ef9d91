"""Liveness, readiness and metrics of this process; the hold music and the operator's sounds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from flask import Blueprint, Flask, Response, jsonify, request, send_file
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.exceptions import NotFound

from carrier.prompts import find_sound
from carrier.urls import MUSIC, MUSIC_PIECES, SOUNDS
from ivr_app.context import current_services
from service.counters import COUNTERS, REQUESTS
from service.health import Health, check_health
from service.metrics import scrape

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

T = TypeVar("T")


class CachedAnswer(Generic[T]):
    """A value that is costly to compute. One thread at a time computes it; the others get the last
    value, and nobody waits."""

    def __init__(self, seconds: float, most: float) -> None:
        """A value is fresh for ``seconds``, and valid for ``most`` seconds while a thread computes
        the next one."""
        self.seconds, self._most = seconds, most
        self._known: tuple[float, T | None] = (-math.inf, None)
        self._working = Lock()

    def get(self, compute: Callable[[], T]) -> T | None:
        """Return the value, or None while the first one is computed or the last one is too old."""
        if self._age() < self.seconds:
            return self._known[1]
        if not self._working.acquire(blocking=False):
            if self._age() < self._most:
                return self._known[1]
            return None
        try:
            value = compute()
            self._known = (time.monotonic(), value)
            return value
        finally:
            self._working.release()

    def _age(self) -> float:
        return time.monotonic() - self._known[0]


blueprint = Blueprint("health", __name__)

REFRESH_SECONDS = 1.0
"""Seconds for which a value is fresh. Anybody can ask, and readiness writes a row, and metrics read
the whole log."""
LONGEST_SECONDS = 15.0

READINESS: CachedAnswer[Health] = CachedAnswer(REFRESH_SECONDS, LONGEST_SECONDS)
FIGURES: CachedAnswer[bytes] = CachedAnswer(REFRESH_SECONDS, LONGEST_SECONDS)
UNKNOWN_HEALTH = {"ready": False, "database": "no answer yet"}


@blueprint.get("/healthz")
def alive() -> Response:
    """The process is alive."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 if this process can answer calls, else 503, with the state of each part as JSON."""
    condition = READINESS.get(lambda: check_health(current_services()))
    if condition is None:
        return jsonify(UNKNOWN_HEALTH), 503
    if not condition["ready"]:
        return jsonify(condition), 503
    return jsonify(condition), 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Metrics of the line for Prometheus; every process has the same."""
    figures = FIGURES.get(lambda: scrape(current_services()))
    if figures is None:
        return Response("not known yet\n", 503, {"Retry-After": "1"}, mimetype="text/plain")
    return Response(figures, content_type=CONTENT_TYPE_LATEST)


GROUPS = {
    "voice": "voice",
    "sms": "sms",
    "ack": "ack",
    "calendar": "calendar",
    "mail": "mail",
    "sound": "sound",
    "console": "console",
    "portal": "portal",
    "api": "api",
    "healthz": "probe",
    "readyz": "probe",
    "metrics": "probe",
    "leg": "leg",
    "fallback": "fallback",
    "music.wav": "sound",
    "sounds": "sound",
}
"""The first part of an address, or the second one below /voice -> the group of its durations."""


def time_requests(app: Flask) -> None:
    """Count how long each request takes, from the moment at which it was here."""
    answer = app.wsgi_app

    def measure(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked_at = getattr(environ.get("gunicorn.socket"), "asked_at", None) or time.monotonic()
        path, seen = (
            environ.get("PATH_INFO", ""),
            "5",
        )  # the console takes its part of the path away

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal seen
            seen = status[0]
            return start_response(status, headers, *error)

        try:
            return answer(environ, start)
        finally:
            took = time.monotonic() - asked_at
            COUNTERS.observe(took, REQUESTS, find_group(path), f"{seen}xx")

    app.wsgi_app = measure  # type: ignore[method-assign]


def find_group(path: str) -> str:
    """The group of an address; no part of the address itself may become a label."""
    _, first, *more = f"{path}/".split("/", 3)
    if first == "voice" and more and more[0] in GROUPS:
        first = more[0]
    return GROUPS.get(first, "other")


@blueprint.get(MUSIC)
def music() -> Response:
    """A piece of the hold music, which the carrier fetches without a signature."""
    piece = request.args.get("piece", 1, type=int)
    if not 1 <= piece <= MUSIC_PIECES:
        raise NotFound
    return send_file(f"media/music-{piece}.wav", mimetype="audio/wav", max_age=86400)


@blueprint.get(f"{SOUNDS}<name>")
def own_sound(name: str) -> Response:
    """A recording or a piece of music of the operator, which the carrier fetches without a
    signature. Its name follows from its content, so it can be kept for ever."""
    sound = find_sound(name)
    if sound is None or not sound.path.is_file():
        raise NotFound
    response = send_file(sound.path, mimetype=sound.content_type, max_age=31_536_000)
    response.cache_control.public, response.cache_control.immutable = True, True
    return response

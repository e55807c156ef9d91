"""Whether this process lives, whether the line would answer, and figures for whoever watches it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from flask import Blueprint, Response, jsonify, send_file
from prometheus_client import CONTENT_TYPE_LATEST

from ivr_app.context import current_services
from service.health import Health, check_health
from service.metrics import scrape

# An answer that costs more than the question: worked out once for all who ask.


T = TypeVar("T")


class CachedAnswer(Generic[T]):
    """What was worked out a moment ago. One thread works it out again; others get what there was,
    and nobody waits."""

    def __init__(self, seconds: float, most: float) -> None:
        """Believed for so many seconds, and for so many at most while it is worked out again."""
        self.seconds, self._most = seconds, most
        self._known: tuple[float, T | None] = (-math.inf, None)
        self._working = Lock()

    def get(self, work: Callable[[], T]) -> T | None:
        """What is believed now, or None while nobody knows."""
        if self._age() < self.seconds:
            return self._known[1]
        if not self._working.acquire(blocking=False):
            return self._known[1] if self._age() < self._most else None
        try:
            value = work()
            self._known = (time.monotonic(), value)
            return value
        finally:
            self._working.release()

    def _age(self) -> float:
        return time.monotonic() - self._known[0]


blueprint = Blueprint("health", __name__)

REFRESH_SECONDS = 1.0
"""Seconds. Whoever asks more often, and anybody may, costs no more than this: readiness writes a
row, and figures are read from the whole log."""
WAIT_SECONDS = 15.0

READINESS: CachedAnswer[Health] = CachedAnswer(REFRESH_SECONDS, WAIT_SECONDS)
FIGURES: CachedAnswer[bytes] = CachedAnswer(REFRESH_SECONDS, WAIT_SECONDS)
UNKNOWN_HEALTH = {"ready": False, "database": "no answer yet"}


@blueprint.get("/healthz")
def alive() -> Response:
    """The process lives."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 once this process can answer calls; what else of the line is there, is told beside it."""
    condition = READINESS.get(lambda: check_health(current_services()))
    if condition is None:
        return jsonify(UNKNOWN_HEALTH), 503
    return jsonify(condition), 200 if condition["ready"] else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """The same and more for Prometheus; any process can answer."""
    figures = FIGURES.get(lambda: scrape(current_services()))
    if figures is None:
        return Response("not known yet\n", 503, {"Retry-After": "1"}, mimetype="text/plain")
    return Response(figures, content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/voice/music.wav")
def music() -> Response:
    """The music for those who wait; the carrier fetches it without a signature."""
    return send_file("media/music.wav", mimetype="audio/wav", max_age=86400)

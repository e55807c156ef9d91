"""Whether this process lives, whether the line would answer, and figures for whoever watches it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, send_file
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from ivr_app.condition import Condition, condition_of
from ivr_app.switch import board

blueprint = Blueprint("health", __name__)

FIGURES = {
    "oldest_due_s": ("priority_line_oldest_due_seconds", "how long the oldest due step is overdue"),
    "worker_seen_s": ("priority_line_worker_seen_seconds", "since the last sign of a worker"),
    "clock_seen_s": ("priority_line_clock_seen_seconds", "since the last sign of a clock"),
}


@blueprint.get("/healthz")
def alive() -> Response:
    """The process lives."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 once this process can answer calls; what else of the line is there, is told beside it."""
    condition = condition_of(board())
    return jsonify(condition), 200 if condition["ready"] else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """The same for Prometheus; read anew at each scrape, so that any process can answer."""
    return Response(figures(condition_of(board())), content_type=CONTENT_TYPE_LATEST)


def figures(condition: Condition) -> bytes:
    """A condition in Prometheus' words; what is not known is left out."""
    registry = CollectorRegistry()
    up = Gauge("priority_line_up", "1 when this part answers", ["part"], registry=registry)
    up.labels("database").set(condition["database"] == "ok")
    up.labels("redis").set(condition["redis"] == "ok")
    for name, (figure, meaning) in FIGURES.items():
        value = condition.get(name)
        if isinstance(value, int | float):
            Gauge(figure, meaning, registry=registry).set(value)
    return generate_latest(registry)


@blueprint.get("/voice/music.wav")
def music() -> Response:
    """The music for those who wait; the carrier fetches it without a signature."""
    return send_file("media/music.wav", mimetype="audio/wav", max_age=86400)

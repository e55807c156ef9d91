"""Whether this process lives, whether the line would answer, and figures for whoever watches it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, send_file
from prometheus_client import CONTENT_TYPE_LATEST

from ivr_app.condition import condition_of
from ivr_app.metrics import scrape
from ivr_app.switch import board

blueprint = Blueprint("health", __name__)


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
    """The same and more for Prometheus; read anew at each scrape, so any process can answer."""
    return Response(scrape(board()), content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/voice/music.wav")
def music() -> Response:
    """The music for those who wait; the carrier fetches it without a signature."""
    return send_file("media/music.wav", mimetype="audio/wav", max_age=86400)

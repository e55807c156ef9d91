"""Whether this process lives, and whether the line would answer."""

from __future__ import annotations

from flask import Blueprint, Response, send_file


blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process lives."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/voice/music.wav")
def music() -> Response:
    """The music for those who wait; the carrier fetches it without a signature."""
    return send_file("media/music.wav", mimetype="audio/wav", max_age=86400)

"""The measure of all webhooks: Flask, the carrier's own check of the signature, a fixed answer.

The same file configures its server: as the line's own, without the line's own threads.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

import gunicorn_conf
from devtools.bench.cast import BARE

ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Gather numDigits="1" timeout="8" '
    'action="http://127.0.0.1/next" method="POST"><Say language="nl-NL">Hoe dringend is het? '
    "Toets 1 als uw bedrijf stilligt, toets 2 als het hindert.</Say></Gather></Response>"
)


def create_app() -> Flask:
    """One view that knows nothing, and answers at once."""
    validator: Any = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    public_url = os.environ["PUBLIC_URL"]
    app = Flask(__name__)

    @app.post(BARE)
    def bare() -> Response:
        """The least that an honest webhook does."""
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(public_url + request.path, request.form, signature):
            return Response(status=403)
        return Response(ANSWER, mimetype="text/xml")

    return app


globals().update({name: value for name, value in vars(gunicorn_conf).items() if name[0] != "_"})


def post_worker_init(worker: Any) -> None:
    """Start no threads: the bare view has nothing to keep fresh."""


def when_ready(server: Any) -> None:
    """Tune the interpreter as the line does."""
    gunicorn_conf.settle()

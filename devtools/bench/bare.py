"""The measure of all webhooks: Flask, the carrier's own check of the signature, a fixed answer."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from store.people.hashing import Argon2PinVerifier

ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Gather numDigits="1" timeout="8" '
    'action="http://127.0.0.1/next" method="POST"><Say language="nl-NL">Hoe dringend is het? '
    "Toets 1 als uw bedrijf stilligt, toets 2 als het hindert.</Say></Gather></Response>"
)


def create_app() -> Flask:
    """Two views that know nothing: one answers at once, one compares a PIN first."""
    validator: Any = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    public_url = os.environ["PUBLIC_URL"]
    locksmith = Argon2PinVerifier("pepper")
    app = Flask(__name__)

    @app.post("/bare")
    def bare() -> Response:
        """The least that an honest webhook does."""
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(public_url + request.path, request.form, signature):
            return Response(status=403)
        return Response(ANSWER, mimetype="text/xml")

    @app.post("/bare/pin")
    def pin() -> Response:
        """The same, and as long as the comparison of a PIN takes."""
        locksmith.find("", ())
        return bare()

    return app

"""Builds the API from its rooms."""

from __future__ import annotations

import json

from flask import Flask, Response

from ivr_app.api import auth, calls, contracts, incidents, oncall, problems
from ivr_app.api.openapi import JSON, document
from ivr_app.context import EXTENSION as SWITCHBOARD
from ivr_app.whole_numbers import number_addresses
from service.bootstrap import Services

ROOMS = (
    oncall.room,
    incidents.room,
    calls.room,
    contracts.room,
)
LARGEST_BODY = 64 * 1024


def build(board: Services) -> Flask:
    """The whole API; touches neither database nor Redis."""
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY)
    app.extensions[SWITCHBOARD] = board
    app.url_map.strict_slashes = False
    number_addresses(app)
    for room in ROOMS:
        for operation in room.operations:
            name = f"{room.name}.{operation.does.__name__}"
            methods = [operation.method]
            app.add_url_rule(
                operation.path,
                name,
                operation.view,
                methods=methods,
                provide_automatic_options=False,
            )
    written = json.dumps(document(ROOMS))
    app.add_url_rule("/openapi.json", "document", lambda: Response(written, mimetype=JSON))
    auth.open_to(app)
    problems.hang_on(app)
    app.after_request(_sealed)
    return app


def _sealed(answer: Response) -> Response:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer

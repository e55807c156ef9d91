"""Builds the API from its rooms."""

from __future__ import annotations

import json

from flask import Flask, Response

from ivr_app.api import auth, calls, contracts, incidents, oncall, problems
from ivr_app.api.openapi import JSON, build_document
from ivr_app.context import SERVICES
from ivr_app.whole_numbers import register_converters
from service.bootstrap import Services

SECTIONS = (
    oncall.section,
    incidents.section,
    calls.section,
    contracts.section,
)
LARGEST_BODY = 64 * 1024


def build_api(board: Services) -> Flask:
    """The whole API; touches neither database nor Redis."""
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY)
    app.extensions[SERVICES] = board
    app.url_map.strict_slashes = False
    register_converters(app)
    for room in SECTIONS:
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
    written = json.dumps(build_document(SECTIONS))
    app.add_url_rule("/openapi.json", "document", lambda: Response(written, mimetype=JSON))
    auth.register(app)
    problems.register(app)
    app.after_request(_add_security_headers)
    return app


def _add_security_headers(answer: Response) -> Response:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer

"""Builds the API from its sections."""

from __future__ import annotations

import json

from flask import Flask, Response

from ivr_app.api import (
    auth,
    calls,
    contracts,
    correspondence,
    incidents,
    line_files,
    oncall,
    problems,
    shifts,
)
from ivr_app.api.document import build_document
from ivr_app.api.openapi import JSON
from ivr_app.context import SERVICES
from ivr_app.whole_numbers import register_converters
from service.bootstrap import Services

SECTIONS = (
    oncall.section,
    shifts.section,
    incidents.section,
    correspondence.section,
    calls.section,
    contracts.section,
    line_files.section,
)
LARGEST_BODY = 64 * 1024


def build_api(services: Services) -> Flask:
    """Build the API; touches neither database nor Redis."""
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY)
    app.extensions[SERVICES] = services
    app.url_map.strict_slashes = False
    register_converters(app)
    for section in SECTIONS:
        for operation in section.operations:
            app.add_url_rule(
                operation.path,
                f"{section.name}.{operation.handler.__name__}",
                operation.view,
                methods=[operation.method],
                provide_automatic_options=False,
            )
    document = json.dumps(build_document(SECTIONS))
    app.add_url_rule("/openapi.json", "document", lambda: Response(document, mimetype=JSON))
    auth.register(app)
    problems.register(app)
    app.after_request(_add_security_headers)
    return app


def _add_security_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response

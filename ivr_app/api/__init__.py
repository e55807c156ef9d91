"""The API: what programs read and say, at ``/api/v1``."""

from __future__ import annotations

from flask import Flask

from ivr_app.mounted import Annex
from service.bootstrap import Services

ADDRESS = "/api/v1"
EXTENSION = "api"


def mount(app: Flask, board: Services) -> None:
    """Put the API beside the webhooks."""

    def build() -> Flask:
        from ivr_app.api.app import build

        return build(board)

    Annex(build, board.settings.console_proxies).stand_beside(app, ADDRESS, EXTENSION)

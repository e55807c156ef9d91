"""The API: what programs read and say, at ``/api/v1``."""

from __future__ import annotations

from flask import Flask

from ivr_app.mounted import MountedApp
from service.bootstrap import Services

ADDRESS = "/api/v1"
EXTENSION = "api"


def mount(app: Flask, board: Services) -> None:
    """Put the API beside the webhooks."""

    def build() -> Flask:
        from ivr_app.api.app import build_api

        return build_api(board)

    MountedApp(build, board.settings.console_proxies).mount_on(app, ADDRESS, EXTENSION)

"""The console: what staff look at, day and night."""

from __future__ import annotations

from flask import Flask

from ivr_app.mounted import MountedApp
from service.bootstrap import Services

ADDRESS = "/console"
EXTENSION = "console"


def mount(app: Flask, board: Services) -> None:
    """Put the console beside the webhooks."""

    def build() -> Flask:
        from ivr_app.console.app import build_console

        return build_console(board)

    MountedApp(build, board.settings.console_proxies).mount_on(app, ADDRESS, EXTENSION)

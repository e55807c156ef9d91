"""The console: what staff look at, day and night. An application of its own, built when first asked
for, so that no webhook pays for it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from switchboard import Switchboard

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ADDRESS = "/console"
EXTENSION = "console"


class Console:
    """The application behind ``/console``."""

    def __init__(self, board: Switchboard) -> None:
        """Builds nothing yet."""
        self._board = board
        self._building = threading.Lock()
        self._app: Flask | None = None

    @property
    def app(self) -> Flask:
        """The application, built once."""
        with self._building:
            if self._app is None:
                from ivr_app.console.application import build

                self._app = build(self._board)
                proxies = self._board.settings.console_proxies
                if proxies:
                    self._app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
                        self._app.wsgi_app, x_for=proxies, x_proto=0
                    )
            return self._app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        return self.app.wsgi_app(environ, start)


def mount(app: Flask, board: Switchboard) -> None:
    """Put the console beside the webhooks; nothing of theirs runs for it, nor the other way."""
    console = Console(board)
    app.extensions[EXTENSION] = console
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {ADDRESS: console})  # type: ignore[method-assign]

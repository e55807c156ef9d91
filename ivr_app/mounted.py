"""Console, portal and API as applications of their own, built at their first request, so that
webhooks answer sooner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from service import logging

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


CONSOLE_ADDRESS, PORTAL_ADDRESS, API_ADDRESS = "/console", "/portal", "/api/v1"
CONSOLE, PORTAL, API = "console", "portal", "api"
"""The names of the three among the extensions of the application."""


class MountedApp:
    """The application at one address."""

    def __init__(self, build: Callable[[], Flask], proxies: int = 0) -> None:
        """Build nothing yet; ``proxies`` is the number of trusted proxies that say who asks."""
        self._build, self._proxies = build, proxies
        self._building = threading.Lock()
        self._app: Flask | None = None

    @property
    def app(self) -> Flask:
        """The application, built once."""
        with self._building:
            if self._app is None:
                self._app = self._build()
                if self._proxies:
                    seen = ProxyFix(self._app.wsgi_app, x_for=self._proxies, x_proto=0)
                    self._app.wsgi_app = seen  # type: ignore[method-assign]
            return self._app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a request, without the log ids of an earlier one."""
        logging.bind_ids()
        return self.app.wsgi_app(environ, start)

    def mount_on(self, app: Flask, address: str, name: str) -> None:
        """Answer the requests below this address, without the checks of webhooks."""
        app.extensions[name] = self
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {address: self})  # type: ignore[method-assign]

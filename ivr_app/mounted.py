"""Console, portal and API as applications of their own, built at their first request, so that
webhooks answer sooner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import logging

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONSOLE_ADDRESS, PORTAL_ADDRESS, API_ADDRESS = "/console", "/portal", "/api/v1"
CONSOLE, PORTAL, API = "console", "portal", "api"
"""The names of the three among the extensions of the application."""
ADDRESSES = {CONSOLE: CONSOLE_ADDRESS, PORTAL: PORTAL_ADDRESS, API: API_ADDRESS}


class MountedApp:
    """The application at one address."""

    def __init__(self, build: Callable[[], Flask], proxies: int) -> None:
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


def mount_apps(app: Flask, build: Mapping[str, Callable[[], Flask]], proxies: int) -> None:
    """Answer the requests below the address of each by another application, without the checks of
    webhooks. ``build`` has the names of the applications."""
    mounted = {ADDRESSES[name]: MountedApp(make, proxies) for name, make in build.items()}
    app.extensions.update(zip(build, mounted.values(), strict=True))
    webhooks, addresses = app.wsgi_app, tuple(mounted)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(addresses):
            for address, other in mounted.items():
                rest = path.removeprefix(address)
                if rest != path and rest[:1] in ("", "/"):
                    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + address
                    environ["PATH_INFO"] = rest
                    return other(environ, start_response)
        return webhooks(environ, start_response)

    app.wsgi_app = answer  # type: ignore[method-assign]

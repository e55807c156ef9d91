"""The front door of one test: made as in production, its addresses compiled once a process."""

from __future__ import annotations

import copy
import logging
from functools import partial

from flask import Flask

from ivr_app import create_app
from ivr_app.api import auth
from ivr_app.api.app import build_api
from ivr_app.console import CONSOLE_SITE, login_limits
from ivr_app.console.app import build_console
from ivr_app.context import SERVICES
from ivr_app.health import time_requests
from ivr_app.mounted import API, CONSOLE, PORTAL, mount_apps
from ivr_app.portal import PORTAL_SITE
from ivr_app.portal.app import build_portal
from ivr_app.web.site import configure
from service.bootstrap import Services
from service.logging import start_logging

MADE: dict[str, Flask] = {}
"""The first of each that was made, which answers nobody. Compiling their addresses and templates
takes longer than most tests of a page, and no line is in them."""


def web_app(board: Services) -> Flask:
    """The application with this switchboard in it, and nothing of another's."""
    if "door" not in MADE:
        MADE["door"] = create_app(board.settings, board)
    start_logging(logging.WARNING)
    app = _another("door", board)
    del app.wsgi_app  # the first one's, in which its console is
    others = {CONSOLE: _console, PORTAL: _portal, API: _api}
    built = {name: partial(build, board) for name, build in others.items()}
    mount_apps(app, built, board.settings.console_proxies)
    time_requests(app)
    return app


def _api(board: Services) -> Flask:
    if "api" not in MADE:
        MADE["api"] = build_api(board)
    app = _another("api", board)
    auth.register(app)
    return app


def _console(board: Services) -> Flask:
    if "console" not in MADE:
        MADE["console"] = build_console(board)
    app = _another("console", board)
    configure(app, board, CONSOLE_SITE)
    login_limits.register(app, board)
    return app


def _portal(board: Services) -> Flask:
    if "portal" not in MADE:
        MADE["portal"] = build_portal(board)
    app = _another("portal", board)
    configure(app, board, PORTAL_SITE)
    return app


def _another(which: str, board: Services) -> Flask:
    app = copy.copy(MADE[which])
    app.config = copy.copy(app.config)
    app.view_functions = dict(app.view_functions)
    app.extensions = {**app.extensions, SERVICES: board}
    return app

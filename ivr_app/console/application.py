"""Builds the console from its pages: each package beside this module that has a ``page``."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import importlib
import pkgutil

from flask import Flask
from flask_login import LoginManager
from jinja2 import StrictUndefined

from ivr_app import console
from ivr_app.console import errors, headers, keys, visit, wardrobe
from ivr_app.console.page import Page
from ivr_app.switch import EXTENSION as SWITCHBOARD
from ivr_app.whole_numbers import number_addresses
from switchboard import Switchboard

PAGES = "pages"


def build(board: Switchboard) -> Flask:
    """The whole console; touches neither database nor Redis."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    settle(app, board)
    number_addresses(app)
    app.extensions[SWITCHBOARD] = board
    keys.hang_on(app, board)
    app.extensions[PAGES] = pages()
    for page in app.extensions[PAGES]:
        app.register_blueprint(page)
    visit.open_to(LoginManager(app))
    app.before_request(visit.admit)
    app.after_request(headers.seal)
    wardrobe.furnish(app)
    errors.hang_on(app)
    return app


def pages() -> list[Page]:
    """Every page, in the order of the navigation."""
    names = (m.name for m in pkgutil.iter_modules(console.__path__, f"{console.__name__}."))
    found = (getattr(importlib.import_module(name), "page", None) for name in names)
    return sorted((page for page in found if isinstance(page, Page)), key=lambda page: page.place)


def settle(app: Flask, board: Switchboard) -> None:
    """What Flask is told: some of it depends on the line's settings."""
    settings = board.settings
    secure = settings.public_url.startswith("https://")
    key = hmac.new(settings.secret_key.encode(), b"console", hashlib.sha256)
    app.secret_key = key.hexdigest()
    app.config.update(
        MAX_CONTENT_LENGTH=visit.AT_THE_DOOR,
        SESSION_COOKIE_NAME="__Secure-console" if secure else "console",
        SESSION_COOKIE_PATH=console.ADDRESS,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # a link in a mail, and the way back from OpenID Connect
        SEND_FILE_MAX_AGE_DEFAULT=dt.timedelta(days=365),  # addresses of files carry their content
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page may lie open all night
        WTF_CSRF_SSL_STRICT=False,  # the page sends no referrer; the token is proof enough
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.strict_slashes = False

"""Builds the console from its pages: each package in this folder that has a ``page``."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import importlib
import pkgutil

import structlog
from flask import Flask, Response, current_app, g, render_template, request
from flask_login import AnonymousUserMixin, LoginManager
from jinja2 import StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from ivr_app import console
from ivr_app.console import ConsolePage, login_limits, session, templating
from ivr_app.context import SERVICES, current_services
from ivr_app.mounted import CONSOLE_ADDRESS
from ivr_app.whole_numbers import register_converters
from service.bootstrap import Services

PAGES = "pages"


def build_console(services: Services) -> Flask:
    """Build the console; uses neither database nor Redis."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    configure(app, services)
    register_converters(app)
    app.extensions[SERVICES] = services
    login_limits.register(app, services)
    app.extensions[PAGES] = find_pages()
    for page in app.extensions[PAGES]:
        app.register_blueprint(page)
    session.register(LoginManager(app))
    app.before_request(session.authorize)
    app.after_request(add_security_headers)
    templating.register_template_globals(app)
    register_error_handlers(app)
    return app


def find_pages() -> list[ConsolePage]:
    """Return all pages, in the order of the navigation."""
    names = (m.name for m in pkgutil.iter_modules(console.__path__, f"{console.__name__}."))
    found = (getattr(importlib.import_module(name), "page", None) for name in names)
    pages = [page for page in found if isinstance(page, ConsolePage)]
    return sorted(pages, key=lambda page: page.place)


def configure(app: Flask, services: Services) -> None:
    """Configure Flask, in part by the settings of this installation."""
    settings = services.settings
    secure = settings.public_url.startswith("https://")
    cookie = "console"
    if secure:
        cookie = "__Secure-console"
    key = hmac.new(settings.secret_key.encode(), b"console", hashlib.sha256)
    app.secret_key = key.hexdigest()
    app.config.update(
        MAX_CONTENT_LENGTH=session.LARGEST_ANONYMOUS_FORM,
        SESSION_COOKIE_NAME=cookie,
        SESSION_COOKIE_PATH=CONSOLE_ADDRESS,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # a link in a mail, and the way back from OpenID Connect
        SEND_FILE_MAX_AGE_DEFAULT=dt.timedelta(days=365),  # the address of a file has its hash
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page may stay open all night
        WTF_CSRF_SSL_STRICT=False,  # the page sends no referrer; the token is proof enough
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.strict_slashes = False


ERROR_KINDS = {
    400: "bad",
    403: "forbidden",
    404: "missing",
    405: "missing",
    413: "large",
    429: "often",
    503: "busy",
}

log = structlog.get_logger()


def register_error_handlers(app: Flask) -> None:
    """Render a page for each error; log unexpected errors without request data."""
    app.register_error_handler(HTTPException, render_error)
    app.register_error_handler(Exception, render_unexpected)


ErrorResponse = tuple[str, int] | tuple[str, int, dict[str, str]] | HTTPException


def render_error(error: HTTPException) -> ErrorResponse:
    """Render the page of an error; an error that has a response of its own is that response."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    kind = ERROR_KINDS.get(code, "broken")
    if isinstance(error, session.ForgedError):
        kind = "forged"
    headers = {name: value for name, value in error.get_headers() if name == "Retry-After"}
    return render_template("error.html", kind=kind, code=code), code, headers


def render_unexpected(error: Exception) -> ErrorResponse:
    """Render a fault of ours. The log has its type and the view only, as its text may name
    people."""
    if current_app.testing:
        raise error
    log.error("page failed", endpoint=request.endpoint, error=type(error).__name__)
    if isinstance(error, SQLAlchemyError):
        return _render_database_away()
    return render_error(InternalServerError())


def _render_database_away() -> tuple[str, int]:
    """Render the error page without a viewer, as the database is unavailable."""
    g._login_user = AnonymousUserMixin()
    g.lines = []
    return render_template("error.html", kind="away", code=503), 503


CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect", "font", "media")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
A_YEAR = 31_536_000
"""Seconds."""


def add_security_headers(response: Response) -> Response:
    """Add security headers; static files may be cached, as their address has a hash."""
    response.headers.update(HEADERS)
    if request.endpoint != "static" or response.status_code != 200:
        response.headers["Cache-Control"] = "no-store"
    if current_services().settings.public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    return response

"""What console and portal have in common: configuration, language, checks of a request, a page for
each error, and security headers.

Each of the two is a ``Site``: an application of its own, with a cookie and a first page.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as cookie
from itsdangerous import BadData, URLSafeSerializer
from jinja2 import StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError
from werkzeug.wrappers import Response as AnyResponse

from ivr_app.context import SERVICES, current_services
from ivr_app.web.i18n import LANGUAGES, has_text, translate
from ivr_app.whole_numbers import register_converters
from routing.line import Line
from service.bootstrap import Services
from service.telemetry import report_error

SITE = "site"
DEFAULT_ZONE = "Europe/Amsterdam"
"""The time zone before the first line is applied."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
FORM_PROOF = "csrf_token"
"""The field of a form, and the place in the session, with the proof that a form is ours."""

shared = Blueprint(
    "web", __name__, static_folder="static", static_url_path="/shared", template_folder="templates"
)
"""The templates and static files of every site."""
STATIC_FILES = ("static", "web.static")
"""The views that answer with a file of ours."""


@dataclass(frozen=True)
class Site:
    """What the shared parts ask of the application that they are in.

    ``name`` is that of its cookie, ``address`` where it is mounted, ``home`` the view of its first
    page, and ``errors`` the section with its own texts of errors; ``web.error.`` has the others.
    """

    name: str
    address: str
    home: str
    errors: str
    list_languages: Callable[[], list[str | None]]
    """The languages of a page in order of preference; unknown ones are passed over."""
    find_zone: Callable[[], str | None]
    """The time zone of the visitor, if they have chosen one."""
    find_line: Callable[[], Line | None]
    """The line of this page."""
    forget_visitor: Callable[[], None]
    """Renders what follows without a visitor, because the database is away."""


def build_site(name: str, site: Site, services: Services) -> Flask:
    """Build the application of a site, without its pages; ``name`` is that of its package."""
    app = Flask(name, static_folder="static", template_folder="templates")
    configure(app, services, site)
    register_converters(app)
    app.register_blueprint(shared)
    app.extensions[SERVICES] = services
    app.after_request(add_security_headers)
    app.register_error_handler(HTTPException, render_error)
    app.register_error_handler(Exception, render_unexpected)
    return app


def configure(app: Flask, services: Services, site: Site) -> None:
    """Configure Flask, in part by the settings of this installation."""
    settings = services.settings
    secure = settings.public_url.startswith("https://")
    name = site.name
    if secure:
        name = f"__Secure-{site.name}"
    key = hmac.new(settings.secret_key.encode(), site.name.encode(), hashlib.sha256)
    app.secret_key = key.hexdigest()
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_ANONYMOUS_FORM,
        SESSION_COOKIE_NAME=name,
        SESSION_COOKIE_PATH=site.address,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # a link in a mail, and the way back from OpenID Connect
        SEND_FILE_MAX_AGE_DEFAULT=dt.timedelta(days=365),  # the address of a file has its hash
    )
    app.extensions[SITE] = site
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.strict_slashes = False


def current_site() -> Site:
    """Return the site that answers this request."""
    found: Site = current_app.extensions[SITE]
    return found


# The language and the time zone of a page.


def language() -> str:
    """Return the language of the page, chosen once per request, as every sentence asks."""
    if "language" not in g:
        wanted = current_site().list_languages()
        g.language = next((one for one in wanted if one in LANGUAGES), LANGUAGES[0])
    found: str = g.language
    return found


def find_browser_language() -> str | None:
    """Return the first language of the browser that we have, or None."""
    return request.accept_languages.best_match(LANGUAGES)


def zone() -> ZoneInfo:
    """Return the time zone of the page: the visitor's, else that of the line."""
    if "zone" not in g:
        g.zone = _choose_zone()
    found: ZoneInfo = g.zone
    return found


def _choose_zone() -> ZoneInfo:
    chosen, line = current_site().find_zone(), current_site().find_line()
    if chosen:
        return ZoneInfo(chosen)
    if line is None:
        return ZoneInfo(DEFAULT_ZONE)
    return ZoneInfo(line.timezone)


def t(key: str, **values: object) -> str:
    """Return the text of this key in the language of the page."""
    return translate(language(), key, **values)


def translate_first(*keys: str) -> str | None:
    """Return the text of the first of these keys that has one: a value from the log may have
    none."""
    return next((t(key) for key in keys if has_text(key)), None)


# Requests that are refused before a view sees them.


LARGEST_ANONYMOUS_FORM = 64 * 1024
"""Bytes of a request without a signed-in user."""


class ForgedError(BadRequest):
    """The CSRF token of a form is missing, wrong or expired."""


def check_request() -> None:
    """Refuse zero bytes, which PostgreSQL does not store, and forms that are not ours."""
    sent = (request.args, request.form)
    values = (value for fields in sent for many in fields.listvalues() for value in many)
    if "\0" in request.path or any("\0" in value for value in values):
        raise BadRequest
    if request.method not in SAFE_METHODS:
        check_form_token(request.headers.get("X-CSRF-Token") or request.form.get(FORM_PROOF))


def make_form_token() -> str:
    """Return the proof that a form is ours: the secret of this browser's session, signed. It lasts
    as long as the session, because a page may stay open all night."""
    if FORM_PROOF not in g:
        secret = cookie.setdefault(FORM_PROOF, secrets.token_hex(32))
        setattr(g, FORM_PROOF, _form_signer().dumps(secret))
    return str(getattr(g, FORM_PROOF))


def check_form_token(token: str | None) -> None:
    """Refuse a form that is not ours. Raises ForgedError."""
    try:
        secret = str(_form_signer().loads(token or ""))
    except BadData:
        raise ForgedError from None
    if not hmac.compare_digest(secret, cookie.get(FORM_PROOF, "")):
        raise ForgedError


def _form_signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="form token")


def empty_cookie() -> None:
    """Empty the cookie of this browser, but keep the language."""
    chosen = cookie.get("language")
    cookie.clear()
    g.pop(FORM_PROOF, None)
    if chosen:
        cookie["language"] = chosen


# Addresses to return to.


def find_safe_address(wanted: str | None) -> str:
    """Return the address if it is in this site, else that of the first page."""
    home = url_for(current_site().home)
    try:
        parts = urlsplit(wanted or "")
    except ValueError:  # such as https://[
        return home
    inside = parts.path.startswith(f"{request.script_root}/") and not parts.scheme
    if inside and not parts.netloc and "\\" not in parts.path and "//" not in parts.path:
        return wanted or ""
    return home


def find_return_address() -> str | None:
    """Return the address to return to after sign-in; None for a form."""
    if request.method not in SAFE_METHODS or is_background_request():
        return None
    return f"{request.script_root}{request.full_path.rstrip('?')}"


def is_background_request() -> bool:
    """Return True for a request that the page makes by itself, to refresh."""
    return request.method in SAFE_METHODS and request.headers.get("HX-Request") == "true"


def redirect_to(address: str) -> AnyResponse:
    """Redirect, also in answer to a request of htmx."""
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address)


# Errors.


ERROR_KINDS = {
    400: "bad",
    403: "forbidden",
    404: "missing",
    405: "missing",
    413: "large",
    429: "often",
    503: "busy",
}
ErrorResponse = tuple[str, int] | tuple[str, int, dict[str, str]] | HTTPException

log = structlog.get_logger()


def render_error(error: HTTPException) -> ErrorResponse:
    """Render the page of an error; an error that has a response of its own is that response."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    kind = ERROR_KINDS.get(code, "broken")
    if isinstance(error, ForgedError):
        kind = "forged"
    headers = {name: value for name, value in error.get_headers() if name == "Retry-After"}
    return _render_error_page(kind, code), code, headers


def render_unexpected(error: Exception) -> ErrorResponse:
    """Render a fault of ours. The log has its type and the view only, as its text may name
    people."""
    if current_app.testing:
        raise error
    log.error("page failed", endpoint=request.endpoint, error=type(error).__name__)
    report_error(error, str(request.endpoint))
    if isinstance(error, SQLAlchemyError):
        current_site().forget_visitor()
        return _render_error_page("away", 503), 503
    return render_error(InternalServerError())


def _render_error_page(kind: str, code: int) -> str:
    own, common = f"{current_site().errors}{kind}", f"web.error.{kind}"
    title = translate_first(f"{own}.title", f"{common}.title")
    advice = translate_first(f"{own}.advice", f"{common}.advice")
    return render_template("error.html", title=title, advice=advice, code=code)


# Headers.


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
    """Add security headers, unless the view has stricter ones; static files may be cached, as
    their address has a hash."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint not in STATIC_FILES or response.status_code != 200:
        response.headers["Cache-Control"] = "no-store"
    if current_services().settings.public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    return response

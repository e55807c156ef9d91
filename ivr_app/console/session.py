"""The signed-in viewer: account, language, time zone, line, and checks of each request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response, abort, current_app, g, has_request_context, redirect, request, url_for
from flask import session as cookie
from flask_login import LoginManager, current_user
from flask_wtf.csrf import ValidationError, validate_csrf
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Response as AnyResponse

from ivr_app.console.i18n import LANGUAGES
from ivr_app.console.page import Anybody, find_needs
from ivr_app.context import current_call_service, current_services
from routing.line import Line
from store.people.accounts import Account, Role
from store.people.audit import AuditEntry
from store.people.sessions import SessionLimits, Sessions

DEFAULT_ZONE = "Europe/Amsterdam"
"""The time zone before the first line is applied."""


@dataclass(frozen=True)
class Viewer:
    """A signed-in user, in the form that Flask-Login needs. ``key`` is the secret of the session,
    ``session_id`` its name in the database."""

    account: Account
    key: str
    session_id: str
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return the key of the session, which the cookie holds instead of the name."""
        return self.key


def current_viewer() -> Viewer:
    """Return the signed-in viewer; only for views that need a role."""
    return cast(Viewer, current_user)


def find_viewer() -> Viewer | None:
    """Return the signed-in viewer, or None."""
    if has_request_context() and current_user.is_authenticated:
        return cast(Viewer, current_user)
    return None


def may(role: Role | str) -> bool:
    """Return True if the role of the viewer covers this role."""
    viewer = find_viewer()
    return viewer is not None and viewer.account.role.covers(Role(role))


def language() -> str:
    """Return the language of the page: of the account, else the last one chosen in this browser,
    else the first that the browser accepts. Chosen once per request, as every sentence asks."""
    if "language" not in g:
        g.language = _choose_language()
    found: str = g.language
    return found


def zone() -> ZoneInfo:
    """Return the time zone of the account, else of the line; chosen once per request."""
    if "zone" not in g:
        g.zone = _choose_zone()
    found: ZoneInfo = g.zone
    return found


def list_lines() -> list[Line]:
    """Return all lines, ordered by id; read once per request."""
    if "lines" not in g:
        g.lines = list(current_services().lines.list_lines())
    found: list[Line] = g.lines
    return found


def current_line() -> Line | None:
    """Return the line of this page: the first candidate that exists, else any line."""
    known = {line.id: line for line in list_lines()}
    found = next((known[wanted] for wanted in list_line_candidates() if wanted in known), None)
    return found or next(iter(known.values()), None)


def require_line() -> Line:
    """Return the line of this page; 404 before the first line is applied."""
    return current_line() or abort(404)


def list_line_candidates() -> tuple[str | None, ...]:
    """Return line ids in order of preference: request, session, account, "main"."""
    wanted, chosen = request.args.get("line"), cookie.get("line")
    viewer = find_viewer()
    if viewer is None:
        return wanted, chosen, "main"
    return wanted, chosen, viewer.account.line, "main"


def find_own_engineer(line: Line) -> str | None:
    """Return the id of the engineer of this line to whom the account of the viewer belongs."""
    viewer = find_viewer()
    if viewer is None or viewer.account.line not in (None, line.id):
        return None
    engineer = line.engineer(viewer.account.engineer or "")
    if engineer is None:
        return None
    return engineer.id


def audit_entry(action: str) -> AuditEntry:
    """Return an audit entry by the viewer for an action, ``page.verb``."""
    viewer, now = current_viewer(), current_call_service().clock()
    return AuditEntry(now, viewer.account.name, "console", action, sitting=viewer.session_id)


def open_sessions() -> Sessions:
    """Return the store of sessions."""
    settings = current_services().settings
    idle, longest = dt.timedelta(hours=settings.console_idle_hours), settings.console_days
    return Sessions(current_services().engine, SessionLimits(idle, dt.timedelta(days=longest)))


def _choose_language() -> str:
    chosen, viewer = cookie.get("language"), find_viewer()
    if viewer is not None:
        chosen = viewer.account.language or chosen
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _choose_zone() -> ZoneInfo:
    viewer = find_viewer()
    if viewer is not None and viewer.account.zone:
        return ZoneInfo(viewer.account.zone)
    line = current_line()
    if line is None:
        return ZoneInfo(DEFAULT_ZONE)
    return ZoneInfo(line.timezone)


SIGN_IN = "sign_in.sign_in"
NEW_PASSWORD = ("profile.password", "profile.new_password", "sign_in.sign_out", "sign_in.language")
"""The only views open after a sign-in with a one-time password."""
LARGEST_ANONYMOUS_FORM = 64 * 1024
"""Bytes of a request without a signed-in user."""
LARGEST_FORM = 16 * 1024 * 1024
"""Bytes of a request of a signed-in user: a file with all contracts fits."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class ForgedError(BadRequest):
    """The CSRF token of a form is missing, wrong or expired."""


def register(manager: LoginManager) -> None:
    """Register the loader that finds a user by the key in the session."""
    manager.session_protection = None  # the session is a row in our database and ends there
    manager.user_loader(_load_viewer)


def authorize() -> AnyResponse | None:
    """Authorize a request. A view without a role is closed."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    if current_user.is_authenticated:
        request.max_content_length = LARGEST_FORM
    _reject_null_bytes()
    if request.method not in SAFE_METHODS:
        _check_csrf()
    who = find_needs(current_app.view_functions[request.endpoint])
    if isinstance(who, Anybody):
        return None
    if not current_user.is_authenticated:
        return redirect_to(url_for(SIGN_IN, next=_find_return_address()))
    account = current_viewer().account
    if who is None or not account.role.covers(who):
        raise Forbidden
    if account.password_once and request.endpoint not in NEW_PASSWORD:
        return redirect_to(url_for(NEW_PASSWORD[0]))
    _remember_line(request.args.get("line"))
    return None


def find_safe_address(wanted: str | None) -> str:
    """Return the address if it is in the console, else that of the first page."""
    try:
        parts = urlsplit(wanted or "")
    except ValueError:  # such as https://[
        return url_for("dashboard.show")
    inside = parts.path.startswith(f"{request.script_root}/") and not parts.scheme
    if inside and not parts.netloc and "\\" not in parts.path and "//" not in parts.path:
        return wanted or ""
    return url_for("dashboard.show")


def is_background_request() -> bool:
    """Return True for a request that the page makes by itself, to refresh."""
    return request.method in SAFE_METHODS and request.headers.get("HX-Request") == "true"


def _remember_line(wanted: str | None) -> None:
    """Make this line that of every later page. A background request changes nothing, or two
    windows would change each other's line."""
    if wanted is None or is_background_request():
        return
    if wanted in (line.id for line in list_lines()):
        cookie["line"] = wanted


def _load_viewer(key: str) -> Viewer | None:
    now = current_call_service().clock()
    found = open_sessions().find(key, now, noted=not is_background_request())
    if found is None:
        return None
    return Viewer(found.account, key, found.id)


def _reject_null_bytes() -> None:
    """Reject zero bytes, which PostgreSQL does not store."""
    sent = (request.args, request.form)
    values = (value for fields in sent for many in fields.listvalues() for value in many)
    if "\0" in request.path or any("\0" in value for value in values):
        raise BadRequest


def _check_csrf() -> None:
    token = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token")
    try:
        validate_csrf(token)
    except ValidationError:
        raise ForgedError from None


def _find_return_address() -> str | None:
    """Return the address to return to after sign-in; None for a form."""
    if request.method not in SAFE_METHODS or is_background_request():
        return None
    return f"{request.script_root}{request.full_path.rstrip('?')}"


def redirect_to(address: str) -> AnyResponse:
    """Redirect, also in answer to a request of htmx."""
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address)

"""The signed-in viewer: account, language, time zone, line, and checks of each request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response, current_app, g, has_request_context, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from flask_wtf.csrf import ValidationError, validate_csrf
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Response as Answer

from ivr_app.console.i18n import LANGUAGES
from ivr_app.console.page import Anybody, find_needs
from ivr_app.context import current_call_service, current_services
from routing.line import Line
from store.people.accounts import Account, Role
from store.people.audit import AuditEntry
from store.people.sessions import SessionLimits, Sessions

DEFAULT_ZONE = "Europe/Amsterdam"
"""The clock before any line is applied."""


@dataclass(frozen=True)
class Viewer:
    """A signed-in user, in the form that Flask-Login needs."""

    account: Account
    key: str
    sitting: str
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
    known = has_request_context() and current_user.is_authenticated
    return cast(Viewer, current_user) if known else None


def may(role: Role | str) -> bool:
    """Return True if the role of the viewer covers this role."""
    person = find_viewer()
    return person is not None and person.account.role.covers(Role(role))


def language() -> str:
    """The language of the page: as the account says, then the browser's choice, then its wish;
    found out once for each request, as every sentence asks."""
    if "language" not in g:
        g.language = _choose_language()
    found: str = g.language
    return found


def zone() -> ZoneInfo:
    """Whose clock times are told by: the account's, or else the line's; likewise once."""
    if "zone" not in g:
        g.zone = _choose_zone()
    found: ZoneInfo = g.zone
    return found


def all_lines() -> list[Line]:
    """Return all lines, ordered by id; read once per request."""
    if "lines" not in g:
        g.lines = list(current_services().people.all_lines())
    found: list[Line] = g.lines
    return found


def current_line() -> Line | None:
    """Return the line of this page: the first candidate that exists, or any line."""
    known = {one.id: one for one in all_lines()}
    found = next((known[wish] for wish in line_candidates() if wish in known), None)
    return found or next(iter(known.values()), None)


def line_candidates() -> tuple[str | None, ...]:
    """Return line ids in order of preference: request, session, account, "main"."""
    person = find_viewer()
    own = person.account.line if person is not None else None
    return request.args.get("line"), session.get("line"), own, "main"


def audit_entry(word: str) -> AuditEntry:
    """Return an audit entry by the viewer for an action, ``page.verb``."""
    person = current_viewer()
    return AuditEntry(
        current_call_service().clock(), person.account.name, "console", word, sitting=person.sitting
    )


def open_sessions() -> Sessions:
    """Return the store of sessions."""
    settings = current_services().settings
    idle = dt.timedelta(hours=settings.console_idle_hours)
    return Sessions(
        current_services().engine, SessionLimits(idle, dt.timedelta(days=settings.console_days))
    )


def _choose_language() -> str:
    person = find_viewer()
    wanted = person.account.language if person else None
    chosen = wanted or session.get("language")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "nl"


def _choose_zone() -> ZoneInfo:
    person = find_viewer()
    if person is not None and person.account.zone:
        return ZoneInfo(person.account.zone)
    first = current_line()
    return ZoneInfo(first.timezone if first else DEFAULT_ZONE)


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
    manager.session_protection = None  # the sitting is a row of ours and ends there
    manager.user_loader(_load_viewer)


def authorize() -> Answer | None:
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
        return redirect_to(url_for(SIGN_IN, next=_return_address()))
    person = cast(Viewer, current_user).account
    if who is None or not person.role.covers(who):
        raise Forbidden
    if person.password_once and request.endpoint not in NEW_PASSWORD:
        return redirect_to(url_for(NEW_PASSWORD[0]))
    _remember_line(request.args.get("line"))
    return None


def safe_address(wanted: str | None) -> str:
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
    """The line that somebody asks for is looked at on every page from then on; what a page asks by
    itself changes nothing, or two windows would."""
    if (
        wanted is not None
        and not is_background_request()
        and wanted in (line.id for line in all_lines())
    ):
        session["line"] = wanted


def _load_viewer(key: str) -> Viewer | None:
    found = open_sessions().find(
        key, current_call_service().clock(), noted=not is_background_request()
    )
    return None if found is None else Viewer(found.account, key, found.id)


def _reject_null_bytes() -> None:
    """Reject zero bytes, which PostgreSQL does not store."""
    said = (request.args, request.form)
    values = (value for each in said for many in each.listvalues() for value in many)
    if "\0" in request.path or any("\0" in value for value in values):
        raise BadRequest


def _check_csrf() -> None:
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token")
    try:
        validate_csrf(given)
    except ValidationError:
        raise ForgedError from None


def _return_address() -> str | None:
    """Return the address to return to after sign-in; None for a form."""
    if request.method not in SAFE_METHODS or is_background_request():
        return None
    return f"{request.script_root}{request.full_path.rstrip('?')}"


def redirect_to(address: str) -> Answer:
    """Redirect, also in answer to a request of htmx."""
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address)

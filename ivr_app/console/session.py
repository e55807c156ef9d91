"""The signed-in viewer: account, language, time zone, line, and checks of each request."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import cast

from flask import abort, current_app, g, has_request_context, request, url_for
from flask import session as cookie
from flask_login import AnonymousUserMixin, LoginManager, current_user
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from ivr_app.console.page import takes_files
from ivr_app.context import current_call_service, current_services
from ivr_app.mounted import CONSOLE_ADDRESS
from ivr_app.web import (
    STATIC_FILES,
    Anybody,
    Site,
    View,
    check_request,
    find_browser_language,
    find_needs,
    find_return_address,
    is_background_request,
    redirect_to,
)
from routing.line import Line
from store.people.accounts import Account, Role
from store.people.audit import AuditEntry
from store.people.sessions import SessionLimits, Sessions


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


def make_form_id(once: str) -> str:
    """Return the id of what this form makes. A second click makes nothing more; a page that is gone
    back to and changed makes something else. ``once`` was made for the page."""
    fields = sorted((name, value) for name, value in request.form.items(multi=True))
    told = [(name, value) for name, value in fields if name != "csrf_token"]
    return hashlib.sha256(repr((once, told)).encode()).hexdigest()[:32]


def open_sessions() -> Sessions:
    """Return the store of sessions."""
    settings = current_services().settings
    idle, longest = dt.timedelta(hours=settings.console_idle_hours), settings.console_days
    return Sessions(current_services().engine, SessionLimits(idle, dt.timedelta(days=longest)))


def list_languages() -> list[str | None]:
    """Return the language of the account, the last one chosen in this browser, and the first that
    the browser accepts."""
    chosen, viewer = [cookie.get("language"), find_browser_language()], find_viewer()
    if viewer is None:
        return chosen
    return [viewer.account.language, *chosen]


def find_zone() -> str | None:
    """Return the time zone of the account, if it has one of its own."""
    viewer = find_viewer()
    if viewer is None:
        return None
    return viewer.account.zone


def forget_viewer() -> None:
    """Render the rest of this request without a viewer, as the database is unavailable."""
    g._login_user = AnonymousUserMixin()
    g.lines = []


CONSOLE_SITE = Site(
    name="console",
    address=CONSOLE_ADDRESS,
    home="dashboard.show",
    errors="console.error.",
    list_languages=list_languages,
    find_zone=find_zone,
    find_line=current_line,
    forget_visitor=forget_viewer,
)


SIGN_IN = "sign_in.sign_in"
NEW_PASSWORD = ("profile.password", "profile.new_password", "sign_in.sign_out", "sign_in.language")
"""The only views open after a sign-in with a one-time password."""
LARGEST_FORM = 16 * 1024 * 1024
"""Bytes of a request of a signed-in user: a file with all contracts fits."""


def register_loader(manager: LoginManager) -> None:
    """Register the loader that finds a user by the key in the session."""
    manager.session_protection = None  # the session is a row in our database and ends there
    manager.user_loader(_load_viewer)


def authorize() -> AnyResponse | None:
    """Authorize a request. A view without a role is closed."""
    if request.endpoint is None or request.endpoint in STATIC_FILES:
        return None
    view = current_app.view_functions[request.endpoint]
    who = find_needs(view)
    if current_user.is_authenticated:
        request.max_content_length = _find_largest_form(view)
    check_request()
    if isinstance(who, Anybody):
        return None
    if not current_user.is_authenticated:
        return redirect_to(url_for(SIGN_IN, next=find_return_address()))
    account = current_viewer().account
    if who is None or not account.role.covers(who):
        raise Forbidden
    if account.password_once and request.endpoint not in NEW_PASSWORD:
        return redirect_to(url_for(NEW_PASSWORD[0]))
    _remember_line(request.args.get("line"))
    return None


def _find_largest_form(view: View) -> int:
    """Return how many bytes the viewer may send to a view: a form with files only if the role may
    use the view."""
    if not takes_files(view) or not may(find_needs(view)):
        return LARGEST_FORM
    return current_services().settings.largest_file + LARGEST_FORM


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

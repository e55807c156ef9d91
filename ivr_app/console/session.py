"""Whoever looks at the console: their account, language and clock, and what they do there."""

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
from ivr_app.console.page import Anybody, needs_of
from ivr_app.context import board, desk
from routing.line import Line
from store.people.accounts import Account, Role
from store.people.audit import AuditEntry
from store.people.sessions import SessionLimits, Sessions

NOWHERE = "Europe/Amsterdam"
"""The clock before any line is applied."""


@dataclass(frozen=True)
class Viewer:
    """Somebody signed in; what Flask-Login asks of a person."""

    account: Account
    key: str
    sitting: str
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What their session holds: the key of the sitting, not their name."""
        return self.key


def viewer() -> Viewer:
    """Whoever is signed in; only for addresses that need a role."""
    return cast(Viewer, current_user)


def signed_in() -> Viewer | None:
    """Whoever is signed in, or None at the door."""
    known = has_request_context() and current_user.is_authenticated
    return cast(Viewer, current_user) if known else None


def may(role: Role | str) -> bool:
    """True when whoever looks may do what this role may."""
    person = signed_in()
    return person is not None and person.account.role.covers(Role(role))


def language() -> str:
    """The language of the page: as the account says, then the browser's choice, then its wish;
    found out once for each request, as every sentence asks."""
    if "language" not in g:
        g.language = _language()
    found: str = g.language
    return found


def zone() -> ZoneInfo:
    """Whose clock times are told by: the account's, or else the line's; likewise once."""
    if "zone" not in g:
        g.zone = _zone()
    found: ZoneInfo = g.zone
    return found


def lines() -> list[Line]:
    """Every line there is, by id; read once for each request."""
    if "lines" not in g:
        g.lines = list(board().people.all_lines())
    found: list[Line] = g.lines
    return found


def line() -> Line | None:
    """The line that is looked at: the first of those wished for that there is, or any."""
    known = {one.id: one for one in lines()}
    found = next((known[wish] for wish in wishes() if wish in known), None)
    return found or next(iter(known.values()), None)


def wishes() -> tuple[str | None, ...]:
    """The lines wished for, by id: the one asked for, the one chosen before, ours, the first."""
    person = signed_in()
    own = person.account.line if person is not None else None
    return request.args.get("line"), session.get("line"), own, "main"


def deed(word: str) -> AuditEntry:
    """What whoever looks is about to do, for the audit log: ``page.verb``."""
    person = viewer()
    return AuditEntry(desk().clock(), person.account.name, "console", word, sitting=person.sitting)


def sittings() -> Sessions:
    """Where people are signed in."""
    settings = board().settings
    idle = dt.timedelta(hours=settings.console_idle_hours)
    return Sessions(board().engine, SessionLimits(idle, dt.timedelta(days=settings.console_days)))


def _language() -> str:
    person = signed_in()
    wanted = person.account.language if person else None
    chosen = wanted or session.get("language")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "nl"


def _zone() -> ZoneInfo:
    person = signed_in()
    if person is not None and person.account.zone:
        return ZoneInfo(person.account.zone)
    first = line()
    return ZoneInfo(first.timezone if first else NOWHERE)


# Each request of the console: who asks, whether they may, and whether their form is ours.


SIGN_IN = "sign_in.sign_in"
NEW_PASSWORD = ("profile.password", "profile.new_password", "sign_in.sign_out", "sign_in.language")
"""All that is open to whoever signed in with a password that is good for once."""
AT_THE_DOOR = 64 * 1024
"""Bytes that somebody may send before we know who it is."""
LARGEST_FORM = 16 * 1024 * 1024
"""Bytes that somebody who is signed in may send: a file with all contracts fits."""
SAFE = ("GET", "HEAD", "OPTIONS")


class ForgedError(BadRequest):
    """A form that did not come from a page of ours, or from one that is long over."""


def open_to(manager: LoginManager) -> None:
    """Let people in by the key in their session."""
    manager.session_protection = None  # the sitting is a row of ours and ends there
    manager.user_loader(_seated)


def admit() -> Answer | None:
    """Let the request through, or say why not; an address that names no role is closed."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    if current_user.is_authenticated:
        request.max_content_length = LARGEST_FORM
    _legible()
    if request.method not in SAFE:
        _ours()
    who = needs_of(current_app.view_functions[request.endpoint])
    if isinstance(who, Anybody):
        return None
    if not current_user.is_authenticated:
        return led_to(url_for(SIGN_IN, next=_here()))
    person = cast(Viewer, current_user).account
    if who is None or not person.role.covers(who):
        raise Forbidden
    if person.password_once and request.endpoint not in NEW_PASSWORD:
        return led_to(url_for(NEW_PASSWORD[0]))
    _look_at(request.args.get("line"))
    return None


def onward(wanted: str | None) -> str:
    """An address of the console to go on to; whatever lies elsewhere is the first page."""
    try:
        parts = urlsplit(wanted or "")
    except ValueError:  # such as https://[
        return url_for("dashboard.show")
    inside = parts.path.startswith(f"{request.script_root}/") and not parts.scheme
    if inside and not parts.netloc and "\\" not in parts.path and "//" not in parts.path:
        return wanted or ""
    return url_for("dashboard.show")


def by_itself() -> bool:
    """True when the page asks and not the person: it is looked at, not used."""
    return request.method in SAFE and request.headers.get("HX-Request") == "true"


def _look_at(wanted: str | None) -> None:
    """The line that somebody asks for is looked at on every page from then on; what a page asks by
    itself changes nothing, or two windows would."""
    if wanted is not None and not by_itself() and wanted in (line.id for line in lines()):
        session["line"] = wanted


def _seated(key: str) -> Viewer | None:
    found = sittings().find(key, desk().clock(), noted=not by_itself())
    return None if found is None else Viewer(found.account, key, found.id)


def _legible() -> None:
    """Nobody types a zero byte, and not every database keeps one."""
    said = (request.args, request.form)
    values = (value for each in said for many in each.listvalues() for value in many)
    if "\0" in request.path or any("\0" in value for value in values):
        raise BadRequest


def _ours() -> None:
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token")
    try:
        validate_csrf(given)
    except ValidationError:
        raise ForgedError from None


def _here() -> str | None:
    """Where somebody wanted to go; a form is not sent again, so it leads to no place."""
    if request.method not in SAFE or by_itself():
        return None
    return f"{request.script_root}{request.full_path.rstrip('?')}"


def led_to(address: str) -> Answer:
    """Go there, also when a part of a page asked."""
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address)

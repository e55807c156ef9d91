"""Each request of the console: who asks, whether they may, and whether their form is ours."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import Response, current_app, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from flask_wtf.csrf import ValidationError, validate_csrf
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Response as Answer

from ivr_app.console.page import Anybody, needs_of
from ivr_app.console.viewer import Viewer, lines, sittings
from ivr_app.switch import desk

SIGN_IN = "door.sign_in"
NEW_PASSWORD = ("own.password", "own.new_password", "door.sign_out", "door.language")
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
        return url_for("now.show")
    inside = parts.path.startswith(f"{request.script_root}/") and not parts.scheme
    if inside and not parts.netloc and "\\" not in parts.path and "//" not in parts.path:
        return wanted or ""
    return url_for("now.show")


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

"""Signing in with an account that people have already, at an OpenID Connect provider."""

from __future__ import annotations

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import OAuthError
from flask import abort, redirect, render_template, request, session, url_for
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response as Answer

from ivr_app.console.door import empty_session, let_in
from ivr_app.console.elsewhere.provider import provider
from ivr_app.console.elsewhere.stranger import NotOursError, account_of
from ivr_app.console.page import Page, public
from ivr_app.console.viewer import signed_in as somebody
from ivr_app.console.viewer import sittings
from ivr_app.share import OUTSIDE
from ivr_app.switch import board, desk
from store.staff.account import Account, Role

page = Page("elsewhere", __name__, Role.VIEWER, path="/door/elsewhere")

WANTED = "wanted"
BROKEN = (AuthlibBaseError, JoseError, RequestException, OAuthError, LookupError, ValueError)
"""What a provider that is away, mistaken or imitated makes of its answer."""

log = structlog.get_logger()
Shown = Answer | tuple[str, int]


@page.before_request
def only_where_configured() -> None:
    """Without a provider there is no such door."""
    if board().settings.oidc_issuer is None:
        abort(404)


@page.get("/")
@public
@OUTSIDE.limits
def go() -> Shown:
    """Off to the provider; where somebody wanted to go is kept until they are back."""
    session[WANTED] = request.args.get("next")
    try:
        away: Answer = provider().authorize_redirect(_back())
    except BROKEN as error:
        return _refused("away", error)
    return away


@page.get("/back")
@public
@OUTSIDE.limits
def back() -> Shown:
    """Back from the provider, with a proof of who it is."""
    try:
        claims = provider().claims()
        account = account_of(claims, board(), desk().clock())
    except NotOursError as error:
        _put_out(error.account)
        return _refused(error.reason, error)
    except BROKEN as error:
        return _refused("away", error)
    return let_in(account, session.get(WANTED))


@page.get("/out")
@public
def out() -> Shown:
    """Signed out here; the provider is asked to sign them out as well, where it can."""
    home = f"{board().settings.public_url}{url_for('door.sign_in')}"
    away = None
    with OUTSIDE.taken() as free:
        try:
            away = provider().end_session(home) if free else None
        except BROKEN as error:
            log.warning("not signed out elsewhere", error=type(error).__name__)
    if away is None:
        return redirect(url_for("door.sign_in"))
    # Not by a redirect: the policy lets the form that signed them out lead nowhere else.
    return render_template("elsewhere/out.html", away=away), 200


def _put_out(account: Account | None) -> None:
    """Whom the provider sends away is signed in no more: not in this browser, nor anywhere else
    where they came in by that account."""
    here = somebody()
    if here is not None:
        sittings().end(here.sitting)
    if account is not None:
        sittings().end_all(account)
    empty_session()


def _back() -> str:
    """Never from ``Host``: the provider sends the proof to this address."""
    inside = url_for("elsewhere.back").removeprefix(request.script_root)
    return f"{board().settings.public_url}{request.script_root}{inside}"


def _refused(reason: str, error: Exception) -> tuple[str, int]:
    log.warning("not signed in elsewhere", reason=reason, error=type(error).__name__)
    return render_template("elsewhere/refused.html", reason=reason), 403

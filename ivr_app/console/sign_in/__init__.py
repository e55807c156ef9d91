"""Signing in with a password and a second factor, signing out, and the choice of a language."""

from __future__ import annotations

import datetime as dt
import hashlib

from flask import flash, redirect, render_template, request, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response

from ivr_app.console import (
    SECOND_FACTOR_BACKOFF,
    ConsolePage,
    audit_entry,
    current_limits,
    current_viewer,
    find_viewer,
    list_login_counters,
    needs,
    open_sessions,
)
from ivr_app.context import current_call_service, current_services
from ivr_app.web import (
    LANGUAGES,
    PageResponse,
    empty_cookie,
    find_safe_address,
    public,
    remember_browser,
    t,
)
from service.counters import COUNTERS
from store.people.accounts import Account, Accounts, Role

page = ConsolePage("sign_in", __name__, Role.VIEWER, path="/sign_in")


@page.get("/")
@public
def sign_in() -> PageResponse:
    """Ask for name and password; redirect a signed-in viewer."""
    if find_viewer() is None:
        return _render_password_form("")
    return redirect(find_safe_address(request.args.get("next")))


@page.post("/")
@public
def signed_in() -> PageResponse:
    """Check name and password, within the rate limits."""
    name, limits = request.form.get("name", ""), current_limits()
    counters = list_login_counters(name)
    if wait := limits.throttle.enter(counters):
        return _render_password_form(t("sign_in.wait", seconds=wait)), 429, _count_throttled(wait)
    account = _check_password(name, request.form.get("password", ""))
    if account is None:
        COUNTERS.count("sign_ins", "refused")
        return _render_password_form(t("sign_in.wrong")), 403
    limits.throttle.forgive([counters[0][0]])
    if account.totp_sealed:
        start_second_step(account, current_call_service().clock())
        return redirect(url_for("sign_in.second", next=request.form.get("next")))
    return start_session(account, request.form.get("next"))


@page.get("/second")
@public
def second() -> PageResponse:
    """Ask for the code of the second factor."""
    if find_pending_account(current_call_service().clock()) is None:
        return redirect(url_for("sign_in.sign_in"))
    return _render_second_step("")


@page.post("/second")
@public
def second_given() -> PageResponse:
    """Check the code of the second factor, within the rate limit."""
    now, limits = current_call_service().clock(), current_limits()
    account = find_pending_account(now)
    if account is None:
        return redirect(url_for("sign_in.sign_in"))
    counter = f"second {account.id}"
    if wait := limits.throttle.enter([(counter, SECOND_FACTOR_BACKOFF)]):
        return _render_second_step(t("sign_in.wait", seconds=wait)), 429, _count_throttled(wait)
    if not limits.second.opens(account, request.form.get("code", ""), now):
        COUNTERS.count("sign_ins", "refused")
        return _render_second_step(t("sign_in.wrong_code")), 403
    limits.throttle.forgive([counter])
    return start_session(account, request.form.get("next"))


@page.post("/out")
@needs(Role.VIEWER)
def sign_out() -> PageResponse:
    """End the session; a viewer of an identity provider can sign out there too."""
    viewer = current_viewer()
    open_sessions().end(viewer.session_id)
    empty_cookie()
    flash(t("sign_in.gone"), "good")
    if viewer.account.subject is not None and _has_provider():
        return redirect(url_for("oidc.out"))
    return redirect(url_for("sign_in.sign_in"))


@page.post("/language")
@public
def language() -> PageResponse:
    """Change the language of this browser, and of the account of a signed-in viewer."""
    wanted, viewer = request.form.get("language"), find_viewer()
    if wanted in LANGUAGES:
        session["language"] = wanted
        if viewer is not None and viewer.account.language != wanted:
            accounts, entry = Accounts(current_services().engine), audit_entry("profile.language")
            accounts.change(viewer.account, entry, language=wanted)
    return redirect(find_safe_address(request.form.get("next")))


def start_session(account: Account, wanted: str | None) -> Response:
    """Start a session in this browser and redirect to an address of the console. Nothing of an
    earlier session stays in the cookie."""
    COUNTERS.count("sign_ins", "let_in")
    empty_cookie()
    login_user(_SessionUser(open_sessions().begin(account, current_call_service().clock())))
    return remember_browser(account.name, redirect(find_safe_address(wanted)))


class _SessionUser:
    """The value that Flask-Login keeps in the cookie: the key of the session."""

    is_active = True

    def __init__(self, key: str) -> None:
        self._key = key

    def get_id(self) -> str:
        return self._key


def _check_password(name: str, password: str) -> Account | None:
    """Return the account if the password is right. An unknown name takes as long as a known one."""
    account, stored = Accounts(current_services().engine).named(name), None
    if account is not None:
        stored = account.password_hash
    if current_limits().passwords.fits(password, stored):
        return account
    return None


def _count_throttled(wait: int) -> dict[str, str]:
    """Count a throttled attempt, and return the headers of its response."""
    COUNTERS.count("sign_ins", "throttled")
    return {"Retry-After": str(wait)}


def _has_provider() -> bool:
    return current_services().settings.oidc_issuer is not None


def _render_password_form(mistake: str) -> str:
    return render_template(
        "sign_in/sign_in.html", mistake=mistake, form=request.form, has_provider=_has_provider()
    )


def _render_second_step(mistake: str) -> str:
    return render_template("sign_in/second.html", mistake=mistake)


PENDING_KEY = "half"
PENDING_SECONDS = 300
"""Seconds between the password and the second factor."""


def start_second_step(account: Account, now: dt.datetime) -> None:
    """Remember in the cookie that this browser has sent the right password."""
    session[PENDING_KEY] = [account.name, _hash_password_proof(account), now.timestamp()]


def find_pending_account(now: dt.datetime) -> Account | None:
    """Return the account whose password this browser has sent, unless the password has changed
    since or the time is over."""
    name, proof, at = session.get(PENDING_KEY) or (None, None, 0.0)
    if name is None or now.timestamp() - at > PENDING_SECONDS:
        return None
    account = Accounts(current_services().engine).named(name)
    if account is None or _hash_password_proof(account) != proof:
        return None
    return account


def _hash_password_proof(account: Account) -> str:
    """Return a value that changes with the password. A browser can read its cookie, so the hash of
    the password is not in it."""
    return hashlib.sha256(f"shown {account.password_hash}".encode()).hexdigest()

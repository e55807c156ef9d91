"""The door: signing in and out, and the language of whoever stands there."""

from __future__ import annotations

import datetime as dt
import hashlib

from flask import flash, redirect, render_template, request, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response as Answer

from ivr_app.console import (
    LANGUAGES,
    SECOND_FACTOR_BACKOFF,
    ConsolePage,
    audit_entry,
    current_limits,
    current_viewer,
    limit_keys,
    needs,
    open_sessions,
    public,
    remember_browser,
    safe_address,
    t,
)
from ivr_app.console import find_viewer as somebody
from ivr_app.context import current_call_service, current_services
from service.counters import COUNTERS
from store.people.accounts import Account, Accounts, Role

page = ConsolePage("sign_in", __name__, Role.VIEWER, path="/sign_in")

Shown = str | Answer | tuple[str, int] | tuple[str, int, dict[str, str]]


@page.get("/")
@public
def sign_in() -> Shown:
    """Ask who it is; whoever is known already goes on."""
    return (
        redirect(safe_address(request.args.get("next")))
        if somebody()
        else _render_password_form("")
    )


@page.post("/")
@public
def signed_in() -> Shown:
    """Look whether it is them, unless they tried too often just now."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    tries = limit_keys(name)
    if wait := current_limits().throttle.enter(tries):
        COUNTERS.count("sign_ins", "throttled")
        return (
            _render_password_form(t("sign_in.wait", seconds=wait)),
            429,
            {"Retry-After": str(wait)},
        )
    found = Accounts(current_services().engine).named(name)
    kept = found.password_hash if found else None
    if not current_limits().passwords.fits(password, kept) or found is None:
        COUNTERS.count("sign_ins", "refused")
        return _render_password_form(t("sign_in.wrong")), 403
    current_limits().throttle.forgive([tries[0][0]])
    if found.totp_sealed:
        start_second_step(found, current_call_service().clock())
        return redirect(url_for("sign_in.second", next=request.form.get("next")))
    return start_session(found, request.form.get("next"))


@page.get("/second")
@public
def second() -> Shown:
    """Ask for the code of their telephone."""
    known = find_pending_account(current_call_service().clock())
    return _render_second_step("") if known else redirect(url_for("sign_in.sign_in"))


@page.post("/second")
@public
def second_given() -> Shown:
    """Look whether the code opens."""
    now = current_call_service().clock()
    found = find_pending_account(now)
    if found is None:
        return redirect(url_for("sign_in.sign_in"))
    subject = f"second {found.id}"
    if wait := current_limits().throttle.enter([(subject, SECOND_FACTOR_BACKOFF)]):
        COUNTERS.count("sign_ins", "throttled")
        return _render_second_step(t("sign_in.wait", seconds=wait)), 429, {"Retry-After": str(wait)}
    if not current_limits().second.opens(found, request.form.get("code", ""), now):
        COUNTERS.count("sign_ins", "refused")
        return _render_second_step(t("sign_in.wrong_code")), 403
    current_limits().throttle.forgive([subject])
    return start_session(found, request.form.get("next"))


@page.post("/out")
@needs(Role.VIEWER)
def sign_out() -> Answer:
    """End this sitting."""
    came_from_elsewhere = current_viewer().account.subject is not None
    open_sessions().end(current_viewer().session_id)
    empty_session()
    flash(t("sign_in.gone"), "good")
    there = came_from_elsewhere and current_services().settings.oidc_issuer is not None
    return redirect(url_for("oidc.out" if there else "sign_in.sign_in"))


@page.post("/language")
@public
def language() -> Answer:
    """Speak another language from now on; whoever is signed in, everywhere."""
    wanted = request.form.get("language")
    if wanted in LANGUAGES:
        session["language"] = wanted
        person = somebody()
        if person is not None and person.account.language != wanted:
            told = audit_entry("profile.language")
            Accounts(current_services().engine).change(person.account, told, language=wanted)
    return redirect(safe_address(request.form.get("next")))


def start_session(account: Account, wanted: str | None) -> Answer:
    """Begin a sitting in this browser; nothing of an earlier one is left in its session."""
    COUNTERS.count("sign_ins", "let_in")
    empty_session()
    login_user(_SessionUser(open_sessions().begin(account, current_call_service().clock())))
    return remember_browser(account.name, redirect(safe_address(wanted)))


class _SessionUser:
    """What Flask-Login keeps of somebody: the key of their sitting."""

    is_active = True

    def __init__(self, key: str) -> None:
        self._key = key

    def get_id(self) -> str:
        return self._key


def empty_session() -> None:
    """Nobody is signed in by this browser any more; the language stays."""
    spoken = session.get("language")
    session.clear()
    if spoken:
        session["language"] = spoken


def _render_password_form(mistake: str) -> str:
    elsewhere = current_services().settings.oidc_issuer is not None
    shown = {"mistake": mistake, "form": request.form, "elsewhere": elsewhere}
    return render_template("sign_in/sign_in.html", **shown)


def _render_second_step(mistake: str) -> str:
    return render_template("sign_in/second.html", mistake=mistake)


# Between the two steps: whoever gave the password and must still give a code.


PENDING_KEY = "half"
PENDING_SECONDS = 300
"""Seconds to find one's telephone in."""


def start_second_step(account: Account, now: dt.datetime) -> None:
    """This browser has shown the password of an account."""
    session[PENDING_KEY] = [account.name, _account_proof(account), now.timestamp()]


def find_pending_account(now: dt.datetime) -> Account | None:
    """Whose password this browser has shown not long ago; not once that has changed."""
    name, proof, at = session.get(PENDING_KEY) or (None, None, 0.0)
    if name is None or now.timestamp() - at > PENDING_SECONDS:
        return None
    found = Accounts(current_services().engine).named(name)
    return found if found and _account_proof(found) == proof else None


def _account_proof(account: Account) -> str:
    """Which password was shown; a browser can read its cookie, so it is not the hash itself."""
    return hashlib.sha256(f"shown {account.password_hash}".encode()).hexdigest()

"""The door: signing in and out, and the language of whoever stands there."""

from __future__ import annotations

import datetime as dt
import hashlib

from flask import flash, redirect, render_template, request, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response as Answer

from ivr_app.console.i18n import LANGUAGES
from ivr_app.console.login_limits import SECOND, counted, keys, remember
from ivr_app.console.page import ConsolePage, needs, public
from ivr_app.console.session import deed, onward, sittings, viewer
from ivr_app.console.session import signed_in as somebody
from ivr_app.console.templating import t
from ivr_app.context import board, desk
from service.logging import TALLY
from store.people.accounts import Account, Accounts, Role

page = ConsolePage("sign_in", __name__, Role.VIEWER, path="/sign_in")

Shown = str | Answer | tuple[str, int] | tuple[str, int, dict[str, str]]


@page.get("/")
@public
def sign_in() -> Shown:
    """Ask who it is; whoever is known already goes on."""
    return redirect(onward(request.args.get("next"))) if somebody() else _asked("")


@page.post("/")
@public
def signed_in() -> Shown:
    """Look whether it is them, unless they tried too often just now."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    tries = counted(name)
    if wait := keys().throttle.enter(tries):
        TALLY.count("sign_ins", "throttled")
        return _asked(t("sign_in.wait", seconds=wait)), 429, {"Retry-After": str(wait)}
    found = Accounts(board().engine).named(name)
    kept = found.password_hash if found else None
    if not keys().passwords.fits(password, kept) or found is None:
        TALLY.count("sign_ins", "refused")
        return _asked(t("sign_in.wrong")), 403
    keys().throttle.forgive([tries[0][0]])
    if found.totp_sealed:
        half_in(found, desk().clock())
        return redirect(url_for("sign_in.second", next=request.form.get("next")))
    return let_in(found, request.form.get("next"))


@page.get("/second")
@public
def second() -> Shown:
    """Ask for the code of their telephone."""
    known = halfway(desk().clock())
    return _second("") if known else redirect(url_for("sign_in.sign_in"))


@page.post("/second")
@public
def second_given() -> Shown:
    """Look whether the code opens."""
    now = desk().clock()
    found = halfway(now)
    if found is None:
        return redirect(url_for("sign_in.sign_in"))
    subject = f"second {found.id}"
    if wait := keys().throttle.enter([(subject, SECOND)]):
        TALLY.count("sign_ins", "throttled")
        return _second(t("sign_in.wait", seconds=wait)), 429, {"Retry-After": str(wait)}
    if not keys().second.opens(found, request.form.get("code", ""), now):
        TALLY.count("sign_ins", "refused")
        return _second(t("sign_in.wrong_code")), 403
    keys().throttle.forgive([subject])
    return let_in(found, request.form.get("next"))


@page.post("/out")
@needs(Role.VIEWER)
def sign_out() -> Answer:
    """End this sitting."""
    came_from_elsewhere = viewer().account.subject is not None
    sittings().end(viewer().sitting)
    empty_session()
    flash(t("sign_in.gone"), "good")
    there = came_from_elsewhere and board().settings.oidc_issuer is not None
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
            told = deed("profile.language")
            Accounts(board().engine).change(person.account, told, language=wanted)
    return redirect(onward(request.form.get("next")))


def let_in(account: Account, wanted: str | None) -> Answer:
    """Begin a sitting in this browser; nothing of an earlier one is left in its session."""
    TALLY.count("sign_ins", "let_in")
    empty_session()
    login_user(_Key(sittings().begin(account, desk().clock())))
    return remember(account.name, redirect(onward(wanted)))


class _Key:
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


def _asked(mistake: str) -> str:
    elsewhere = board().settings.oidc_issuer is not None
    shown = {"mistake": mistake, "form": request.form, "elsewhere": elsewhere}
    return render_template("sign_in/sign_in.html", **shown)


def _second(mistake: str) -> str:
    return render_template("sign_in/second.html", mistake=mistake)


# Between the two steps: whoever gave the password and must still give a code.


HALF = "half"
PATIENCE = 300
"""Seconds to find one's telephone in."""


def half_in(account: Account, now: dt.datetime) -> None:
    """This browser has shown the password of an account."""
    session[HALF] = [account.name, _proof(account), now.timestamp()]


def halfway(now: dt.datetime) -> Account | None:
    """Whose password this browser has shown not long ago; not once that has changed."""
    name, proof, at = session.get(HALF) or (None, None, 0.0)
    if name is None or now.timestamp() - at > PATIENCE:
        return None
    found = Accounts(board().engine).named(name)
    return found if found and _proof(found) == proof else None


def _proof(account: Account) -> str:
    """Which password was shown; a browser can read its cookie, so it is not the hash itself."""
    return hashlib.sha256(f"shown {account.password_hash}".encode()).hexdigest()

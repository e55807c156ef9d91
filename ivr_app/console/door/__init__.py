"""The door: signing in and out, and the language of whoever stands there."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response as Answer

from ivr_app.console.keys import passwords
from ivr_app.console.page import Page, needs, public
from ivr_app.console.viewer import deed, sittings, viewer
from ivr_app.console.viewer import signed_in as somebody
from ivr_app.console.visit import onward
from ivr_app.console.wardrobe import t
from ivr_app.console.words import LANGUAGES
from ivr_app.switch import board, desk
from store.staff.account import Account, Role
from store.staff.accounts import Accounts

page = Page("door", __name__, Role.VIEWER, path="/door")

Shown = str | Answer | tuple[str, int]


@page.get("/")
@public
def sign_in() -> Shown:
    """Ask who it is; whoever is known already goes on."""
    return redirect(onward(request.args.get("next"))) if somebody() else _asked()


@page.post("/")
@public
def signed_in() -> Shown:
    """Look whether it is them."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    found = Accounts(board().engine).named(name)
    kept = found.password_hash if found else None
    if not passwords().fits(password, kept) or found is None:
        return _asked(wrong=True), 403
    let_in(found)
    return redirect(onward(request.form.get("next")))


@page.post("/out")
@needs(Role.VIEWER)
def sign_out() -> Answer:
    """End this sitting."""
    sittings().end(viewer().sitting)
    spoken = session.get("language")
    session.clear()
    session["language"] = spoken
    flash(t("door.gone"), "good")
    return redirect(url_for("door.sign_in"))


@page.post("/language")
@public
def language() -> Answer:
    """Speak another language from now on; whoever is signed in, everywhere."""
    wanted = request.form.get("language")
    if wanted in LANGUAGES:
        session["language"] = wanted
        person = somebody()
        if person is not None and person.account.language != wanted:
            told = deed("own.language")
            Accounts(board().engine).change(person.account, told, language=wanted)
    return redirect(onward(request.form.get("next")))


def let_in(account: Account) -> None:
    """Begin a sitting in this browser; nothing of an earlier one is left in its session."""
    session.clear()
    key = sittings().begin(account, desk().clock())
    login_user(_Key(key))


class _Key:
    """What Flask-Login keeps of somebody: the key of their sitting."""

    is_active = True

    def __init__(self, key: str) -> None:
        self._key = key

    def get_id(self) -> str:
        return self._key


def _asked(*, wrong: bool = False) -> str:
    return render_template("door/sign_in.html", wrong=wrong, form=request.form)

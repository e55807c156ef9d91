"""One's own second step: begun with a telephone, ended with the password."""

from __future__ import annotations

import segno
from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from ivr_app.console.login_limits import SECOND, keys
from ivr_app.console.page import ConsolePage, needs
from ivr_app.console.session import deed, line, viewer
from ivr_app.console.templating import t
from store.people.accounts import Role

page = ConsolePage("second_factor", __name__, Role.VIEWER, path="/profile/second")

Shown = str | Answer | tuple[str, int]


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The square of dots for a telephone, or how to do without."""
    return _ended_by("") if viewer().account.totp_sealed else _begun_with(keys().second.draw(), "")


@page.post("/")
@needs(Role.VIEWER)
def begin() -> Shown:
    """Take the first code, and show those for paper, this once."""
    sealed, code = request.form.get("sealed", ""), request.form.get("code", "").replace(" ", "")
    if viewer().account.totp_sealed or keys().second.key(sealed) is None:
        return redirect(url_for("second_factor.show"))
    codes = keys().second.begin(viewer().account, sealed, code, deed("second_factor.begin"))
    if codes is None:
        return _begun_with(sealed, t("second_factor.wrong_code")), 422
    return render_template("second_factor/codes.html", codes=codes)


@page.post("/end")
@needs(Role.VIEWER)
def end() -> Shown:
    """Name and password are enough again; whoever found an open browser must not say so."""
    account = viewer().account
    if keys().throttle.enter([(f"second {account.id}", SECOND)]):
        return _ended_by(t("second_factor.too_often")), 429
    if not keys().passwords.fits(request.form.get("password", ""), account.password_hash):
        return _ended_by(t("second_factor.wrong_password")), 422
    keys().second.end(account, deed("second_factor.end"))
    flash(t("second_factor.ended"), "good")
    return redirect(url_for("profile.show"))


def _begun_with(sealed: str, mistake: str) -> str:
    here = line()
    name = here.name if here else t("console.name")
    address = keys().second.address(sealed, viewer().account.name, name)
    drawn = segno.make(address, error="m").svg_inline(omitsize=True, dark="#000", light="#fff")
    key = keys().second.key(sealed)
    mistakes = {"code": mistake} if mistake else {}
    return render_template(
        "second_factor/show.html", sealed=sealed, key=key, dots=_dots(drawn), mistakes=mistakes
    )


def _dots(drawn: str) -> Markup:
    """Drawn here, of an address that is ours: nothing in it was given by anybody."""
    return Markup(drawn)  # noqa: S704


def _ended_by(mistake: str) -> str:
    mistakes = {"password": mistake} if mistake else {}
    return render_template("second_factor/end.html", mistakes=mistakes)

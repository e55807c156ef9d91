"""One's own second step: begun with a telephone, ended with the password."""

from __future__ import annotations

import segno
from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from ivr_app.console import (
    SECOND_FACTOR_BACKOFF,
    ConsolePage,
    audit_entry,
    current_limits,
    current_line,
    current_viewer,
    needs,
    t,
)
from store.people.accounts import Role

page = ConsolePage("second_factor", __name__, Role.VIEWER, path="/profile/second")

Shown = str | Answer | tuple[str, int]


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The square of dots for a telephone, or how to do without."""
    return (
        _render_end("")
        if current_viewer().account.totp_sealed
        else _render_begin(current_limits().second.draw(), "")
    )


@page.post("/")
@needs(Role.VIEWER)
def begin() -> Shown:
    """Take the first code, and show those for paper, this once."""
    sealed, code = request.form.get("sealed", ""), request.form.get("code", "").replace(" ", "")
    if current_viewer().account.totp_sealed or current_limits().second.key(sealed) is None:
        return redirect(url_for("second_factor.show"))
    codes = current_limits().second.begin(
        current_viewer().account, sealed, code, audit_entry("second_factor.begin")
    )
    if codes is None:
        return _render_begin(sealed, t("second_factor.wrong_code")), 422
    return render_template("second_factor/codes.html", codes=codes)


@page.post("/end")
@needs(Role.VIEWER)
def end() -> Shown:
    """Name and password are enough again; whoever found an open browser must not say so."""
    account = current_viewer().account
    if current_limits().throttle.enter([(f"second {account.id}", SECOND_FACTOR_BACKOFF)]):
        return _render_end(t("second_factor.too_often")), 429
    if not current_limits().passwords.fits(request.form.get("password", ""), account.password_hash):
        return _render_end(t("second_factor.wrong_password")), 422
    current_limits().second.end(account, audit_entry("second_factor.end"))
    flash(t("second_factor.ended"), "good")
    return redirect(url_for("profile.show"))


def _render_begin(sealed: str, mistake: str) -> str:
    here = current_line()
    name = here.name if here else t("console.name")
    address = current_limits().second.address(sealed, current_viewer().account.name, name)
    drawn = segno.make(address, error="m").svg_inline(omitsize=True, dark="#000", light="#fff")
    key = current_limits().second.key(sealed)
    mistakes = {"code": mistake} if mistake else {}
    return render_template(
        "second_factor/show.html",
        sealed=sealed,
        key=key,
        dots=_draw_qr_code(drawn),
        mistakes=mistakes,
    )


def _draw_qr_code(drawn: str) -> Markup:
    """Drawn here, of an address that is ours: nothing in it was given by anybody."""
    return Markup(drawn)  # noqa: S704


def _render_end(mistake: str) -> str:
    mistakes = {"password": mistake} if mistake else {}
    return render_template("second_factor/end.html", mistakes=mistakes)

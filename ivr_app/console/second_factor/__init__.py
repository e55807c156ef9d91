"""The viewer's own two-factor authentication: turned on with a phone, off with the password."""

from __future__ import annotations

import segno
from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup

from ivr_app.console import (
    SECOND_FACTOR_BACKOFF,
    ConsolePage,
    audit_entry,
    current_limits,
    current_line,
    current_viewer,
    needs,
)
from ivr_app.web import Mistakes, PageResponse, t
from store.people.accounts import Role

page = ConsolePage("second_factor", __name__, Role.VIEWER, path="/profile/second")


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The QR code for an authenticator app, or the form to turn it off."""
    if current_viewer().account.totp_sealed:
        return _render_end({})
    return _render_begin(current_limits().second.draw(), {})


@page.post("/")
@needs(Role.VIEWER)
def begin() -> PageResponse:
    """Verify the first code, and show the recovery codes once."""
    account, steps = current_viewer().account, current_limits().second
    sealed, code = request.form.get("sealed", ""), request.form.get("code", "").replace(" ", "")
    if account.totp_sealed or steps.key(sealed) is None:
        return redirect(url_for("second_factor.show"))
    codes = steps.begin(account, sealed, code, audit_entry("second_factor.begin"))
    if codes is None:
        return _render_begin(sealed, {"code": t("second_factor.wrong_code")}), 422
    return render_template("second_factor/codes.html", codes=codes)


@page.post("/end")
@needs(Role.VIEWER)
def end() -> PageResponse:
    """Turn it off. The password is needed, as somebody else may have found an open browser."""
    account, limits = current_viewer().account, current_limits()
    if limits.throttle.enter([(f"second {account.id}", SECOND_FACTOR_BACKOFF)]):
        return _render_end({"password": t("second_factor.too_often")}), 429
    if not limits.passwords.fits(request.form.get("password", ""), account.password_hash):
        return _render_end({"password": t("second_factor.wrong_password")}), 422
    limits.second.end(account, audit_entry("second_factor.end"))
    flash(t("second_factor.ended"), "good")
    return redirect(url_for("profile.show"))


def _render_begin(sealed: str, mistakes: Mistakes) -> str:
    second, name, line = current_limits().second, t("console.name"), current_line()
    if line is not None:
        name = line.name
    address = second.address(sealed, current_viewer().account.name, name)
    return render_template(
        "second_factor/show.html",
        sealed=sealed,
        key=second.key(sealed),
        dots=_draw_qr_code(address),
        mistakes=mistakes,
    )


def _draw_qr_code(address: str) -> Markup:
    """Return the QR code as SVG, which segno draws: it contains no text of anybody else."""
    drawn = segno.make(address, error="m").svg_inline(omitsize=True, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704


def _render_end(mistakes: Mistakes) -> str:
    return render_template("second_factor/end.html", mistakes=mistakes)

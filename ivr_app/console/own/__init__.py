"""One's own account: password, language and clock."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from flask import flash, redirect, render_template, url_for
from pydantic import AfterValidator, Field, SecretStr
from werkzeug.wrappers import Response as Answer

from ivr_app.console.form import Form, Mistakes, read
from ivr_app.console.keys import keys
from ivr_app.console.page import Page, needs
from ivr_app.console.viewer import deed, sittings, viewer
from ivr_app.console.wardrobe import t
from ivr_app.switch import board, desk
from store.staff.account import Role
from store.staff.accounts import Accounts
from store.staff.passwords import LONGEST, SHORTEST

page = Page("own", __name__, Role.VIEWER)

Shown = str | Answer | tuple[str, int]


def _zone(wanted: str) -> str:
    if wanted and wanted not in available_timezones():
        raise ValueError("own.no_such_zone")
    return wanted


class Clock(Form):
    """Whose clock tells the times; none for the line's."""

    zone: Annotated[str, AfterValidator(_zone)] = ""


class NewPassword(Form):
    """The old one and the new one."""

    old: SecretStr
    new: Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST)]


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """What stands in one's account."""
    return _shown({})


@page.post("/clock")
@needs(Role.VIEWER)
def clock() -> Shown:
    """Tell times by another clock from now on."""
    form, mistakes = read(Clock)
    if form is None:
        return _shown(mistakes), 422
    Accounts(board().engine).change(viewer().account, deed("own.clock"), zone=form.zone or None)
    flash(t("own.kept"), "good")
    return redirect(url_for("own.show"))


@page.get("/password")
@needs(Role.VIEWER)
def password() -> str:
    """Ask for a new password."""
    return _password({})


@page.post("/password")
@needs(Role.VIEWER)
def new_password() -> Shown:
    """Take the new password, and end every other sitting."""
    account, fits = viewer().account, keys().passwords.fits
    form, mistakes = read(NewPassword)
    if form is not None and not fits(form.old.get_secret_value(), account.password_hash):
        mistakes = {"old": t("own.wrong_password")}
    elif form is not None and form.new == form.old:
        mistakes = {"new": t("own.same_password")}
    if form is None or mistakes:
        return _password(mistakes), 422
    kept = keys().passwords.hash(form.new.get_secret_value())
    told = deed("own.password")
    Accounts(board().engine).change(account, told, password_hash=kept, password_once=False)
    flash(t("own.password_kept"), "good")
    return redirect(url_for("now.show"))


@page.post("/elsewhere")
@needs(Role.VIEWER)
def elsewhere() -> Answer:
    """Sign out everywhere but here."""
    ended = sittings().end_others(viewer().account, viewer().sitting)
    flash(t("own.ended", n=ended), "good")
    return redirect(url_for("own.show"))


def _shown(mistakes: Mistakes) -> str:
    places = sittings().places(viewer().account, desk().clock())
    zones = [("", t("own.clock_of_line")), *((one, one) for one in sorted(available_timezones()))]
    return render_template("own/show.html", places=places, zones=zones, mistakes=mistakes)


def _password(mistakes: Mistakes) -> str:
    return render_template("own/password.html", mistakes=mistakes, shortest=SHORTEST)

"""One's own account: password, language and clock."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from flask import flash, redirect, render_template, url_for
from pydantic import AfterValidator, Field, SecretStr
from werkzeug.wrappers import Response as Answer

from ivr_app.console import (
    ConsolePage,
    Form,
    Mistakes,
    audit_entry,
    current_limits,
    current_viewer,
    needs,
    open_sessions,
    read_form,
    t,
)
from ivr_app.context import current_call_service, current_services
from store.people.accounts import Accounts, Role
from store.people.hashing import LONGEST, SHORTEST

page = ConsolePage("profile", __name__, Role.VIEWER)

Shown = str | Answer | tuple[str, int]


def _check_zone(wanted: str) -> str:
    if wanted and wanted not in available_timezones():
        raise ValueError("profile.no_such_zone")
    return wanted


class ClockForm(Form):
    """Whose clock tells the times; none for the line's."""

    zone: Annotated[str, AfterValidator(_check_zone)] = ""


class PasswordForm(Form):
    """The old one and the new one."""

    old: SecretStr
    new: Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST)]


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """What stands in one's account."""
    return _render_profile({})


@page.post("/clock")
@needs(Role.VIEWER)
def clock() -> Shown:
    """Tell times by another clock from now on."""
    form, mistakes = read_form(ClockForm)
    if form is None:
        return _render_profile(mistakes), 422
    Accounts(current_services().engine).change(
        current_viewer().account, audit_entry("profile.clock"), zone=form.zone or None
    )
    flash(t("profile.kept"), "good")
    return redirect(url_for("profile.show"))


@page.get("/password")
@needs(Role.VIEWER)
def password() -> str:
    """Ask for a new password."""
    return _render_password({})


@page.post("/password")
@needs(Role.VIEWER)
def new_password() -> Shown:
    """Take the new password, and end every other sitting."""
    account, fits = current_viewer().account, current_limits().passwords.fits
    form, mistakes = read_form(PasswordForm)
    if form is not None and not fits(form.old.get_secret_value(), account.password_hash):
        mistakes = {"old": t("profile.wrong_password")}
    elif form is not None and form.new == form.old:
        mistakes = {"new": t("profile.same_password")}
    if form is None or mistakes:
        return _render_password(mistakes), 422
    kept = current_limits().passwords.hash(form.new.get_secret_value())
    told = audit_entry("profile.password")
    Accounts(current_services().engine).change(
        account, told, password_hash=kept, password_once=False
    )
    flash(t("profile.password_kept"), "good")
    return redirect(url_for("dashboard.show"))


@page.post("/elsewhere")
@needs(Role.VIEWER)
def elsewhere() -> Answer:
    """Sign out everywhere but here."""
    ended = open_sessions().end_others(current_viewer().account, current_viewer().session_id)
    flash(t("profile.ended", n=ended), "good")
    return redirect(url_for("profile.show"))


def _render_profile(mistakes: Mistakes) -> str:
    places = open_sessions().places(current_viewer().account, current_call_service().clock())
    zones = [
        ("", t("profile.clock_of_line")),
        *((one, one) for one in sorted(available_timezones())),
    ]
    return render_template("profile/show.html", places=places, zones=zones, mistakes=mistakes)


def _render_password(mistakes: Mistakes) -> str:
    return render_template("profile/password.html", mistakes=mistakes, shortest=SHORTEST)

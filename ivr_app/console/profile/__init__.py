"""The account of the viewer: password and time zone. Copy this page to add a form."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from flask import flash, redirect, render_template, url_for
from pydantic import AfterValidator, Field, SecretStr

from ivr_app.console import (
    ConsolePage,
    audit_entry,
    current_limits,
    current_viewer,
    list_lines,
    needs,
    open_sessions,
)
from ivr_app.context import current_call_service, current_services
from ivr_app.web import Form, Mistakes, PageResponse, read_form, t
from store.people.accounts import Accounts, Role
from store.people.hashing import LONGEST, SHORTEST

page = ConsolePage("profile", __name__, Role.VIEWER)


def _check_zone(zone: str) -> str:
    if zone and zone not in available_timezones():
        raise ValueError("profile.no_such_zone")
    return zone


class ZoneForm(Form):
    """The time zone of the account; empty for that of the line."""

    zone: Annotated[str, AfterValidator(_check_zone)] = ""


class PasswordForm(Form):
    """The old and the new password."""

    old: SecretStr
    new: Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST)]


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The account of the viewer."""
    return _render_profile({})


@page.post("/clock")
@needs(Role.VIEWER)
def clock() -> PageResponse:
    """Change the time zone."""
    form, mistakes = read_form(ZoneForm)
    if form is None:
        return _render_profile(mistakes), 422
    accounts, account = Accounts(current_services().engine), current_viewer().account
    accounts.change(account, audit_entry("profile.clock"), zone=form.zone or None)
    flash(t("profile.kept"), "good")
    return redirect(url_for("profile.show"))


@page.get("/password")
@needs(Role.VIEWER)
def password() -> str:
    """The form for a new password."""
    return _render_password({})


@page.post("/password")
@needs(Role.VIEWER)
def new_password() -> PageResponse:
    """Change the password, and end all other sessions of the account."""
    account, passwords = current_viewer().account, current_limits().passwords
    form, mistakes = read_form(PasswordForm)
    if form is None:
        return _render_password(mistakes), 422
    if not passwords.fits(form.old.get_secret_value(), account.password_hash):
        return _render_password({"old": t("profile.wrong_password")}), 422
    if form.new == form.old:
        return _render_password({"new": t("profile.same_password")}), 422
    Accounts(current_services().engine).change(
        account,
        audit_entry("profile.password"),
        password_hash=passwords.hash(form.new.get_secret_value()),
        password_once=False,
    )
    flash(t("profile.password_kept"), "good")
    return redirect(url_for("dashboard.show"))


@page.post("/elsewhere")
@needs(Role.VIEWER)
def elsewhere() -> PageResponse:
    """End all other sessions of the account."""
    viewer = current_viewer()
    ended = open_sessions().end_others(viewer.account, viewer.session_id)
    flash(t("profile.ended", n=ended), "good")
    return redirect(url_for("profile.show"))


def _render_profile(mistakes: Mistakes) -> str:
    places = open_sessions().places(current_viewer().account, current_call_service().clock())
    known = [(zone, zone) for zone in sorted(available_timezones())]
    zones = [("", t("profile.clock_of_line")), *known]
    return render_template(
        "profile/show.html",
        engineer=_find_engineer(),
        places=places,
        zones=zones,
        mistakes=mistakes,
    )


def _find_engineer() -> str | None:
    """Return the name of the viewer's engineer, or the id of an engineer who has left."""
    account = current_viewer().account
    for line in list_lines():
        engineer = line.engineer(account.engineer or "")
        if engineer is not None and account.line in (None, line.id):
            return engineer.name
    return account.engineer


def _render_password(mistakes: Mistakes) -> str:
    return render_template("profile/password.html", mistakes=mistakes, shortest=SHORTEST)

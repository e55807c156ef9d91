"""Accounts: add, change role or engineer, reset, end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from flask import abort, flash, redirect, render_template, url_for
from pydantic import AfterValidator, Field, StringConstraints
from werkzeug.wrappers import Response as Answer

from ivr_app.console import (
    LANGUAGES,
    ConsolePage,
    Form,
    Mistakes,
    all_lines,
    audit_entry,
    current_limits,
    current_viewer,
    needs,
    open_sessions,
    read_form,
    t,
)
from ivr_app.context import current_call_service, current_services
from routing.line import Line
from service import accounts
from service.accounts import EngineerRef
from store.people.accounts import Account, Accounts, LastAdminError, NameTakenError, Role

page = ConsolePage("accounts", __name__, Role.ADMIN, place=90)

Shown = str | Answer | tuple[str, int]


@page.get("/")
@needs(Role.ADMIN)
def show() -> str:
    """List all accounts, with a form to add one."""
    return _render_list({})


@page.post("/")
@needs(Role.ADMIN)
def add() -> Shown:
    """Add an account and show its one-time password."""
    form, mistakes = read_form(NewAccountForm)
    if form is None:
        return _render_list(mistakes), 422
    try:
        given = accounts.create_account(
            current_services(), form.account(), audit_entry("accounts.add")
        )
    except NameTakenError:
        return _render_list({"name": t("accounts.name_taken")}), 422
    return _initial_values(given)


@page.get("/<int:number>")
@needs(Role.ADMIN)
def one(number: int) -> str:
    """What somebody may do, and what can be done with their account."""
    return _render_account(_find_account(number), {})


@page.post("/<int:number>/role")
@needs(Role.ADMIN)
def role(number: int) -> Shown:
    """Change the role of an account."""
    account, (form, mistakes) = _find_account(number), read_form(RoleForm)
    if form is None:
        return _render_account(account, mistakes), 422
    try:
        accounts.change_role(current_services(), account, form.role, audit_entry("accounts.role"))
    except LastAdminError:
        return _render_account(account, {"role": t("accounts.last_admin")}), 422
    except accounts.RoleFromProviderError:
        return _render_account(account, {"role": t("accounts.told_elsewhere")}), 422
    return _redirect_to_account(account)


@page.post("/<int:number>/engineer")
@needs(Role.ADMIN)
def engineer(number: int) -> Shown:
    """Say who they are on the rota."""
    account, (form, mistakes) = _find_account(number), read_form(EngineerForm)
    if form is None:
        return _render_account(account, mistakes), 422
    accounts.link_engineer(current_services(), account, form.post, audit_entry("accounts.engineer"))
    return _redirect_to_account(account)


@page.post("/<int:number>/password")
@needs(Role.ADMIN)
def password(number: int) -> Shown:
    """Create a one-time password and show it once."""
    given = accounts.reset_password(
        current_services(), _find_account(number), audit_entry("accounts.password")
    )
    return _initial_values(given) if given else redirect(url_for("accounts.show"))


@page.post("/<int:number>/second")
@needs(Role.ADMIN)
def second(number: int) -> Answer:
    """Turn off two-factor authentication, for a lost phone."""
    account = _find_account(number)
    current_limits().second.end(account, audit_entry("accounts.second"))
    return _redirect_to_account(account)


@page.post("/<int:number>/end")
@needs(Role.ADMIN)
def end(number: int) -> Shown:
    """End the account and its sessions."""
    account = _find_account(number)
    try:
        accounts.delete_account(current_services(), account, audit_entry("accounts.end"))
    except LastAdminError:
        return _render_account(account, {"end": t("accounts.last_admin")}), 422
    flash(t("accounts.ended", name=account.name), "good")
    return redirect(url_for("accounts.show"))


def _find_account(number: int) -> Account:
    return Accounts(current_services().engine).numbered(number) or abort(404)


def _redirect_to_account(account: Account) -> Answer:
    flash(t("accounts.kept"), "good")
    return redirect(url_for("accounts.one", number=account.id))


def _render_list(mistakes: Mistakes) -> str:
    known = rota_options(all_lines())
    everybody = [(one, rota_name(one, known)) for one in Accounts(current_services().engine).all()]
    about = {"posts": known, "roles": _role_options(), "mistakes": mistakes}
    return render_template("accounts/show.html", everybody=everybody, **about)


def _render_account(account: Account, mistakes: Mistakes) -> str:
    own = account.id == current_viewer().account.id
    about = {"posts": rota_options(all_lines()), "roles": _role_options(), "mistakes": mistakes}
    return render_template(
        "accounts/one.html",
        account=account,
        post=rota_value(account),
        own=own,
        verbs=("end",) if own else _list_actions(account),
        places=open_sessions().places(account, current_call_service().clock()),
        **about,
    )


def _list_actions(account: Account) -> tuple[str, ...]:
    return ("password", "second", "end") if account.totp_sealed else ("password", "end")


def _role_options() -> list[tuple[str, str]]:
    return [(role.value, t(f"console.role.{role}")) for role in Role]


def _initial_values(given: accounts.AccountWithPassword) -> str:
    account, word = given
    return render_template("accounts/given.html", account=account, word=word)


# What an admin fills in about somebody, and the people of the rotas whom they may be.


LONGEST_NAME = 80
SEPARATOR = " "
"""No id of a line or an engineer has one."""


def _check_language(wanted: str) -> str:
    if wanted and wanted not in LANGUAGES:
        raise ValueError("console.mistake.wrong")
    return wanted


def _check_engineer(wanted: str) -> str:
    if wanted and wanted not in dict(rota_options(all_lines())):
        raise ValueError("accounts.no_such_engineer")
    return wanted


class EngineerForm(Form):
    """Who somebody is on the rota; nobody where it is left empty."""

    engineer: Annotated[str, AfterValidator(_check_engineer)] = ""

    @property
    def post(self) -> EngineerRef | None:
        """The line and the engineer."""
        line, _, engineer = self.engineer.partition(SEPARATOR)
        return (line, engineer) if engineer else None


class RoleForm(Form):
    """What somebody may do."""

    role: Role


class NewAccountForm(EngineerForm, RoleForm):
    """Somebody who is let in."""

    name: Annotated[str, StringConstraints(min_length=1), Field(max_length=LONGEST_NAME)]
    language: Annotated[str, AfterValidator(_check_language)] = ""

    def account(self) -> Account:
        """Their account, as it is asked for."""
        line, engineer = self.post or (None, None)
        language = self.language or None
        return Account(0, self.name, self.role, line=line, engineer=engineer, language=language)


def rota_options(of: Sequence[Line]) -> list[tuple[str, str]]:
    """Everybody on a rota, as a form has them and as they are called; with the line where there are
    several."""
    several = len(of) > 1
    return [
        (f"{line.id}{SEPARATOR}{one.id}", f"{one.name}, {line.name}" if several else one.name)
        for line in of
        for one in line.engineers
    ]


def rota_value(account: Account) -> str:
    """Who somebody is on the rota, as a form has it."""
    return f"{account.line}{SEPARATOR}{account.engineer}" if account.engineer else ""


def rota_name(account: Account, known: Sequence[tuple[str, str]]) -> str | None:
    """Who somebody is on the rota, by name; by id where the rota knows them no more."""
    return dict(known).get(rota_value(account), account.engineer)

"""Accounts: add one, change its role or engineer, reset its password, delete it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from flask import abort, flash, redirect, render_template, url_for
from pydantic import AfterValidator, Field, StringConstraints
from werkzeug.wrappers import Response

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
from ivr_app.web import LANGUAGES, Form, Mistakes, PageResponse, read_form, t
from routing.line import Line
from service import accounts
from store.people.accounts import Account, Accounts, LastAdminError, NameTakenError, Role

page = ConsolePage("accounts", __name__, Role.ADMIN, place=90)

LONGEST_NAME = 80
SEPARATOR = " "
"""Separates the line from the engineer; no id contains it."""


def _check_language(language: str) -> str:
    if language and language not in LANGUAGES:
        raise ValueError("web.mistake.wrong")
    return language


def _check_engineer(engineer: str) -> str:
    if engineer and engineer not in dict(list_rota_options(list_lines())):
        raise ValueError("accounts.no_such_engineer")
    return engineer


class EngineerForm(Form):
    """The engineer to whom an account belongs; empty for none."""

    engineer: Annotated[str, AfterValidator(_check_engineer)] = ""

    @property
    def reference(self) -> accounts.EngineerRef | None:
        """The line and the engineer."""
        line, _, engineer = self.engineer.partition(SEPARATOR)
        if not engineer:
            return None
        return line, engineer


class RoleForm(Form):
    """The role of an account."""

    role: Role


class NewAccountForm(EngineerForm, RoleForm):
    """A new account."""

    name: Annotated[str, StringConstraints(min_length=1), Field(max_length=LONGEST_NAME)]
    language: Annotated[str, AfterValidator(_check_language)] = ""

    def account(self) -> Account:
        """Return the account, which has no id yet."""
        line, engineer = self.reference or (None, None)
        language = self.language or None
        return Account(0, self.name, self.role, line=line, engineer=engineer, language=language)


@page.get("/")
@needs(Role.ADMIN)
def show() -> str:
    """List all accounts, with a form to add one."""
    return _render_list({})


@page.post("/")
@needs(Role.ADMIN)
def add() -> PageResponse:
    """Add an account and show its one-time password."""
    form, mistakes = read_form(NewAccountForm)
    if form is None:
        return _render_list(mistakes), 422
    entry = audit_entry("accounts.add")
    try:
        created = accounts.create_account(current_services(), form.account(), entry)
    except NameTakenError:
        return _render_list({"name": t("accounts.name_taken")}), 422
    return _render_password(created)


@page.get("/<int:number>")
@needs(Role.ADMIN)
def one(number: int) -> str:
    """Show an account and its actions."""
    return _render_account(_find_account(number), {})


@page.post("/<int:number>/role")
@needs(Role.ADMIN)
def role(number: int) -> PageResponse:
    """Change the role of an account."""
    account, (form, mistakes) = _find_account(number), read_form(RoleForm)
    if form is None:
        return _render_account(account, mistakes), 422
    try:
        accounts.change_role(current_services(), account, form.role, audit_entry("accounts.role"))
    except LastAdminError:
        return _render_account(account, {"role": t("accounts.last_admin")}), 422
    except accounts.RoleFromProviderError:
        return _render_account(account, {"role": t("accounts.role_of_provider")}), 422
    return _redirect_to_account(account)


@page.post("/<int:number>/engineer")
@needs(Role.ADMIN)
def engineer(number: int) -> PageResponse:
    """Link an account to an engineer."""
    account, (form, mistakes) = _find_account(number), read_form(EngineerForm)
    if form is None:
        return _render_account(account, mistakes), 422
    entry = audit_entry("accounts.engineer")
    accounts.link_engineer(current_services(), account, form.reference, entry)
    return _redirect_to_account(account)


@page.post("/<int:number>/password")
@needs(Role.ADMIN)
def password(number: int) -> PageResponse:
    """Create a one-time password and show it once."""
    account, entry = _find_account(number), audit_entry("accounts.password")
    reset = accounts.reset_password(current_services(), account, entry)
    if reset is None:
        return redirect(url_for("accounts.show"))
    return _render_password(reset)


@page.post("/<int:number>/second")
@needs(Role.ADMIN)
def second(number: int) -> PageResponse:
    """Turn off two-factor authentication, for a lost phone."""
    account = _find_account(number)
    current_limits().second.end(account, audit_entry("accounts.second"))
    return _redirect_to_account(account)


@page.post("/<int:number>/end")
@needs(Role.ADMIN)
def end(number: int) -> PageResponse:
    """Delete the account and its sessions."""
    account = _find_account(number)
    try:
        accounts.delete_account(current_services(), account, audit_entry("accounts.end"))
    except LastAdminError:
        return _render_account(account, {"end": t("accounts.last_admin")}), 422
    flash(t("accounts.ended", name=account.name), "good")
    return redirect(url_for("accounts.show"))


def _find_account(number: int) -> Account:
    return Accounts(current_services().engine).numbered(number) or abort(404)


def _redirect_to_account(account: Account) -> Response:
    flash(t("accounts.kept"), "good")
    return redirect(url_for("accounts.one", number=account.id))


def _render_list(mistakes: Mistakes) -> str:
    engineers = list_rota_options(list_lines())
    found = Accounts(current_services().engine).all()
    return render_template(
        "accounts/show.html",
        accounts=[(account, find_rota_name(account, engineers)) for account in found],
        engineers=engineers,
        roles=_list_roles(),
        mistakes=mistakes,
    )


def _render_account(account: Account, mistakes: Mistakes) -> str:
    return render_template(
        "accounts/one.html",
        account=account,
        engineer=build_rota_value(account),
        engineers=list_rota_options(list_lines()),
        roles=_list_roles(),
        own=account.id == current_viewer().account.id,
        verbs=_list_actions(account),
        places=open_sessions().places(account, current_call_service().clock()),
        mistakes=mistakes,
    )


def _list_actions(account: Account) -> tuple[str, ...]:
    """Return the actions on an account. Viewers reset their own password in their profile."""
    if account.id == current_viewer().account.id:
        return ("end",)
    if account.totp_sealed:
        return ("password", "second", "end")
    return ("password", "end")


def _list_roles() -> list[tuple[str, str]]:
    return [(role.value, t(f"console.role.{role}")) for role in Role]


def _render_password(created: accounts.AccountWithPassword) -> str:
    account, word = created
    return render_template("accounts/given.html", account=account, word=word)


def list_rota_options(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Return the engineers of all lines: values of the form and names, with the name of the line if
    there are several lines."""
    options = []
    for line in lines:
        for engineer in line.engineers:
            name = engineer.name
            if len(lines) > 1:
                name = f"{engineer.name}, {line.name}"
            options.append((f"{line.id}{SEPARATOR}{engineer.id}", name))
    return options


def build_rota_value(account: Account) -> str:
    """Return the engineer of an account as a value of the form."""
    if not account.engineer:
        return ""
    return f"{account.line}{SEPARATOR}{account.engineer}"


def find_rota_name(account: Account, engineers: Sequence[tuple[str, str]]) -> str | None:
    """Return the name of the engineer of an account, or the id of an engineer who has left."""
    return dict(engineers).get(build_rota_value(account), account.engineer)

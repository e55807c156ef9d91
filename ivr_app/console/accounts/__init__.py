"""Who may sign in, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from flask import abort, flash, redirect, render_template, url_for
from pydantic import AfterValidator, Field, StringConstraints
from werkzeug.wrappers import Response as Answer

from ivr_app.console.forms import Form, Mistakes, read
from ivr_app.console.i18n import LANGUAGES
from ivr_app.console.login_limits import keys
from ivr_app.console.page import ConsolePage, needs
from ivr_app.console.session import deed, lines, sittings, viewer
from ivr_app.console.templating import t
from ivr_app.context import board, desk
from routing.line import Line
from service import accounts
from service.accounts import Post
from store.people.accounts import Account, Accounts, LastAdminError, NameTakenError, Role

page = ConsolePage("accounts", __name__, Role.ADMIN, place=90)

Shown = str | Answer | tuple[str, int]


@page.get("/")
@needs(Role.ADMIN)
def show() -> str:
    """Everybody, and a way in for one more."""
    return _shown({})


@page.post("/")
@needs(Role.ADMIN)
def add() -> Shown:
    """Let somebody in, and show the password, this once."""
    form, mistakes = read(NewAccountForm)
    if form is None:
        return _shown(mistakes), 422
    try:
        given = accounts.hire(board(), form.account(), deed("accounts.add"))
    except NameTakenError:
        return _shown({"name": t("accounts.name_taken")}), 422
    return _given(given)


@page.get("/<int:number>")
@needs(Role.ADMIN)
def one(number: int) -> str:
    """What somebody may do, and what can be done with their account."""
    return _one(_known(number), {})


@page.post("/<int:number>/role")
@needs(Role.ADMIN)
def role(number: int) -> Shown:
    """From now on they may do what another role may."""
    account, (form, mistakes) = _known(number), read(RoleForm)
    if form is None:
        return _one(account, mistakes), 422
    try:
        accounts.appoint(board(), account, form.role, deed("accounts.role"))
    except LastAdminError:
        return _one(account, {"role": t("accounts.last_admin")}), 422
    except accounts.ToldElsewhereError:
        return _one(account, {"role": t("accounts.told_elsewhere")}), 422
    return _kept(account)


@page.post("/<int:number>/engineer")
@needs(Role.ADMIN)
def engineer(number: int) -> Shown:
    """Say who they are on the rota."""
    account, (form, mistakes) = _known(number), read(EngineerForm)
    if form is None:
        return _one(account, mistakes), 422
    accounts.tie(board(), account, form.post, deed("accounts.engineer"))
    return _kept(account)


@page.post("/<int:number>/password")
@needs(Role.ADMIN)
def password(number: int) -> Shown:
    """Another password for once; shown, this once."""
    given = accounts.another_password(board(), _known(number), deed("accounts.password"))
    return _given(given) if given else redirect(url_for("accounts.show"))


@page.post("/<int:number>/second")
@needs(Role.ADMIN)
def second(number: int) -> Answer:
    """The telephone with the codes was lost: without them, for now."""
    account = _known(number)
    keys().second.end(account, deed("accounts.second"))
    return _kept(account)


@page.post("/<int:number>/end")
@needs(Role.ADMIN)
def end(number: int) -> Shown:
    """They are out, and do not come back."""
    account = _known(number)
    try:
        accounts.let_go(board(), account, deed("accounts.end"))
    except LastAdminError:
        return _one(account, {"end": t("accounts.last_admin")}), 422
    flash(t("accounts.ended", name=account.name), "good")
    return redirect(url_for("accounts.show"))


def _known(number: int) -> Account:
    return Accounts(board().engine).numbered(number) or abort(404)


def _kept(account: Account) -> Answer:
    flash(t("accounts.kept"), "good")
    return redirect(url_for("accounts.one", number=account.id))


def _shown(mistakes: Mistakes) -> str:
    known = posts(lines())
    everybody = [(one, on_rota(one, known)) for one in Accounts(board().engine).all()]
    about = {"posts": known, "roles": _roles(), "mistakes": mistakes}
    return render_template("accounts/show.html", everybody=everybody, **about)


def _one(account: Account, mistakes: Mistakes) -> str:
    own = account.id == viewer().account.id
    about = {"posts": posts(lines()), "roles": _roles(), "mistakes": mistakes}
    return render_template(
        "accounts/one.html",
        account=account,
        post=post_of(account),
        own=own,
        verbs=("end",) if own else _verbs(account),
        places=sittings().places(account, desk().clock()),
        **about,
    )


def _verbs(account: Account) -> tuple[str, ...]:
    return ("password", "second", "end") if account.totp_sealed else ("password", "end")


def _roles() -> list[tuple[str, str]]:
    return [(role.value, t(f"console.role.{role}")) for role in Role]


def _given(given: accounts.Given) -> str:
    account, word = given
    return render_template("accounts/given.html", account=account, word=word)


# What an admin fills in about somebody, and the people of the rotas whom they may be.


LONGEST_NAME = 80
BETWEEN = " "
"""No id of a line or an engineer has one."""


def _tongue(wanted: str) -> str:
    if wanted and wanted not in LANGUAGES:
        raise ValueError("console.mistake.wrong")
    return wanted


def _on_a_rota(wanted: str) -> str:
    if wanted and wanted not in dict(posts(lines())):
        raise ValueError("accounts.no_such_engineer")
    return wanted


class EngineerForm(Form):
    """Who somebody is on the rota; nobody where it is left empty."""

    engineer: Annotated[str, AfterValidator(_on_a_rota)] = ""

    @property
    def post(self) -> Post | None:
        """The line and the engineer."""
        line, _, engineer = self.engineer.partition(BETWEEN)
        return (line, engineer) if engineer else None


class RoleForm(Form):
    """What somebody may do."""

    role: Role


class NewAccountForm(EngineerForm, RoleForm):
    """Somebody who is let in."""

    name: Annotated[str, StringConstraints(min_length=1), Field(max_length=LONGEST_NAME)]
    language: Annotated[str, AfterValidator(_tongue)] = ""

    def account(self) -> Account:
        """Their account, as it is asked for."""
        line, engineer = self.post or (None, None)
        language = self.language or None
        return Account(0, self.name, self.role, line=line, engineer=engineer, language=language)


def posts(of: Sequence[Line]) -> list[tuple[str, str]]:
    """Everybody on a rota, as a form has them and as they are called; with the line where there are
    several."""
    several = len(of) > 1
    return [
        (f"{line.id}{BETWEEN}{one.id}", f"{one.name}, {line.name}" if several else one.name)
        for line in of
        for one in line.engineers
    ]


def post_of(account: Account) -> str:
    """Who somebody is on the rota, as a form has it."""
    return f"{account.line}{BETWEEN}{account.engineer}" if account.engineer else ""


def on_rota(account: Account, known: Sequence[tuple[str, str]]) -> str | None:
    """Who somebody is on the rota, by name; by id where the rota knows them no more."""
    return dict(known).get(post_of(account), account.engineer)

"""`user`: who may sign in to the console, and as what."""

from __future__ import annotations

import click

from carrier.prompts import SPOKEN
from ivr_app import hiring
from ivr_app.cli.counter import engineer_of, line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.oneself import oneself
from ivr_app.cli.printout import json_wanted, objects, plain, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from store.staff.account import Account, Role
from store.staff.accounts import Accounts, LastAdminError, NameTakenError, folded
from store.staff.audit import Deed
from switchboard import Switchboard, now

ROLES = click.Choice([role.value for role in Role])
name_argument = click.argument("name")


@click.group("user", cls=TaskGroup)
def user() -> None:
    """Who may sign in to the console."""


@user.command("add", cls=Task)
@name_argument
@click.option("--role", type=ROLES, required=True, help="What they may do.")
@click.option("--engineer", help="Who they are on the rota.")
@click.option("--language", type=click.Choice(SPOKEN), help="Default: as their browser asks.")
@line_option
def add(
    name: str, role: str, engineer: str | None, language: str | None, line_id: str | None
) -> None:
    """Give somebody a way in, with a password that is good for once."""
    if not folded(name):
        raise Refusal("A name is needed.")
    board = ready_board()
    line, post = _post(board, line_id, engineer) if engineer else (None, None)
    newcomer = Account(0, name, Role(role), line=line, engineer=post, language=language)
    try:
        _told(hiring.hire(board, newcomer, _deed("add")))
    except NameTakenError:
        raise Refusal(f"There is a user {folded(name)} already.") from None


@user.command("list", cls=Task)
@json_wanted
def list_(as_json: bool) -> None:
    """Everybody who may sign in."""
    rows = [_row(account) for account in Accounts(ready_board().engine).all()]
    if as_json:
        objects(rows)
        return
    head = ("name", "role", "engineer", "second_step", "password")
    table(head, ([plain(row[column]) for column in head] for row in rows))


@user.command("role", cls=Task)
@name_argument
@click.argument("role", type=ROLES)
def role(name: str, role: str) -> None:
    """They may do what ROLE may, from now on."""
    board = ready_board()
    account = _known(board, name)
    try:
        hiring.appoint(board, account, Role(role), _deed("role"))
    except hiring.ToldElsewhereError:
        raise Refusal(f"{account.name} signs in elsewhere, where the role is told.") from None
    except LastAdminError:
        raise _last(account) from None
    click.echo(f"{account.name} is {role}.")


@user.command("engineer", cls=Task)
@name_argument
@click.argument("engineer", required=False)
@line_option
def engineer(name: str, engineer: str | None, line_id: str | None) -> None:
    """They are ENGINEER on the rota; without one, nobody there."""
    board = ready_board()
    account = _known(board, name)
    post = _post(board, line_id, engineer) if engineer else None
    hiring.tie(board, account, post, _deed("engineer"))
    where = f"{post[1]} on line {post[0]}" if post else "on no rota"
    click.echo(f"{account.name} is {where}.")


@user.command("password", cls=Task)
@name_argument
@click.option("--second-step-off", is_flag=True, help="Also where the telephone was lost.")
def password(name: str, second_step_off: bool) -> None:
    """Another password that is good for once; ends all their sessions."""
    board = ready_board()
    account, deed = _known(board, name), _deed("password")
    _told(hiring.another_password(board, account, deed, second_step_off=second_step_off))


@user.command("end", cls=Task)
@name_argument
def end(name: str) -> None:
    """Nobody signs in by this name any more, and whoever did is out."""
    board = ready_board()
    account = _known(board, name)
    try:
        hiring.let_go(board, account, _deed("end"))
    except LastAdminError:
        raise _last(account) from None
    click.echo(f"{account.name} can no longer sign in.")


def _known(board: Switchboard, name: str) -> Account:
    found = Accounts(board.engine).named(name)
    if found is None:
        raise Refusal(f"There is no user {folded(name)}.")
    return found


def _post(board: Switchboard, line_id: str | None, engineer: str) -> hiring.Post:
    line = line_of(board.people, line_id)
    return line.id, engineer_of(line, engineer).id


def _last(account: Account) -> Refusal:
    return Refusal(f"{account.name} is the only admin: make somebody else one first (user role).")


def _deed(verb: str) -> Deed:
    return Deed(now(), oneself(), "cli", f"accounts.{verb}")


def _told(given: hiring.Given | None) -> None:
    if given is not None:
        account, word = given
        opens = "signs in once with this password, at /console:"
        click.echo(f"{account.name} ({account.role}) {opens}\n{word}")


def _row(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role,
        "engineer": account.engineer,
        "second_step": account.totp_sealed is not None,
        "password": "once" if account.password_once else "own" if account.password_hash else None,
    }

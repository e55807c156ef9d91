"""`user`: who may sign in to the console, and as what."""

from __future__ import annotations

import getpass

import click

from carrier.prompts import SPOKEN
from ivr_app.cli.counter import engineer_of, line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, objects, plain, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from store.people import SqlPeople
from store.staff.account import Account, Role
from store.staff.accounts import Accounts, NameTakenError, folded
from store.staff.audit import Deed
from store.staff.passwords import Passwords, made_up
from switchboard import now

name_argument = click.argument("name")


@click.group("user", cls=TaskGroup)
def user() -> None:
    """Who may sign in to the console."""


@user.command("add", cls=Task)
@name_argument
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    required=True,
    help="What they may do.",
)
@click.option("--engineer", help="Who they are on the rota.")
@click.option("--language", type=click.Choice(SPOKEN), help="Default: as their browser asks.")
@line_option
def add(
    name: str, role: str, engineer: str | None, language: str | None, line_id: str | None
) -> None:
    """Give somebody a way in, with a password that is good for once."""
    if not folded(name):
        raise Refusal("A name is needed.")
    board, line = ready_board(), None
    if engineer is not None:
        line = line_of(SqlPeople(board.engine), line_id)
        engineer_of(line, engineer)
    word = made_up()
    account = Account(
        id=0,
        name=name,
        role=Role(role),
        line=line.id if line else None,
        engineer=engineer,
        language=language,
        password_hash=Passwords(board.settings.pin_pepper).hash(word),
        password_once=True,
    )
    try:
        added = Accounts(board.engine).add(account, _deed("accounts.add"))
    except NameTakenError:
        raise Refusal(f"There is a user {folded(name)} already.") from None
    _told(added, word)


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


@user.command("password", cls=Task)
@name_argument
@click.option("--second-step-off", is_flag=True, help="Also where the telephone was lost.")
def password(name: str, second_step_off: bool) -> None:
    """Another password that is good for once; ends all their sessions."""
    board = ready_board()
    word = made_up()
    values = {"password_hash": Passwords(board.settings.pin_pepper).hash(word)}
    off = {"totp_sealed": None, "totp_step": None} if second_step_off else {}
    accounts = Accounts(board.engine)
    given = _deed("accounts.password")
    changed = accounts.change(_known(accounts, name), given, **values | off, password_once=True)
    if changed is not None:
        _told(changed, word)


@user.command("end", cls=Task)
@name_argument
def end(name: str) -> None:
    """Nobody signs in by this name any more, and whoever did is out."""
    accounts = Accounts(ready_board().engine)
    accounts.end(_known(accounts, name), _deed("accounts.end"))
    click.echo(f"{folded(name)} can no longer sign in.")


def _known(accounts: Accounts, name: str) -> Account:
    found = accounts.named(name)
    if found is None:
        raise Refusal(f"There is no user {folded(name)}.")
    return found


def _deed(word: str) -> Deed:
    return Deed(now(), getpass.getuser(), "cli", word)


def _told(account: Account, word: str) -> None:
    click.echo(f"{account.name} ({account.role}) signs in once with this password, at /console:")
    click.echo(word)


def _row(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role,
        "engineer": account.engineer,
        "second_step": account.totp_sealed is not None,
        "password": "once" if account.password_once else "own" if account.password_hash else None,
    }

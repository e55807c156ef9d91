"""`user`: who may sign in to the console, and as what."""

from __future__ import annotations

from collections.abc import Sequence

import click

from carrier.prompts import SPOKEN
from ivr_app.cli.context import (
    Refusal,
    Task,
    TaskGroup,
    engineer_of,
    json_wanted,
    line_of,
    line_option,
    objects,
    oneself,
    plain,
    ready_services,
    table,
)
from routing.oncall.local_time import shown_time
from service import accounts
from service.bootstrap import Services, now
from store.log.rows import Row, format_moment
from store.people.accounts import Account, Accounts, LastAdminError, NameTakenError, Role, fold_name
from store.people.api_tokens import Token, TokenRight, Tokens
from store.people.audit import AuditEntry
from store.work.webhooks import WebhookLog

ROLES = click.Choice([role.value for role in Role])
name_argument = click.argument("name")


@click.group("user", cls=TaskGroup, example="user list")
def user() -> None:
    """Manage the accounts that may sign in to the console."""


@user.command("add", cls=Task, example="user add sanne --role manager --engineer sanne")
@name_argument
@click.option("--role", type=ROLES, required=True, help="The role of the account.")
@click.option("--engineer", help="The engineer who uses the account.")
@click.option("--language", type=click.Choice(SPOKEN), help="Default: the language of the browser.")
@line_option
def add(
    name: str, role: str, engineer: str | None, language: str | None, line_id: str | None
) -> None:
    """Add an account and print its password, which works once."""
    if not fold_name(name):
        raise Refusal("NAME must not be empty.")
    services = ready_services()
    line, post = _post(services, line_id, engineer) if engineer else (None, None)
    newcomer = Account(0, name, Role(role), line=line, engineer=post, language=language)
    try:
        _told(accounts.create_account(services, newcomer, _deed("add")))
    except NameTakenError:
        raise Refusal(f"User {fold_name(name)} already exists.") from None


@user.command("list", cls=Task, example="user list")
@json_wanted
def list_(as_json: bool) -> None:
    """List the accounts."""
    rows = [_row(account) for account in Accounts(ready_services().engine).all()]
    if as_json:
        objects(rows)
        return
    head = ("name", "role", "engineer", "second_step", "password")
    table(head, ([plain(row[column]) for column in head] for row in rows))


@user.command("role", cls=Task, example="user role sanne admin")
@name_argument
@click.argument("role", type=ROLES)
def role(name: str, role: str) -> None:
    """Give an account another role."""
    services = ready_services()
    account = _known(services, name)
    try:
        accounts.change_role(services, account, Role(role), _deed("role"))
    except accounts.RoleFromProviderError:
        raise Refusal(f"{account.name} signs in elsewhere, where the role is told.") from None
    except LastAdminError:
        raise _last(account) from None
    click.echo(f"{account.name} is {role}.")


@user.command("engineer", cls=Task, example="user engineer sanne sanne")
@name_argument
@click.argument("engineer", required=False)
@line_option
def engineer(name: str, engineer: str | None, line_id: str | None) -> None:
    """Link an account to an engineer; without ENGINEER, remove the link."""
    services = ready_services()
    account = _known(services, name)
    post = _post(services, line_id, engineer) if engineer else None
    accounts.link_engineer(services, account, post, _deed("engineer"))
    where = f"{post[1]} on line {post[0]}" if post else "on no rota"
    click.echo(f"{account.name} is {where}.")


@user.command("password", cls=Task, example="user password sanne")
@name_argument
@click.option("--second-step-off", is_flag=True, help="Turn off two-step sign-in.")
def password(name: str, second_step_off: bool) -> None:
    """Print a new password, which works once, and end all sessions of the account."""
    services = ready_services()
    account, deed = _known(services, name), _deed("password")
    _told(accounts.reset_password(services, account, deed, second_step_off=second_step_off))


@user.command("end", cls=Task, example="user end sanne")
@name_argument
def end(name: str) -> None:
    """Close an account and end its sessions."""
    services = ready_services()
    account = _known(services, name)
    try:
        accounts.delete_account(services, account, _deed("end"))
    except LastAdminError:
        raise _last(account) from None
    click.echo(f"{account.name} can no longer sign in.")


def _known(services: Services, name: str) -> Account:
    found = Accounts(services.engine).named(name)
    if found is None:
        raise Refusal(f"There is no user {fold_name(name)}.")
    return found


def _post(services: Services, line_id: str | None, engineer: str) -> accounts.EngineerRef:
    line = line_of(services.lines, line_id)
    return line.id, engineer_of(line, engineer).id


def _last(account: Account) -> Refusal:
    return Refusal(f"{account.name} is the only admin: make somebody else one first (user role).")


def _deed(verb: str) -> AuditEntry:
    return AuditEntry(now(), oneself(), "cli", f"accounts.{verb}")


def _told(given: accounts.AccountWithPassword | None) -> None:
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


# `token`: which programs come in by the API, and what each may do.


HEAD = ("name", "may", "made_at", "made_by", "used_at", "ended_at")


@click.group("token", cls=TaskGroup, example="token list")
def token() -> None:
    """Manage the tokens of programs that use /api/v1."""


@token.command("add", cls=Task, example="token add portal --may read")
@click.argument("name")
@click.option(
    "--may",
    type=click.Choice([may.value for may in TokenRight]),
    required=True,
    help="The rights of the token.",
)
def add_token(name: str, may: str) -> None:
    """Add a token and print it; it is not shown again."""
    name = name.strip()
    if not name or len(name) > 64 or not name.isprintable():
        raise Refusal("A name of 1 to 64 letters is needed: it says in the log who it was.")
    try:
        secret = Tokens(ready_services().engine).add(
            name, TokenRight(may), _token_deed("tokens.add")
        )
    except NameTakenError:
        raise Refusal(f"There is a token {name} already: token end {name} ends it.") from None
    click.echo(f"{name} may {may} by this token, which is shown only now:", err=True)
    click.echo(secret)


@token.command("list", cls=Task, example="token list")
@json_wanted
def list_tokens(as_json: bool) -> None:
    """List the tokens, without their secrets."""
    rows = [_token_row(each) for each in Tokens(ready_services().engine).all()]
    if as_json:
        objects(rows)
        return
    shown = ("name", "may", "made_by")
    cells = ([plain(r[c]) if c in shown else shown_time(r[c], "UTC") for c in HEAD] for r in rows)
    table(HEAD, cells)


@token.command("end", cls=Task, example="token end portal")
@click.argument("name")
def end_token(name: str) -> None:
    """End a token: its program is refused from now on."""
    if not Tokens(ready_services().engine).end(name, _token_deed("tokens.end")):
        raise Refusal(f"There is no token {name}: see token list.")
    click.echo(f"{name} comes in no more.")


def _token_deed(word: str) -> AuditEntry:
    return AuditEntry(now(), oneself(), "cli", word)


def _token_row(each: Token) -> Row:
    return {
        "name": each.name,
        "may": each.scope,
        "made_at": format_moment(each.created_at),
        "made_by": each.created_by,
        "used_at": format_moment(each.last_used_at),
        "ended_at": format_moment(each.revoked_at),
    }


# `webhooks`: what programs outside were told, what waits, and sending anew what was given up.


WEBHOOKS_HEAD = ("at", "webhook", "incident", "type", "state", "tries", "answer", "next", "id")


@click.group("webhooks", cls=TaskGroup, example="webhooks --waiting", invoke_without_command=True)
@click.option("--waiting", is_flag=True, help="Only deliveries that are not yet accepted.")
@json_wanted
@click.pass_context
def webhooks(context: click.Context, waiting: bool, as_json: bool) -> None:
    """List the webhook deliveries about incidents, oldest first."""
    if context.invoked_subcommand is not None:
        return
    services = ready_services()
    rows = WebhookLog(services.engine).list_all(waiting=waiting)
    if as_json:
        objects(rows)
        return
    zones = {line.id: line.timezone for line in services.lines.all_lines()}
    table(WEBHOOKS_HEAD, (_cells(row, zones.get(row["line"], "UTC")) for row in rows))


def _cells(row: Row, zone: str) -> Sequence[str]:
    names = ("webhook", "incident", "type", "state", "tries", "answer")
    shown = [plain(row[name]) for name in names]
    return (shown_time(row["at"], zone), *shown, shown_time(row["next_at"], zone), row["id"])


@webhooks.command("again", cls=Task, example="webhooks again")
@click.argument("which", metavar="[ID]", required=False)
def again(which: str | None) -> None:
    """Retry the deliveries that were given up: all of them, or the one with this ID."""
    count = WebhookLog(ready_services().engine).send_again(which, now())
    if which is not None and not count:
        raise Refusal(f"There is no {which} that was given up: see webhooks.")
    click.echo(f"Sent anew: {count}.")

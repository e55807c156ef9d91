"""`user`: who may sign in to the console, and as what."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ivr_app.cli.context import (
    LineCommand,
    LineCommandGroup,
    Refusal,
    build_audit_entry,
    find_engineer,
    find_line,
    format_cell,
    json_option,
    line_option,
    print_objects,
    print_table,
    ready_services,
)
from routing.oncall.local_time import format_local
from service import accounts
from service.bootstrap import Services, now
from service.refusals import LANGUAGES
from store.log.rows import Row, format_moment
from store.people.accounts import Account, Accounts, LastAdminError, NameTakenError, Role, fold_name
from store.people.api_tokens import Token, TokenRight, Tokens
from store.work.webhooks import WebhookLog

ROLES = click.Choice([role.value for role in Role])
name_argument = click.argument("name")


@click.group("user", cls=LineCommandGroup, example="user list")
def user() -> None:
    """Manage the accounts that may sign in to the console."""


@user.command("add", cls=LineCommand, example="user add sanne --role manager --engineer sanne")
@name_argument
@click.option("--role", type=ROLES, required=True, help="The role of the account.")
@click.option("--engineer", help="The engineer who uses the account.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: that of the browser.")
@line_option
def add(
    name: str, role: str, engineer: str | None, language: str | None, line_id: str | None
) -> None:
    """Add an account and print its password, which works once."""
    if not fold_name(name):
        raise Refusal("NAME must not be empty.")
    services = ready_services()
    line, engineer_id = _find_engineer_ref(services, line_id, engineer) or (None, None)
    newcomer = Account(0, name, Role(role), line=line, engineer=engineer_id, language=language)
    try:
        _print_password(
            accounts.create_account(services, newcomer, build_audit_entry("accounts.add"))
        )
    except NameTakenError:
        raise Refusal(f"User {fold_name(name)} already exists.") from None


@user.command("list", cls=LineCommand, example="user list")
@json_option
def list_(as_json: bool) -> None:
    """List the accounts."""
    rows = [_row(account) for account in Accounts(ready_services().engine).all()]
    if as_json:
        print_objects(rows)
        return
    head = ("name", "role", "engineer", "second_step", "password")
    print_table(head, ([format_cell(row[column]) for column in head] for row in rows))


@user.command("role", cls=LineCommand, example="user role sanne admin")
@name_argument
@click.argument("role", type=ROLES)
def role(name: str, role: str) -> None:
    """Give an account another role."""
    services = ready_services()
    account = _find_account(services, name)
    try:
        accounts.change_role(services, account, Role(role), build_audit_entry("accounts.role"))
    except accounts.RoleFromProviderError:
        raise Refusal(f"The identity provider sets the role of {account.name}.") from None
    except LastAdminError:
        raise _refuse_last_admin(account) from None
    click.echo(f"{account.name} is {role}.")


@user.command("engineer", cls=LineCommand, example="user engineer sanne sanne")
@name_argument
@click.argument("engineer", required=False)
@line_option
def engineer(name: str, engineer: str | None, line_id: str | None) -> None:
    """Link an account to an engineer; without ENGINEER, remove the link."""
    services = ready_services()
    account = _find_account(services, name)
    ref = _find_engineer_ref(services, line_id, engineer)
    accounts.link_engineer(services, account, ref, build_audit_entry("accounts.engineer"))
    if ref is None:
        click.echo(f"{account.name} is linked to no engineer.")
    else:
        click.echo(f"{account.name} is {ref[1]} on line {ref[0]}.")


@user.command("password", cls=LineCommand, example="user password sanne")
@name_argument
@click.option("--second-step-off", is_flag=True, help="Turn off two-step sign-in.")
def password(name: str, second_step_off: bool) -> None:
    """Print a new password, which works once, and end all sessions of the account."""
    services = ready_services()
    account, entry = _find_account(services, name), build_audit_entry("accounts.password")
    _print_password(
        accounts.reset_password(services, account, entry, second_step_off=second_step_off)
    )


@user.command("end", cls=LineCommand, example="user end sanne")
@name_argument
def end(name: str) -> None:
    """Close an account and end its sessions."""
    services = ready_services()
    account = _find_account(services, name)
    try:
        accounts.delete_account(services, account, build_audit_entry("accounts.end"))
    except LastAdminError:
        raise _refuse_last_admin(account) from None
    click.echo(f"{account.name} can no longer sign in.")


def _find_account(services: Services, name: str) -> Account:
    found = Accounts(services.engine).named(name)
    if found is None:
        raise Refusal(f"There is no user {fold_name(name)}.")
    return found


def _find_engineer_ref(
    services: Services, line_id: str | None, engineer: str | None
) -> accounts.EngineerRef | None:
    if not engineer:
        return None
    line = find_line(services.lines, line_id)
    return line.id, find_engineer(line, engineer).id


def _refuse_last_admin(account: Account) -> Refusal:
    return Refusal(f"{account.name} is the only admin: make somebody else one first (user role).")


def _print_password(given: accounts.AccountWithPassword | None) -> None:
    if given is not None:
        account, password = given
        click.echo(f"{account.name} ({account.role}) signs in once at /console with this password:")
        click.echo(password)


def _row(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role,
        "engineer": account.engineer,
        "second_step": account.totp_sealed is not None,
        "password": _describe_password(account),
    }


def _describe_password(account: Account) -> str | None:
    if account.password_once:
        return "once"
    if account.password_hash:
        return "own"
    return None


# `token`: the programs that may use the API, and their rights.


HEAD = ("name", "may", "made_at", "made_by", "used_at", "ended_at")


@click.group("token", cls=LineCommandGroup, example="token list")
def token() -> None:
    """Manage the tokens of programs that use /api/v1."""


@token.command("add", cls=LineCommand, example="token add portal --may read")
@click.argument("name")
@click.option(
    "--may",
    type=click.Choice([may.value for may in TokenRight]),
    required=True,
    help="The rights of the token: read, change what people change, or also apply a line.yaml.",
)
def add_token(name: str, may: str) -> None:
    """Add a token and print it; it is not shown again."""
    name = name.strip()
    if not name or len(name) > 64 or not name.isprintable():
        raise Refusal("NAME must have 1 to 64 characters; the log shows it.")
    try:
        secret = Tokens(ready_services().engine).add(
            name, TokenRight(may), build_audit_entry("tokens.add")
        )
    except NameTakenError:
        raise Refusal(f"Token {name} already exists; token end {name} ends it.") from None
    click.echo(f"{name} may {may} with this token, which is shown only now:", err=True)
    click.echo(secret)


@token.command("list", cls=LineCommand, example="token list")
@json_option
def list_tokens(as_json: bool) -> None:
    """List the tokens, without their secrets."""
    rows = [_token_row(each) for each in Tokens(ready_services().engine).all()]
    if as_json:
        print_objects(rows)
        return
    print_table(HEAD, ([_token_cell(row, column) for column in HEAD] for row in rows))


def _token_cell(row: Row, column: str) -> str:
    if column.endswith("_at"):
        return format_local(row[column], "UTC")
    return format_cell(row[column])


@token.command("end", cls=LineCommand, example="token end portal")
@click.argument("name")
def end_token(name: str) -> None:
    """End a token: its program is refused from now on."""
    if not Tokens(ready_services().engine).end(name, build_audit_entry("tokens.end")):
        raise Refusal(f"There is no token {name}: see token list.")
    click.echo(f"Token {name} has ended.")


def _token_row(each: Token) -> Row:
    return {
        "name": each.name,
        "may": each.scope,
        "made_at": format_moment(each.created_at),
        "made_by": each.created_by,
        "used_at": format_moment(each.last_used_at),
        "ended_at": format_moment(each.revoked_at),
    }


# `webhooks`: deliveries to programs, those that wait, and retries of those given up.


WEBHOOKS_HEAD = ("at", "webhook", "incident", "type", "state", "tries", "answer", "next", "id")


@click.group(
    "webhooks", cls=LineCommandGroup, example="webhooks --waiting", invoke_without_command=True
)
@click.option("--waiting", is_flag=True, help="Only deliveries that are not yet accepted.")
@json_option
@click.pass_context
def webhooks(context: click.Context, waiting: bool, as_json: bool) -> None:
    """List the webhook deliveries about incidents, oldest first."""
    if context.invoked_subcommand is not None:
        return
    services = ready_services()
    rows = WebhookLog(services.engine).list_all(waiting=waiting)
    if as_json:
        print_objects(rows)
        return
    zones = {line.id: line.timezone for line in services.lines.list_lines()}
    print_table(WEBHOOKS_HEAD, (_cells(row, zones.get(row["line"], "UTC")) for row in rows))


def _cells(row: Row, zone: str) -> Sequence[str]:
    names = ("webhook", "incident", "type", "state", "tries", "answer")
    shown = [format_cell(row[name]) for name in names]
    return (format_local(row["at"], zone), *shown, format_local(row["next_at"], zone), row["id"])


@webhooks.command("again", cls=LineCommand, example="webhooks again")
@click.argument("which", metavar="[ID]", required=False)
def again(which: str | None) -> None:
    """Retry the deliveries that were given up: all of them, or the one with this ID."""
    count = WebhookLog(ready_services().engine).send_again(which, now())
    if which is not None and not count:
        raise Refusal(f"No delivery {which} was given up: see webhooks.")
    click.echo(f"Deliveries to retry: {count}.")

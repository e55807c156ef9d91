"""`token`: which programs come in by the API, and what each may do."""

from __future__ import annotations

import click

from ivr_app.cli.counter import ready_board
from ivr_app.cli.oneself import oneself
from ivr_app.cli.printout import json_wanted, objects, plain, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from ivr_app.localtime import local
from store.rows import Row, moment
from store.staff.accounts import NameTakenError
from store.staff.audit import Deed
from store.tokens import May, Token, Tokens
from switchboard import now

HEAD = ("name", "may", "made_at", "made_by", "used_at", "ended_at")


@click.group("token", cls=TaskGroup)
def token() -> None:
    """Which programs come in by /api/v1."""


@token.command("add", cls=Task)
@click.argument("name")
@click.option(
    "--may", type=click.Choice([may.value for may in May]), required=True, help="What it may do."
)
def add(name: str, may: str) -> None:
    """Let a program in; its token is shown this once."""
    name = name.strip()
    if not name or len(name) > 64 or not name.isprintable():
        raise Refusal("A name of 1 to 64 letters is needed: it says in the log who it was.")
    try:
        secret = Tokens(ready_board().engine).add(name, May(may), _deed("tokens.add"))
    except NameTakenError:
        raise Refusal(f"There is a token {name} already: token end {name} ends it.") from None
    click.echo(f"{name} may {may} by this token, which is shown only now:", err=True)
    click.echo(secret)


@token.command("list", cls=Task)
@json_wanted
def list_(as_json: bool) -> None:
    """Every token, without what opens."""
    rows = [_row(each) for each in Tokens(ready_board().engine).all()]
    if as_json:
        objects(rows)
        return
    shown = ("name", "may", "made_by")
    cells = ([plain(r[c]) if c in shown else local(r[c], "UTC") for c in HEAD] for r in rows)
    table(HEAD, cells)


@token.command("end", cls=Task)
@click.argument("name")
def end(name: str) -> None:
    """The program of this name comes in no more."""
    if not Tokens(ready_board().engine).end(name, _deed("tokens.end")):
        raise Refusal(f"There is no token {name}: see token list.")
    click.echo(f"{name} comes in no more.")


def _deed(word: str) -> Deed:
    return Deed(now(), oneself(), "cli", word)


def _row(each: Token) -> Row:
    return {
        "name": each.name,
        "may": each.may,
        "made_at": moment(each.made_at),
        "made_by": each.made_by,
        "used_at": moment(each.used_at),
        "ended_at": moment(each.ended_at),
    }

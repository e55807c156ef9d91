"""`webhooks`: what programs outside were told, what waits, and sending anew what was given up."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ivr_app.cli.counter import ready_board
from ivr_app.cli.printout import json_wanted, objects, plain, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from ivr_app.localtime import local
from store.outbox import Outbox
from store.rows import Row
from switchboard import now

HEAD = ("at", "webhook", "incident", "type", "state", "tries", "answer", "next", "id")


@click.group("webhooks", cls=TaskGroup, invoke_without_command=True)
@click.option("--waiting", is_flag=True, help="Only what no program has taken yet.")
@json_wanted
@click.pass_context
def webhooks(context: click.Context, waiting: bool, as_json: bool) -> None:
    """List what programs outside were told of incidents, oldest first."""
    if context.invoked_subcommand is not None:
        return
    board = ready_board()
    rows = Outbox(board.engine).listed(waiting=waiting)
    if as_json:
        objects(rows)
        return
    zones = {line.id: line.timezone for line in board.people.all_lines()}
    table(HEAD, (_cells(row, zones.get(row["line"], "UTC")) for row in rows))


def _cells(row: Row, zone: str) -> Sequence[str]:
    names = ("webhook", "incident", "type", "state", "tries", "answer")
    shown = [plain(row[name]) for name in names]
    return (local(row["at"], zone), *shown, local(row["next_at"], zone), row["id"])


@webhooks.command("again", cls=Task)
@click.argument("which", metavar="ID", required=False)
def again(which: str | None) -> None:
    """Send anew what was given up: all of it, or the one of this ID."""
    count = Outbox(ready_board().engine).again(which, now())
    if which is not None and not count:
        raise Refusal(f"There is no {which} that was given up: see webhooks.")
    click.echo(f"Sent anew: {count}.")

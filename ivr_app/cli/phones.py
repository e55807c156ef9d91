"""`phones`: everybody's numbers, when each last reached somebody, and those that people add."""

from __future__ import annotations

import click

from ivr_app.cli.counter import engineer_of, line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, objects, table
from ivr_app.cli.refusal import Task, TaskGroup
from ivr_app.cli.swap import by_command, refused
from ivr_app.localtime import local
from ivr_app.phonebook import Entry, Phonebook
from store.rows import moment
from switchboard import now


@click.group("phones", cls=TaskGroup, invoke_without_command=True)
@line_option
@json_wanted
@click.pass_context
def phones(context: click.Context, line_id: str | None, as_json: bool) -> None:
    """List everybody's numbers: where they come from, and when they last reached somebody."""
    context.obj = line_id
    if context.invoked_subcommand is not None:
        return
    book = _open(line_id)
    rows = [_row(entry) for entry in book.entries()]
    if as_json:
        objects(rows)
        return
    zone = book.line.timezone
    cells = (
        (
            *(str(row[name]) for name in ("engineer", "number", "from")),
            *(local(row[at], zone, "minutes") for at in ("verified_at", "last_tried")),
        )
        for row in rows
    )
    table(("engineer", "number", "from", "verified", "last tried"), cells)


@phones.command("add", cls=Task)
@click.argument("engineer")
@click.argument("number")
@click.pass_obj
def add(line_id: str | None, engineer: str, number: str) -> None:
    """Send a code to a number, which is rung once the code is given back."""
    book = _open(line_id)
    person = engineer_of(book.line, engineer)
    with refused(book.line.timezone):
        to = book.add(person, number, now())
    click.echo(f"A code has been sent to {to}; within 15 minutes:")
    click.echo(f"flask --app ivr_app phones verify {person.id} {to} CODE")


@phones.command("verify", cls=Task)
@click.argument("engineer")
@click.argument("number")
@click.argument("code")
@click.pass_obj
def verify(line_id: str | None, engineer: str, number: str, code: str) -> None:
    """Give the code back: from now on the number is rung, after those of the file."""
    book = _open(line_id)
    person = engineer_of(book.line, engineer)
    with refused(book.line.timezone):
        own = book.verify(person, number, code, now())
    click.echo(f"{own} is verified and rung for {person.name} from now on.")


@phones.command("remove", cls=Task)
@click.argument("engineer")
@click.argument("number")
@click.pass_obj
def remove(line_id: str | None, engineer: str, number: str) -> None:
    """Forget a number that was added; those of the file are taken out of the file."""
    book = _open(line_id)
    with refused(book.line.timezone):
        own = book.remove(engineer, number, now())
    click.echo(f"{own} is no longer a number of {engineer}.")


def _open(line_id: str | None) -> Phonebook:
    board = ready_board()
    return Phonebook.of(board, line_of(board.people, line_id), by_command("mine"))


def _row(entry: Entry) -> dict[str, str | None]:
    return {
        "engineer": entry.engineer,
        "number": entry.number,
        "from": "added" if entry.added else "file",
        "verified_at": moment(entry.verified_at),
        "last_tried": moment(entry.last_tried),
    }

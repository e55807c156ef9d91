"""`phones`: everybody's numbers, when each last reached somebody, and those that people add."""

from __future__ import annotations

import click

from carrier import prompts
from carrier.request import NotDoneError, RefusedError, UnsureError
from carrier.telephone import Telephone
from ivr_app.cli.counter import engineer_of
from ivr_app.cli.given import line_option
from ivr_app.cli.phonebook import Phonebook
from ivr_app.cli.printout import json_wanted, objects, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from ivr_app.localtime import local
from routing.line import Engineer
from routing.schedule.escalation import language_of
from routing.written.ways import why_not_added
from store.phones import Verdict
from switchboard import account_of, now

SENTENCES = {
    Verdict.WRONG: "That is not the code.",
    Verdict.OVER: "That code is too old or was tried too often: ask for another with phones add.",
    Verdict.UNKNOWN: "This number was not added: begin with phones add.",
}


@click.group("phones", cls=TaskGroup, invoke_without_command=True)
@line_option
@json_wanted
@click.pass_context
def phones(context: click.Context, line_id: str | None, as_json: bool) -> None:
    """List everybody's numbers: where they come from, and when they last reached somebody."""
    context.obj = line_id
    if context.invoked_subcommand is not None:
        return
    book = Phonebook.open(line_id)
    rows = list(book.rows())
    if as_json:
        objects(rows)
        return
    zone = book.line.timezone
    cells = (
        (
            *(row["engineer"], row["number"], row["from"]),
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
    book = Phonebook.open(line_id)
    person, to = engineer_of(book.line, engineer), book.number(number)
    if why := why_not_added(book.line, to):
        raise Refusal(f"{to} {why}.")
    code = book.added.add(person.id, to, now())
    _send(book, person, to, code)
    click.echo(f"A code has been sent to {to}; within 15 minutes:")
    click.echo(f"flask --app ivr_app phones verify {person.id} {to} CODE")


@phones.command("verify", cls=Task)
@click.argument("engineer")
@click.argument("number")
@click.argument("code")
@click.pass_obj
def verify(line_id: str | None, engineer: str, number: str, code: str) -> None:
    """Give the code back: from now on the number is rung, after those of the file."""
    book = Phonebook.open(line_id)
    person, own = engineer_of(book.line, engineer), book.number(number)
    verdict = book.added.verify(person.id, own, code.strip(), now())
    if verdict is not Verdict.VERIFIED:
        raise Refusal(SENTENCES[verdict])
    click.echo(f"{own} is verified and rung for {person.name} from now on.")


@phones.command("remove", cls=Task)
@click.argument("engineer")
@click.argument("number")
@click.pass_obj
def remove(line_id: str | None, engineer: str, number: str) -> None:
    """Forget a number that was added; those of the file are taken out of the file."""
    book = Phonebook.open(line_id)
    own = book.number(number)
    if not book.added.remove(engineer, own, now()):
        raise Refusal(f"{own} was not added to {engineer}; numbers of the file are removed there.")
    click.echo(f"{own} is no longer a number of {engineer}.")


def _send(book: Phonebook, person: Engineer, to: str, code: str) -> None:
    """At once and by hand, because a letter would keep the code where it can be read."""
    words = {"code": code, "line": book.line.name}
    body = prompts.text(language_of(book.line, person.id), "phone_code", words)
    sender = book.line.texts_from or book.line.number
    status = book.board.addresses.of_text_status("phone")
    try:
        Telephone(account_of(book.board.settings)).text(to, sender, body, status)
    except (RefusedError, NotDoneError, UnsureError) as error:
        raise Refusal(f"The code could not be sent to {to} ({error}): add it once more.") from None

"""`forget`: takes a person out of everything that is kept, after showing what that changes."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import click

from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from routing.line import Line
from routing.names import name_key
from routing.numbers import normalise
from routing.oblivion import Person
from store import oblivion
from store.concern import concern, of_contact, of_engineer
from switchboard import Switchboard, now

yes_option = click.option("--yes", is_flag=True, help="Do it; without this it is only shown.")
contract_option = click.option("--contract", "contract", required=True, help="The contract.")


@click.group("forget", cls=TaskGroup)
def forget() -> None:
    """Take a person out of everything that is kept; counts, times and outcomes stay."""


@forget.command("contact", cls=Task)
@click.argument("name", metavar="NAME")
@contract_option
@line_option
@yes_option
def contact(name: str, contract: str, line_id: str | None, yes: bool) -> None:
    """The contact NAME of a contract, with the numbers that are nobody else's."""
    board = ready_board()
    line = line_of(board.people, line_id)
    person = contact_of(board, line, contract, name)
    _forget(board, line, person, contract, yes=yes)
    click.echo("Take them out of the file or CSV too, or the next apply brings them back.")


@forget.command("phone", cls=Task)
@click.argument("number", metavar="NUMBER")
@line_option
@yes_option
def phone(number: str, line_id: str | None, yes: bool) -> None:
    """Whoever called from NUMBER."""
    board = ready_board()
    line = line_of(board.people, line_id)
    found = normalise(number, line.country)
    if found is None:
        raise Refusal(f"{number} is no phone number.")
    phones = (line.number, *line.last_resort, *(p for e in line.engineers for p in e.phones))
    if found in phones:
        raise Refusal(f"{found} stands in the file of line {line.id}: take it out and apply.")
    _forget(board, line, Person(frozenset({found})), None, yes=yes)


@forget.command("engineer", cls=Task)
@click.argument("engineer", metavar="ID")
@click.option("--name", "names", multiple=True, help="What they are called, if notes may say so.")
@line_option
@yes_option
def engineer(engineer: str, names: tuple[str, ...], line_id: str | None, yes: bool) -> None:
    """The engineer ID, who has left; a made-up id stands in the log from then on."""
    board = ready_board()
    line = line_of(board.people, line_id)
    if line.engineer(engineer) is not None:
        raise Refusal(f"{engineer} stands in the file of line {line.id}: take them out and apply.")
    person = of_engineer(board.engine, line.id, engineer, names)
    secret = f"{board.settings.secret_key} {line.id} {engineer}".encode()
    former = f"former-{hashlib.sha256(secret).hexdigest()[:6]}"
    _forget(board, line, replace(person, former=former), None, yes=yes)


def contact_of(board: Switchboard, line: Line, contract: str, name: str) -> Person:
    """This contact, or a refusal that says which there are."""
    known = board.people.contract(line.id, contract)
    if known is None:
        raise Refusal(f"There is no contract {contract} on line {line.id}.")
    found = next((c for c in known.contacts if name_key(c.name) == name_key(name)), None)
    if found is None:
        names = ", ".join(c.name for c in known.contacts) or "nobody"
        raise Refusal(f"Contract {contract} has no contact {name}; it has: {names}.")
    return of_contact(board.engine, contract, found, known.contacts)


def _forget(
    board: Switchboard, line: Line, person: Person, contract: str | None, *, yes: bool
) -> None:
    theirs = concern(board.engine, line.id, person, contract)
    if theirs.undone:
        open_ones = ", ".join(map(str, theirs.undone))
        raise Refusal(f"Still to be dealt with: incident {open_ones}. Close it first.")
    if theirs.on_the_line:
        raise Refusal("They are on the line at this moment.")
    counted = oblivion.traces(board.engine, person, theirs)
    counted["recordings, whose sound is deleted"] = len(theirs.recordings)
    for what, many in sorted(counted.items()):
        click.echo(f"{what}: {many}")
    if not yes:
        click.echo("Nothing is changed yet; --yes does it, and nothing brings it back.")
        return
    for recording in theirs.recordings:
        board.desk.bell.ring(board.archive.forget(recording, now()))
    oblivion.forget(board.engine, person, theirs)
    oblivion.forget_contact(board.engine, line.id, person, contract)
    click.echo("Forgotten here. Backups, logs and the carrier have terms of their own.")

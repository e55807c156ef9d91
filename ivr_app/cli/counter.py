"""What a command has at hand: the switchboard, its database, and the line that it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from carrier.prompts import SPOKEN
from ivr_app.cli.closed import EXTENSION as CLOSED
from ivr_app.cli.refusal import Refusal
from ivr_app.condition import MIGRATE
from ivr_app.switch import board
from plan.paper import read_file
from routing.contract import Contract
from routing.line import Engineer, Line
from store.people import SqlPeople
from store.schema import migrated
from switchboard import Switchboard


@dataclass(frozen=True)
class Account:
    """A line as a file or the database has it, and its contracts by number."""

    line: Line
    contract: Callable[[str], Contract | None]


def open_board() -> Switchboard:
    """The switchboard of this process; refuses when a setting is wrong."""
    because = current_app.extensions.get(CLOSED)
    if because is not None:
        raise because
    return board()


def ready_board() -> Switchboard:
    """The switchboard with a database that has the tables of this version."""
    found = open_board()
    if not migrated(found.engine):
        raise Refusal(f"The database has not the tables of this version: run {MIGRATE}")
    return found


def account(file: Path | None, line_id: str | None) -> Account:
    """The line of a file, for which no database is touched, or that of the database."""
    if file is not None:
        paper = read_file(file, _unhashed, SPOKEN)
        known = {contract.number: contract for contract in paper.contracts}
        return Account(paper.line, known.get)
    people = ready_board().people
    line = line_of(people, line_id)
    return Account(line, lambda number: people.contract(line.id, number))


def line_of(people: SqlPeople, line_id: str | None) -> Line:
    """The line of this id; without an id the only one, or the one called main."""
    lines = {line.id: line for line in people.all_lines()}
    if not lines:
        raise Refusal("No line is applied yet: run flask --app ivr_app apply line.yaml")
    wanted = line_id or (next(iter(lines)) if len(lines) == 1 else "main")
    if wanted not in lines:
        raise Refusal(f"There is no line {wanted}; --line may be: {', '.join(lines)}")
    return lines[wanted]


def engineer_of(line: Line, wanted: str) -> Engineer:
    """The engineer of this id, or a refusal that names those that there are."""
    found = line.engineer(wanted)
    if found is None:
        known = ", ".join(engineer.id for engineer in line.engineers)
        raise Refusal(f"There is no engineer {wanted} on line {line.id}; there are: {known}")
    return found


def _unhashed(pin: str, owner: str) -> str:
    """Nobody is identified by a file that is only looked at."""
    return ""

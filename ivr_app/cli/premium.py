"""`premium`: what was used of each bundle, and an incident that counts, or does not after all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ivr_app import counting
from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, objects, plain, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from ivr_app.cli.standing import SPOKEN_HERE
from ivr_app.counting import Year
from ivr_app.objections import NotNowError
from routing.line import Line
from switchboard import Switchboard, now

COLUMNS = ("contract", "customer", "contract_year", "premium_incidents", "used", "left", "over")

number_argument = click.argument("number", metavar="ID", type=click.IntRange(1, 10**9))
reason_option = click.option("--reason", required=True, help="Why; the journal keeps it.")
by_option = click.option("--by", default="command line", help="Who says so.")


@click.group("premium", cls=TaskGroup, invoke_without_command=True)
@line_option
@click.option("--contract", "number", help="Default: every contract that has used any.")
@json_wanted
@click.pass_context
def premium(ctx: click.Context, line_id: str | None, number: str | None, as_json: bool) -> None:
    """Say how many premium incidents each contract used, and has left, by contract year."""
    if ctx.invoked_subcommand is not None:
        return
    board = ready_board()
    line = line_of(board.people, line_id)
    rows = [_row(line, year) for year in _years(board, line, number)]
    if as_json:
        objects(rows)
        return
    cells = ([plain(row[name]) for name in COLUMNS] for row in rows)
    table([name.replace("_", " ") for name in COLUMNS], cells)


@premium.command("standard", cls=Task)
@number_argument
@reason_option
@by_option
def standard(number: int, reason: str, by: str) -> None:
    """Set incident ID to standard: it does not count, or no longer."""
    _say(number, by, reason, premium=False)
    click.echo(f"Incident {number} is standard.")


@premium.command("count", cls=Task)
@number_argument
@reason_option
@by_option
def count(number: int, reason: str, by: str) -> None:
    """Set incident ID to premium: it counts after all."""
    _say(number, by, reason, premium=True)
    click.echo(f"Incident {number} is premium.")


def _say(number: int, by: str, reason: str, *, premium: bool) -> None:
    board = ready_board()
    matter = board.desk.book.matter_of_number(number)
    if matter is None or matter.incident is None:
        raise Refusal(f"There is no incident {number}.")
    try:
        counting.count(board.desk, matter.incident, by, reason, premium=premium)
    except NotNowError as error:
        raise Refusal(error.sentence(SPOKEN_HERE)) from error


def _years(board: Switchboard, line: Line, number: str | None) -> Sequence[Year]:
    """The contract years in which something was counted; of a named contract also the present."""
    contract = board.people.contract(line.id, number) if number else None
    if contract is not None:
        return counting.years_of(board, line, contract, now())[0]
    found = counting.years(board, line, number)
    if number and not found:
        raise Refusal(f"There is no contract {number} on line {line.id}.")
    return found


def _row(line: Line, year: Year) -> dict[str, Any]:
    """One contract year as it is printed; a contract that is gone has no bundle to be left of."""
    bundle = year.bundle
    return {
        "line": line.id,
        "contract": year.contract,
        "customer": year.customer,
        "contract_year": year.begins.isoformat(),
        "premium_incidents": bundle.sold if bundle else None,
        "used": year.used,
        "left": bundle.left if bundle else None,
        "over": bundle.over if bundle else None,
    }

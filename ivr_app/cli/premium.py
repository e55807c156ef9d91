"""`premium`: what was used of each bundle, and an incident that counts, or does not after all."""

from __future__ import annotations

from typing import Any

import click

from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, objects, plain, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from routing import events as ev
from routing.entitlement import Bundle, contract_year
from routing.incident import Incident
from routing.line import Line
from routing.premium import countable
from routing.schedule.wallclock import wall
from store.entitlement import premium_years
from store.people import SqlPeople
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
    line = line_of(SqlPeople(board.engine), line_id)
    rows = _years(board, line, number)
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
    board = ready_board()
    incident = _incident(board, number)
    board.desk.happen(ev.PremiumSet(incident.key, premium=False, by=by, reason=reason))
    click.echo(f"Incident {number} is standard.")


@premium.command("count", cls=Task)
@number_argument
@reason_option
@by_option
def count(number: int, reason: str, by: str) -> None:
    """Set incident ID to premium: it counts after all."""
    board = ready_board()
    incident = _incident(board, number)
    if not countable(incident):
        why = "only level 1 or 2 of a caller whose PIN proved an entitled contract can"
        raise Refusal(f"Incident {number} cannot count as premium: {why}.")
    board.desk.happen(ev.PremiumSet(incident.key, premium=True, by=by, reason=reason))
    click.echo(f"Incident {number} is premium.")


def _incident(board: Switchboard, number: int) -> Incident:
    matter = board.desk.book.matter_of_number(number)
    if matter is None or matter.incident is None:
        raise Refusal(f"There is no incident {number}.")
    return matter.incident


def _years(board: Switchboard, line: Line, number: str | None) -> list[dict[str, Any]]:
    """The contract years in which something was counted; of a named contract also the present."""
    rows = [_year(line, row) for row in premium_years(board.engine, line.id, number)]
    contract = SqlPeople(board.engine).contract(line.id, number) if number else None
    if number and contract is None and not rows:
        raise Refusal(f"There is no contract {number} on line {line.id}.")
    if contract is not None:
        year = contract_year(contract.since, wall(now(), line.timezone).date())
        row = {
            "contract": number,
            "customer": contract.customer,
            "contract_year": year,
            "premium_incidents": contract.premium_incidents,
            "used": 0,
        }
        if year.isoformat() not in [known["contract_year"] for known in rows]:
            rows.append(_year(line, row))
    return rows


def _year(line: Line, row: dict[str, Any]) -> dict[str, Any]:
    """One contract year as it is printed; a contract that is gone has no bundle to be left of."""
    year, sold, used = row["contract_year"], row["premium_incidents"], row["used"]
    bundle = None if sold is None else Bundle(year, sold, used)
    return {
        "line": line.id,
        "contract": row["contract"],
        "customer": row["customer"],
        "contract_year": year.isoformat(),
        "premium_incidents": sold,
        "used": used,
        "left": bundle.left if bundle else None,
        "over": bundle.over if bundle else None,
    }

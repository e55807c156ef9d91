"""`incident`: what becomes of one incident, said at the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from ivr_app.cli.context import (
    Refusal,
    Task,
    TaskGroup,
    json_wanted,
    line_of,
    line_option,
    objects,
    oneself,
    plain,
    ready_services,
    table,
)
from routing.call import RequestProgress
from routing.incidents.text_commands import Verb
from routing.line import Line
from routing.message import Via
from service import premium as service_premium
from service.bootstrap import Services, now
from service.incident_actions import IncidentActions
from service.premium import PremiumYear
from service.refusals import ActionRefusedError, IncidentNotFoundError, UnknownPersonError
from store.log.pages import Reports

by_option = click.option("--by", help="An engineer, or duty_manager. Default: who is logged in.")
reason_option = click.option("--reason", default="", help="Why; it is kept in the journal.")


@click.group("incident")
@click.argument("number", metavar="ID", type=int)
def incident(number: int) -> None:
    """Say what became of incident ID."""


@incident.command("take", cls=Task)
@by_option
@json_wanted
def take(by: str | None, as_json: bool) -> None:
    """It is in the name of --by from now on; nobody else is called for it."""
    say(by, Verb.TAKE, lambda said: said.take(), as_json=as_json)


@incident.command("respond", cls=Task)
@by_option
@reason_option
@json_wanted
def respond(by: str | None, reason: str, as_json: bool) -> None:
    """The customer has been given a qualified answer: the response clock stops."""
    say(by, Verb.RESPOND, lambda said: said.respond(reason), as_json=as_json)


@incident.command("close", cls=Task)
@by_option
@reason_option
@json_wanted
def close(by: str | None, reason: str, as_json: bool) -> None:
    """The matter is done with."""
    say(by, Verb.CLOSE, lambda said: said.close(reason), as_json=as_json)


@incident.command("wait", cls=Task)
@click.argument("what")
@by_option
@reason_option
@json_wanted
def wait(what: str, by: str | None, reason: str, as_json: bool) -> None:
    """WHAT was asked of the customer: the response clock is paused until it comes."""
    say(by, Verb.WAIT, lambda said: said.wait(what, reason), as_json=as_json)


@incident.command("resume", cls=Task)
@by_option
@reason_option
@json_wanted
def resume(by: str | None, reason: str, as_json: bool) -> None:
    """What was asked of the customer has come: the response clock runs again."""
    say(by, Verb.RESUME, lambda said: said.resume(reason), as_json=as_json)


@incident.command("confirm", cls=Task)
@by_option
@reason_option
@json_wanted
def confirm(by: str | None, reason: str, as_json: bool) -> None:
    """A signature request: the customer is right, and is told that an update will follow."""
    say(
        by,
        Verb.CONFIRM,
        lambda said: said.advance(RequestProgress.CONFIRMED, reason),
        as_json=as_json,
    )


@incident.command("release", cls=Task)
@by_option
@reason_option
@json_wanted
def release(by: str | None, reason: str, as_json: bool) -> None:
    """A signature request: the update can be had; the customer and all who asked are told."""
    say(
        by,
        Verb.RELEASE,
        lambda said: said.advance(RequestProgress.RELEASED, reason),
        as_json=as_json,
    )


@incident.command("call", cls=Task)
@by_option
@json_wanted
def call(by: str | None, as_json: bool) -> None:
    """Ring the telephone of --by, who has it; the key that takes it leads on to the customer."""
    say(by, Verb.CALL, lambda said: said.call(), as_json=as_json)


@incident.command("note", cls=Task)
@click.argument("words")
@by_option
@json_wanted
def note(words: str, by: str | None, as_json: bool) -> None:
    """Write WORDS down, to be read in the story of the incident."""
    say(by, Verb.NOTE, lambda said: said.note(words), as_json=as_json)


@incident.command("reassign", cls=Task)
@click.option("--to", required=True, help="The engineer who has it from now on.")
@by_option
@reason_option
@json_wanted
def reassign(to: str, by: str | None, reason: str, as_json: bool) -> None:
    """Put it in the name of another engineer, who is told."""
    say(by, Verb.TAKE, lambda said: said.reassign(to, reason), as_json=as_json)


# `premium`: what was used of each bundle, and an incident that counts, or does not after all.


COLUMNS = ("contract", "customer", "contract_year", "premium_incidents", "used", "left", "over")

number_argument = click.argument("number", metavar="ID", type=click.IntRange(1, 10**9))
premium_reason_option = click.option("--reason", required=True, help="Why; the journal keeps it.")
premium_by_option = click.option("--by", default="command line", help="Who says so.")


@click.group("premium", cls=TaskGroup, invoke_without_command=True)
@line_option
@click.option("--contract", "number", help="Default: every contract that has used any.")
@json_wanted
@click.pass_context
def premium(ctx: click.Context, line_id: str | None, number: str | None, as_json: bool) -> None:
    """Say how many premium incidents each contract used, and has left, by contract year."""
    if ctx.invoked_subcommand is not None:
        return
    board = ready_services()
    line = line_of(board.people, line_id)
    rows = [_row(line, year) for year in _years(board, line, number)]
    if as_json:
        objects(rows)
        return
    cells = ([plain(row[name]) for name in COLUMNS] for row in rows)
    table([name.replace("_", " ") for name in COLUMNS], cells)


@premium.command("standard", cls=Task)
@number_argument
@premium_reason_option
@premium_by_option
def standard(number: int, reason: str, by: str) -> None:
    """Set incident ID to standard: it does not count, or no longer."""
    _say(number, by, reason, premium=False)
    click.echo(f"Incident {number} is standard.")


@premium.command("count", cls=Task)
@number_argument
@premium_reason_option
@premium_by_option
def count(number: int, reason: str, by: str) -> None:
    """Set incident ID to premium: it counts after all."""
    _say(number, by, reason, premium=True)
    click.echo(f"Incident {number} is premium.")


def _say(number: int, by: str, reason: str, *, premium: bool) -> None:
    board = ready_services()
    matter = board.desk.book.matter_of_number(number)
    if matter is None or matter.incident is None:
        raise Refusal(f"There is no incident {number}.")
    try:
        service_premium.set_premium(board.desk, matter.incident, by, reason, premium=premium)
    except ActionRefusedError as error:
        raise Refusal(error.sentence(SPOKEN_HERE)) from error


def _years(board: Services, line: Line, number: str | None) -> Sequence[PremiumYear]:
    """The contract years in which something was counted; of a named contract also the present."""
    contract = board.people.contract(line.id, number) if number else None
    if contract is not None:
        return service_premium.list_contract_years(board, line, contract, now())[0]
    found = service_premium.list_years(board, line, number)
    if number and not found:
        raise Refusal(f"There is no contract {number} on line {line.id}.")
    return found


def _row(line: Line, year: PremiumYear) -> dict[str, Any]:
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


# Who says what about which incident at the command line, and how it is told what came of it.


SPOKEN_HERE = "en"
"""The language of the command line."""


def say(
    by: str | None, verb: Verb, do: Callable[[IncidentActions], IncidentActions], *, as_json: bool
) -> None:
    """Do to the incident of the command that runs now what ``do`` says, in the name of ``by``, and
    print how it stands afterwards."""
    context = click.get_current_context().parent
    number = context.params["number"] if context is not None else 0
    board = ready_services()
    try:
        after = do(IncidentActions.of(board, number, by or oneself(), Via.COMMAND))
    except IncidentNotFoundError as error:
        raise Refusal(f"There is no incident {number}.") from error
    except UnknownPersonError as error:
        may = ", ".join(error.known)
        raise Refusal(
            f"{error.who} is nobody of line {error.line.id}; --by may be: {may}"
        ) from error
    except ActionRefusedError as error:
        raise Refusal(error.sentence(SPOKEN_HERE)) from error
    if as_json:
        objects(Reports(board.engine).incident(number))
    else:
        click.echo(after.told(verb, SPOKEN_HERE))

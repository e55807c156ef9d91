"""`incident` and `premium`: actions on one incident, and the use of premium incidents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from ivr_app.cli.context import (
    LineCommand,
    LineCommandGroup,
    Refusal,
    format_cell,
    json_option,
    line_option,
    open_line,
    operator_name,
    print_objects,
    print_table,
    ready_services,
)
from routing.call import RequestProgress
from routing.incidents.text_commands import Verb
from routing.line import Line
from routing.message import Via
from service.bootstrap import Services, now
from service.incident_actions import IncidentActions
from service.premium import PremiumYear, list_contract_years, list_years, set_premium
from service.refusals import ActionRefusedError, IncidentNotFoundError, UnknownPersonError
from store.log.reports import Reports

by_option = click.option("--by", help="An engineer, or duty_manager. Default: your login name.")
reason_option = click.option("--reason", default="", help="The reason, for the journal.")


@click.group("incident", cls=LineCommandGroup, example="incident 1042 take")
@click.argument("number", metavar="ID", type=int)
def incident(number: int) -> None:
    """Change incident ID."""


@incident.command("take", cls=LineCommand, example="incident 1042 take --by sanne")
@by_option
@json_option
def take(by: str | None, as_json: bool) -> None:
    """Assign the incident to --by and stop paging others."""
    act_on_incident(by, Verb.TAKE, lambda incident: incident.take(), as_json=as_json)


@incident.command("respond", cls=LineCommand, example="incident 1042 respond")
@by_option
@reason_option
@json_option
def respond(by: str | None, reason: str, as_json: bool) -> None:
    """Record a qualified answer to the customer and stop the response clock."""
    act_on_incident(by, Verb.RESPOND, lambda incident: incident.respond(reason), as_json=as_json)


@incident.command("close", cls=LineCommand, example='incident 1042 close --reason "Cable replaced"')
@by_option
@reason_option
@json_option
def close(by: str | None, reason: str, as_json: bool) -> None:
    """Close the incident."""
    act_on_incident(by, Verb.CLOSE, lambda incident: incident.close(reason), as_json=as_json)


@incident.command("wait", cls=LineCommand, example='incident 1042 wait "The log of the router"')
@click.argument("what")
@by_option
@reason_option
@json_option
def wait(what: str, by: str | None, reason: str, as_json: bool) -> None:
    """Record WHAT the customer was asked for and pause the response clock."""
    act_on_incident(by, Verb.WAIT, lambda incident: incident.wait(what, reason), as_json=as_json)


@incident.command("resume", cls=LineCommand, example="incident 1042 resume")
@by_option
@reason_option
@json_option
def resume(by: str | None, reason: str, as_json: bool) -> None:
    """Record that the customer answered and resume the response clock."""
    act_on_incident(by, Verb.RESUME, lambda incident: incident.resume(reason), as_json=as_json)


@incident.command("confirm", cls=LineCommand, example="incident 1042 confirm")
@by_option
@reason_option
@json_option
def confirm(by: str | None, reason: str, as_json: bool) -> None:
    """Confirm a signature request and tell the customer that an update follows."""
    act_on_incident(
        by,
        Verb.CONFIRM,
        lambda incident: incident.advance(RequestProgress.CONFIRMED, reason),
        as_json=as_json,
    )


@incident.command("release", cls=LineCommand, example="incident 1042 release")
@by_option
@reason_option
@json_option
def release(by: str | None, reason: str, as_json: bool) -> None:
    """Release the update of a signature request and tell everyone who asked for it."""
    act_on_incident(
        by,
        Verb.RELEASE,
        lambda incident: incident.advance(RequestProgress.RELEASED, reason),
        as_json=as_json,
    )


@incident.command("call", cls=LineCommand, example="incident 1042 call --by sanne")
@by_option
@json_option
def call(by: str | None, as_json: bool) -> None:
    """Ring the engineer --by, who has the incident, and connect them to the customer."""
    act_on_incident(by, Verb.CALL, lambda incident: incident.call(), as_json=as_json)


@incident.command("note", cls=LineCommand, example='incident 1042 note "The customer is on site"')
@click.argument("words")
@by_option
@json_option
def note(words: str, by: str | None, as_json: bool) -> None:
    """Add a note to the timeline of the incident."""
    act_on_incident(by, Verb.NOTE, lambda incident: incident.note(words), as_json=as_json)


@incident.command("reassign", cls=LineCommand, example="incident 1042 reassign --to joris")
@click.option("--to", required=True, help="The engineer to assign it to.")
@by_option
@reason_option
@json_option
def reassign(to: str, by: str | None, reason: str, as_json: bool) -> None:
    """Assign the incident to another engineer and notify them."""
    act_on_incident(by, Verb.TAKE, lambda incident: incident.reassign(to, reason), as_json=as_json)


# `premium`: the use of each bundle, and whether an incident counts.


COLUMNS = ("contract", "customer", "contract_year", "premium_incidents", "used", "left", "over")

number_argument = click.argument("number", metavar="ID", type=click.IntRange(1, 10**9))
premium_reason_option = click.option("--reason", required=True, help="The reason, for the journal.")
premium_by_option = click.option("--by", default="command line", help="The person who decides.")


@click.group(
    "premium",
    cls=LineCommandGroup,
    example="premium --contract 100234",
    invoke_without_command=True,
)
@line_option
@click.option("--contract", "number", help="Default: every contract with premium incidents.")
@json_option
@click.pass_context
def premium(ctx: click.Context, line_id: str | None, number: str | None, as_json: bool) -> None:
    """Show the premium incidents that each contract used and has left, by contract year."""
    if ctx.invoked_subcommand is not None:
        return
    services, line = open_line(line_id)
    rows = [_row(line, year) for year in _years(services, line, number)]
    if as_json:
        print_objects(rows)
        return
    cells = ([format_cell(row[name]) for name in COLUMNS] for row in rows)
    print_table([name.replace("_", " ") for name in COLUMNS], cells)


@premium.command(
    "standard", cls=LineCommand, example='premium standard 1042 --reason "Our own mistake"'
)
@number_argument
@premium_reason_option
@premium_by_option
def standard(number: int, reason: str, by: str) -> None:
    """Mark incident ID as standard: it does not count as premium."""
    _set_premium(number, by, reason, premium=False)
    click.echo(f"Incident {number} is standard.")


@premium.command(
    "count", cls=LineCommand, example='premium count 1042 --reason "Agreed with the customer"'
)
@number_argument
@premium_reason_option
@premium_by_option
def count(number: int, reason: str, by: str) -> None:
    """Mark incident ID as premium: it counts."""
    _set_premium(number, by, reason, premium=True)
    click.echo(f"Incident {number} is premium.")


def _set_premium(number: int, by: str, reason: str, *, premium: bool) -> None:
    services = ready_services()
    case = services.call_service.calls.find_by_number(number)
    if case is None or case.incident is None:
        raise Refusal(f"There is no incident {number}.")
    try:
        set_premium(services.call_service, case.incident, by, reason, premium=premium)
    except ActionRefusedError as error:
        raise Refusal(error.render(LANGUAGE)) from error


def _years(services: Services, line: Line, number: str | None) -> Sequence[PremiumYear]:
    """The contract years with premium incidents; for one contract also the current year."""
    if number is not None:
        contract = services.lines.find_contract(line.id, number)
        if contract is not None:
            return list_contract_years(services, line, contract, now())[0]
    found = list_years(services, line, number)
    if number is not None and not found:
        raise Refusal(f"There is no contract {number} on line {line.id}.")
    return found


def _row(line: Line, year: PremiumYear) -> dict[str, Any]:
    """One contract year; a deleted contract has no bundle."""
    row = {
        "line": line.id,
        "contract": year.contract,
        "customer": year.customer,
        "contract_year": year.begins.isoformat(),
        "premium_incidents": None,
        "used": year.used,
        "left": None,
        "over": None,
    }
    if year.bundle is not None:
        row |= {
            "premium_incidents": year.bundle.sold,
            "left": year.bundle.left,
            "over": year.bundle.over,
        }
    return row


# An action on the incident of the command, and the line that is printed afterwards.


LANGUAGE = "en"
"""The language of the command line."""


def act_on_incident(
    by: str | None, verb: Verb, do: Callable[[IncidentActions], IncidentActions], *, as_json: bool
) -> None:
    """Run ``do`` on the incident of the command in the name of ``by``, and print the result."""
    parent = click.get_current_context().parent or click.get_current_context()
    number: int = parent.params["number"]
    services = ready_services()
    try:
        after = do(IncidentActions.of(services, number, by or operator_name(), Via.COMMAND))
    except IncidentNotFoundError as error:
        raise Refusal(f"There is no incident {number}.") from error
    except UnknownPersonError as error:
        may = ", ".join(error.known)
        raise Refusal(f"{error.who} is not on line {error.line.id}; --by may be: {may}") from error
    except ActionRefusedError as error:
        raise Refusal(error.render(LANGUAGE)) from error
    if as_json:
        print_objects(Reports(services.engine).incident(number))
    else:
        click.echo(after.describe(verb, LANGUAGE))

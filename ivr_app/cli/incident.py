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
from store.log.reports import Reports

by_option = click.option("--by", help="An engineer, or duty_manager. Default: your login name.")
reason_option = click.option("--reason", default="", help="The reason, for the journal.")


@click.group("incident", cls=TaskGroup, example="incident 1042 take")
@click.argument("number", metavar="ID", type=int)
def incident(number: int) -> None:
    """Change incident ID."""


@incident.command("take", cls=Task, example="incident 1042 take --by sanne")
@by_option
@json_wanted
def take(by: str | None, as_json: bool) -> None:
    """Assign the incident to --by and stop paging others."""
    say(by, Verb.TAKE, lambda said: said.take(), as_json=as_json)


@incident.command("respond", cls=Task, example="incident 1042 respond")
@by_option
@reason_option
@json_wanted
def respond(by: str | None, reason: str, as_json: bool) -> None:
    """Record a qualified answer to the customer and stop the response clock."""
    say(by, Verb.RESPOND, lambda said: said.respond(reason), as_json=as_json)


@incident.command("close", cls=Task, example='incident 1042 close --reason "Cable replaced"')
@by_option
@reason_option
@json_wanted
def close(by: str | None, reason: str, as_json: bool) -> None:
    """Close the incident."""
    say(by, Verb.CLOSE, lambda said: said.close(reason), as_json=as_json)


@incident.command("wait", cls=Task, example='incident 1042 wait "The log of the router"')
@click.argument("what")
@by_option
@reason_option
@json_wanted
def wait(what: str, by: str | None, reason: str, as_json: bool) -> None:
    """Record WHAT the customer was asked for and pause the response clock."""
    say(by, Verb.WAIT, lambda said: said.wait(what, reason), as_json=as_json)


@incident.command("resume", cls=Task, example="incident 1042 resume")
@by_option
@reason_option
@json_wanted
def resume(by: str | None, reason: str, as_json: bool) -> None:
    """Record that the customer answered and resume the response clock."""
    say(by, Verb.RESUME, lambda said: said.resume(reason), as_json=as_json)


@incident.command("confirm", cls=Task, example="incident 1042 confirm")
@by_option
@reason_option
@json_wanted
def confirm(by: str | None, reason: str, as_json: bool) -> None:
    """Confirm a signature request and tell the customer that an update follows."""
    say(
        by,
        Verb.CONFIRM,
        lambda said: said.advance(RequestProgress.CONFIRMED, reason),
        as_json=as_json,
    )


@incident.command("release", cls=Task, example="incident 1042 release")
@by_option
@reason_option
@json_wanted
def release(by: str | None, reason: str, as_json: bool) -> None:
    """Release the update of a signature request and tell everyone who asked for it."""
    say(
        by,
        Verb.RELEASE,
        lambda said: said.advance(RequestProgress.RELEASED, reason),
        as_json=as_json,
    )


@incident.command("call", cls=Task, example="incident 1042 call --by sanne")
@by_option
@json_wanted
def call(by: str | None, as_json: bool) -> None:
    """Ring the engineer --by, who has the incident, and connect them to the customer."""
    say(by, Verb.CALL, lambda said: said.call(), as_json=as_json)


@incident.command("note", cls=Task, example='incident 1042 note "The customer is on site"')
@click.argument("words")
@by_option
@json_wanted
def note(words: str, by: str | None, as_json: bool) -> None:
    """Add a note to the timeline of the incident."""
    say(by, Verb.NOTE, lambda said: said.note(words), as_json=as_json)


@incident.command("reassign", cls=Task, example="incident 1042 reassign --to joris")
@click.option("--to", required=True, help="The engineer to assign it to.")
@by_option
@reason_option
@json_wanted
def reassign(to: str, by: str | None, reason: str, as_json: bool) -> None:
    """Assign the incident to another engineer and notify them."""
    say(by, Verb.TAKE, lambda said: said.reassign(to, reason), as_json=as_json)


# `premium`: what was used of each bundle, and an incident that counts, or does not after all.


COLUMNS = ("contract", "customer", "contract_year", "premium_incidents", "used", "left", "over")

number_argument = click.argument("number", metavar="ID", type=click.IntRange(1, 10**9))
premium_reason_option = click.option("--reason", required=True, help="The reason, for the journal.")
premium_by_option = click.option("--by", default="command line", help="The person who decides.")


@click.group(
    "premium", cls=TaskGroup, example="premium --contract 100234", invoke_without_command=True
)
@line_option
@click.option("--contract", "number", help="Default: every contract with premium incidents.")
@json_wanted
@click.pass_context
def premium(ctx: click.Context, line_id: str | None, number: str | None, as_json: bool) -> None:
    """Show the premium incidents that each contract used and has left, by contract year."""
    if ctx.invoked_subcommand is not None:
        return
    services = ready_services()
    line = line_of(services.lines, line_id)
    rows = [_row(line, year) for year in _years(services, line, number)]
    if as_json:
        objects(rows)
        return
    cells = ([plain(row[name]) for name in COLUMNS] for row in rows)
    table([name.replace("_", " ") for name in COLUMNS], cells)


@premium.command("standard", cls=Task, example='premium standard 1042 --reason "Our own mistake"')
@number_argument
@premium_reason_option
@premium_by_option
def standard(number: int, reason: str, by: str) -> None:
    """Mark incident ID as standard: it does not count as premium."""
    _say(number, by, reason, premium=False)
    click.echo(f"Incident {number} is standard.")


@premium.command(
    "count", cls=Task, example='premium count 1042 --reason "Agreed with the customer"'
)
@number_argument
@premium_reason_option
@premium_by_option
def count(number: int, reason: str, by: str) -> None:
    """Mark incident ID as premium: it counts."""
    _say(number, by, reason, premium=True)
    click.echo(f"Incident {number} is premium.")


def _say(number: int, by: str, reason: str, *, premium: bool) -> None:
    services = ready_services()
    matter = services.call_service.calls.find_by_number(number)
    if matter is None or matter.incident is None:
        raise Refusal(f"There is no incident {number}.")
    try:
        service_premium.set_premium(
            services.call_service, matter.incident, by, reason, premium=premium
        )
    except ActionRefusedError as error:
        raise Refusal(error.render(SPOKEN_HERE)) from error


def _years(services: Services, line: Line, number: str | None) -> Sequence[PremiumYear]:
    """The contract years in which something was counted; of a named contract also the present."""
    contract = services.lines.contract(line.id, number) if number else None
    if contract is not None:
        return service_premium.list_contract_years(services, line, contract, now())[0]
    found = service_premium.list_years(services, line, number)
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
    services = ready_services()
    try:
        after = do(IncidentActions.of(services, number, by or oneself(), Via.COMMAND))
    except IncidentNotFoundError as error:
        raise Refusal(f"There is no incident {number}.") from error
    except UnknownPersonError as error:
        may = ", ".join(error.known)
        raise Refusal(
            f"{error.who} is nobody of line {error.line.id}; --by may be: {may}"
        ) from error
    except ActionRefusedError as error:
        raise Refusal(error.render(SPOKEN_HERE)) from error
    if as_json:
        objects(Reports(services.engine).incident(number))
    else:
        click.echo(after.describe(verb, SPOKEN_HERE))

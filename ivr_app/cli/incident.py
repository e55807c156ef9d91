"""`incident`, `open` and `premium`: actions on one incident, a new one, and premium incidents."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from mimetypes import guess_type
from pathlib import Path
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
from routing.call import Entitlement, RequestProgress
from routing.correspondence import AnswerEffect, Author, Upload
from routing.events import Lodged
from routing.incident import Incident, IncidentSource
from routing.incidents.text_commands import Verb
from routing.line import Line
from routing.message import Via
from routing.phone_numbers import normalise
from routing.ports import FileTooLargeError
from service.bootstrap import Services, now
from service.incident_actions import (
    CustomerAnswer,
    IncidentActions,
    check_person,
    choose_language,
    identify_customer,
    lodge_entered,
)
from service.premium import PremiumYear, list_contract_years, list_years, set_premium
from service.refusals import (
    ActionRefusedError,
    IncidentNotFoundError,
    LodgingRefusedError,
    UnknownPersonError,
)
from store.log.reports import Reports

READ = 256 * 1024
"""Bytes of a file that are read at once."""

by_option = click.option("--by", help="An engineer, or duty_manager. Default: your login name.")
attach_option = click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file to attach; may be repeated.",
)
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


@incident.command(
    "answer", cls=LineCommand, example='incident 1042 answer "It works again." --effect responds'
)
@click.argument("words")
@click.option(
    "--effect",
    type=click.Choice([one.value for one in AnswerEffect]),
    default=AnswerEffect.NOTHING.value,
    show_default=True,
    help="responds: it is the qualified response. asks: the clock pauses until they reply.",
)
@attach_option
@click.option("--yes", is_flag=True, help="Send it without a question.")
@by_option
@json_option
def answer(words: str, by: str | None, *, yes: bool, as_json: bool, **given: Any) -> None:
    """Send WORDS to the customer. For a remark among colleagues use `note`."""
    effect = AnswerEffect(given["effect"])

    def do(actions: IncidentActions) -> IncidentActions:
        if not yes:
            click.confirm(f"Send this to {_name_reader(actions.incident)}?", abort=True, err=True)
        kept = tuple(_store_file(actions, path) for path in given["files"])
        return actions.answer(CustomerAnswer(words, secrets.token_hex(16), effect, kept))

    def describe(actions: IncidentActions) -> str:
        return f"Sent to {_name_reader(actions.incident)}."

    act_on_incident(by, describe, do, as_json=as_json)


@incident.command("merge", cls=LineCommand, example="incident 1043 merge --into 1042")
@click.option("--into", type=click.IntRange(1, 10**9), required=True, help="It goes on for both.")
@by_option
@reason_option
@json_option
def merge(into: int, by: str | None, reason: str, as_json: bool) -> None:
    """Merge the incident into another one of the same customer. It cannot be undone."""

    def describe(actions: IncidentActions) -> str:
        return f"Incident {actions.incident.number} has been merged into incident {into}."

    act_on_incident(by, describe, lambda incident: incident.merge(into, reason), as_json=as_json)


def _name_reader(incident: Incident) -> str:
    """The customer who reads an answer."""
    names = [name for name in (incident.contact, incident.customer) if name]
    return ", ".join(names) or "the customer, who is not identified"


def _store_file(actions: IncidentActions, path: Path) -> str:
    """Store a file of this machine and return its id."""
    return _upload(actions.services, actions.line, path, actions.who, actions.incident.contract)


def _upload(services: Services, line: Line, path: Path, by: str, contract: str | None) -> str:
    upload = Upload(
        line=line.id,
        name=path.name,
        media_type=guess_type(path.name)[0] or "application/octet-stream",
        author=Author.STAFF,
        by=by,
        door=Via.COMMAND,
        contract=contract,
    )
    limit = services.settings.largest_file
    correspondence = services.call_service.calls.correspondence
    with path.open("rb") as file:
        content = iter(lambda: file.read(READ), b"")
        try:
            return correspondence.write_file(upload, content, limit, now()).id
        except FileTooLargeError as error:
            raise Refusal(f"{path} is larger than {limit} bytes (LARGEST_FILE_MB).") from error


# `open`: an incident of a customer who came in another way than by the line.


@click.command(
    "open", cls=LineCommand, example='open "Till 2 does not start" --urgency 3 --contract 100234'
)
@click.argument("words")
@line_option
@click.option("--urgency", type=click.IntRange(1, 4), required=True, help="1 rings people now.")
@click.option("--contract", help="The contract of a customer whom you have identified.")
@click.option("--contact", help="The contact's name. Default: the first current contact.")
@click.option("--name", default="", help="How somebody who is not identified calls themselves.")
@click.option("--phone", help="The number to call back. Default: the contact's.")
@click.option(
    "--source",
    type=click.Choice([one.value for one in IncidentSource]),
    default=IncidentSource.PHONE.value,
    show_default=True,
    help="How the customer came.",
)
@click.option("--subject", default="")
@attach_option
@by_option
@json_option
def open_(words: str, line_id: str | None, by: str | None, *, as_json: bool, **given: Any) -> None:
    """Open an incident for a customer who did not use the line, described by WORDS."""
    services, line = open_line(line_id)
    try:
        event = _build_matter(services, line, words, by or operator_name(), given)
        opened = lodge_entered(services, event).incident
    except UnknownPersonError as error:
        raise _refuse_person(error) from error
    except LodgingRefusedError as error:
        raise Refusal(error.reason.render(LANGUAGE, line.timezone)) from error
    if opened is None:
        raise Refusal("The incident was not opened.")
    if as_json:
        print_objects(Reports(services.engine).incident(opened.number))
    else:
        click.echo(f"Incident {opened.number} is open.")


def _build_matter(
    services: Services, line: Line, words: str, by: str, given: dict[str, Any]
) -> Lodged:
    """The matter as it was typed, with its files stored."""
    person, contract = check_person(line, by), given["contract"]
    phone = given["phone"]
    if phone is not None:
        phone = normalise(phone, line.country)
    if given["phone"] is not None and phone is None:
        raise Refusal(f"{given['phone']} is not a phone number, such as +31612345678.")
    event = Lodged(
        key=secrets.token_hex(16),
        line=line.id,
        source=IncidentSource(given["source"]),
        urgency=given["urgency"],
        language=choose_language(line, None),
        entitlement=Entitlement.UNVERIFIED,
        phone=phone,
        words=words,
        by=given["name"],
        subject=given["subject"],
        entered_by=person,
    )
    if contract is not None:
        event = identify_customer(services, event, contract, given["contact"], None)
    kept = (_upload(services, line, path, person, contract) for path in given["files"])
    return replace(event, files=tuple(kept))


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
    cells = ([_format_cell(row, name) for name in COLUMNS] for row in rows)
    print_table([name.replace("_", " ") for name in COLUMNS], cells)


def _format_cell(row: dict[str, Any], name: str) -> str:
    """A cell of the table; a plan without a limit has a word instead of no number."""
    if name in ("premium_incidents", "left") and row[name] is None and row["over"] is not None:
        return "unlimited"
    return format_cell(row[name])


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
    by: str | None,
    said: Verb | Callable[[IncidentActions], str],
    do: Callable[[IncidentActions], IncidentActions],
    *,
    as_json: bool,
) -> None:
    """Run ``do`` on the incident of the command in the name of ``by``, and print the result: the
    sentence of a verb, or one of the command's own."""
    parent = click.get_current_context().parent or click.get_current_context()
    number: int = parent.params["number"]
    services = ready_services()
    try:
        after = do(IncidentActions.of(services, number, by or operator_name(), Via.COMMAND))
    except IncidentNotFoundError as error:
        raise Refusal(f"There is no incident {error.args[0]}.") from error
    except UnknownPersonError as error:
        raise _refuse_person(error) from error
    except ActionRefusedError as error:
        raise Refusal(error.render(LANGUAGE)) from error
    if as_json:
        print_objects(Reports(services.engine).incident(number))
    elif isinstance(said, Verb):
        click.echo(after.describe(said, LANGUAGE))
    else:
        click.echo(said(after))


def _refuse_person(error: UnknownPersonError) -> Refusal:
    may = ", ".join(error.known)
    return Refusal(f"{error.who} is not on line {error.line.id}; --by may be: {may}")

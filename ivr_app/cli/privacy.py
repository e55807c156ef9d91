"""`forget`, `export` and `recordings`: the personal data that the line stores, and the line itself
as files."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO, TextIO

import click

from carrier.prompts import list_languages
from config.export import dump_yaml, write_contracts_csv, write_line_file
from ivr_app.cli.context import (
    LineCommand,
    LineCommandGroup,
    Refusal,
    format_cell,
    json_option,
    line_option,
    open_line,
    print_objects,
    print_table,
    ready_services,
)
from routing.contracts import CONTACT_FIELDS, Contact, list_values
from routing.correspondence import CustomerMessage, IncidentFile
from routing.line import Line
from routing.names import name_key
from routing.oncall.local_time import format_local
from routing.phone_numbers import normalise
from routing.recording import Recording
from service.bootstrap import Services, now
from store.log import erasure
from store.log.erasure import DataSubject, SubjectData
from store.log.reports import Reports
from store.log.rows import (
    Row,
    build_call_row,
    build_file_row,
    build_message_row,
    build_recording_row,
)
from store.people.audit import AuditLog
from store.people.contracts import list_unfiled_contracts
from store.people.lines import find_stored_line
from store.people.sessions import list_portal_sessions

yes_option = click.option("--yes", is_flag=True, help="Make the changes, not only show them.")
contract_option = click.option("--contract", "contract", required=True, help="The contract number.")


@click.group("forget", cls=LineCommandGroup, example="forget phone +31612345678")
def forget() -> None:
    """Erase a person from the data. Counts, times and outcomes stay."""


@forget.command(
    "contact", cls=LineCommand, example='forget contact "Pieter Jansen" --contract 100234'
)
@click.argument("name", metavar="NAME")
@contract_option
@line_option
@yes_option
def contact(name: str, contract: str, line_id: str | None, yes: bool) -> None:
    """Erase a contact of a contract, and the numbers that only they have."""
    services, line = open_line(line_id)
    person = find_contact(services, line, contract, name)
    _forget(services, line, person, contract, yes=yes)
    click.echo("Remove them from the file or CSV too, or the next apply adds them again.")


@forget.command("phone", cls=LineCommand, example="forget phone +31612345678")
@click.argument("number", metavar="NUMBER")
@line_option
@yes_option
def phone(number: str, line_id: str | None, yes: bool) -> None:
    """Erase the caller with this number."""
    services, line = open_line(line_id)
    found = normalise(number, line.country)
    if found is None:
        raise Refusal(f"{number} is not a phone number.")
    phones = (line.number, *line.last_resort, *(p for e in line.engineers for p in e.phones))
    if found in phones:
        raise Refusal(
            f"{found} is in the file of line {line.id}: remove it there and apply the file."
        )
    _forget(services, line, DataSubject(frozenset({found})), None, yes=yes)


@forget.command("email", cls=LineCommand, example="forget email pieter@bakkerij-jansen.example")
@click.argument("address", metavar="ADDRESS")
@line_option
@yes_option
def email(address: str, line_id: str | None, yes: bool) -> None:
    """Erase a writer with this mail address who is no contact."""
    services, line = open_line(line_id)
    spellings = frozenset({address, address.casefold()})
    _forget(services, line, DataSubject(spellings), None, yes=yes)


@forget.command("engineer", cls=LineCommand, example="forget engineer joris")
@click.argument("engineer", metavar="ID")
@click.option("--name", "names", multiple=True, help="A name to erase from notes; may be repeated.")
@line_option
@yes_option
def engineer(engineer: str, names: tuple[str, ...], line_id: str | None, yes: bool) -> None:
    """Erase an engineer who has left. The log shows a made-up id instead."""
    services, line = open_line(line_id)
    if line.engineer(engineer) is not None:
        raise Refusal(
            f"{engineer} is in the file of line {line.id}: remove them there and apply the file."
        )
    person = erasure.find_engineer_subject(services.engine, line.id, engineer, names)
    secret = f"{services.settings.secret_key} {line.id} {engineer}".encode()
    former = f"former-{hashlib.sha256(secret).hexdigest()[:6]}"
    _forget(services, line, replace(person, former=former), None, yes=yes)


def find_contact(services: Services, line: Line, contract: str, name: str) -> DataSubject:
    """The contact of this name. Raises Refusal, which names the contacts of the contract."""
    known = services.lines.find_contract(line.id, contract)
    if known is None:
        raise Refusal(f"There is no contract {contract} on line {line.id}.")
    found = next((c for c in known.contacts if name_key(c.name) == name_key(name)), None)
    if found is None:
        names = ", ".join(c.name for c in known.contacts) or "nobody"
        raise Refusal(f"Contract {contract} has no contact {name}; it has: {names}.")
    return erasure.find_contact_subject(services.engine, contract, found, known.contacts)


def _forget(
    services: Services, line: Line, person: DataSubject, contract: str | None, *, yes: bool
) -> None:
    theirs = erasure.find_subject_data(services.engine, line.id, person, contract)
    if theirs.undone:
        open_ones = ", ".join(map(str, theirs.undone))
        raise Refusal(f"These incidents are open: {open_ones}. Close them first.")
    if theirs.on_the_line:
        raise Refusal("They are in a call with the line now.")
    counted = erasure.count_traces(services.engine, person, theirs)
    counted["recordings, whose sound is deleted"] = len(theirs.recordings)
    counted["files, which are deleted"] = len(theirs.files)
    for what, many in sorted(counted.items()):
        click.echo(f"{what}: {many}")
    if not yes:
        click.echo("Nothing has changed yet. --yes erases it; this cannot be undone.")
        return
    for recording in theirs.recordings:
        services.call_service.notifier.notify(services.recordings.forget(recording, now()))
    erasure.erase(services.engine, person, theirs)
    erasure.erase_contact(services.engine, line.id, person, contract)
    click.echo("Erased here. Backups, logs and the carrier keep data for their own retention time.")


# `export`: the line as its files; and the personal data of a contact, to answer a request for
# access.


LISTED = 10_000
"""Changes of a contract among which an export looks."""

COLLEAGUES = (
    *("to", "pages", "engineer", "answered_by"),
    *("acknowledged_by", "responded_by", "closed_by", "waiting_by"),
)
"""Columns with the personal data of others."""


@click.command(
    "export", cls=LineCommand, example="export 'Karin Noord' --contract 100252 --zip karin.zip"
)
@click.argument("name", metavar="[CONTACT]", required=False)
@click.option("--contract", help="The contract number of CONTACT.")
@click.option(
    "--zip",
    "archive",
    type=click.File("wb", lazy=True),
    help="Write a ZIP with recordings of CONTACT.",
)
@click.option(
    "--contracts",
    "contracts_csv",
    type=click.File("w", encoding="utf-8", lazy=True),
    help="Write the contracts that are not in the line.yaml, as contracts.csv.",
)
@line_option
def export(
    name: str | None,
    contract: str | None,
    archive: BinaryIO | None,
    contracts_csv: TextIO | None,
    line_id: str | None,
) -> None:
    """Print the line as a line.yaml; or the data kept about CONTACT, as JSON.

    `apply` finds nothing changed in the line.yaml. Comments are lost, and PINs are in it as hashes.
    """
    services, line = open_line(line_id)
    if name is None:
        if contract is not None or archive is not None:
            raise click.UsageError("Name the CONTACT.")
        _export_line(services, line, contracts_csv)
        return
    if contract is None or contracts_csv is not None:
        raise click.UsageError("The data of a CONTACT needs --contract, and no --contracts.")
    _export_person(services, line, (contract, name), archive)


def _export_line(services: Services, line: Line, contracts_csv: TextIO | None) -> None:
    stored = find_stored_line(services.engine, line.id)
    if stored is None:
        raise Refusal(f"There is no line {line.id}.")
    document = write_line_file(stored.line, stored.contracts, spoken=list_languages())
    click.echo(dump_yaml(document), nl=False)
    others = list_unfiled_contracts(services.engine, line.id)
    if contracts_csv is None:
        for _ in others:
            click.echo("Some contracts are not in the line.yaml: see --contracts.", err=True)
            break
        return
    for each in write_contracts_csv(others):
        contracts_csv.write(each)


def _export_person(
    services: Services, line: Line, whose: tuple[str, str], archive: BinaryIO | None
) -> None:
    contract, name = whose
    person = find_contact(services, line, contract, name)
    theirs = erasure.find_subject_data(services.engine, line.id, person, contract)
    held = json.dumps(
        _collect_data(services, line, contract, name, theirs), indent=2, ensure_ascii=False
    )
    if archive is None:
        click.echo(held)
        return
    _write_zip(services, archive, held, theirs)


def _collect_data(
    services: Services, line: Line, contract: str, name: str, theirs: SubjectData
) -> dict[str, Any]:
    known = services.lines.find_contract(line.id, contract)
    customer, contact = None, None
    if known is not None:
        key, customer = name_key(name), known.customer
        contact = _describe_contact(next(c for c in known.contacts if name_key(c.name) == key))
    reports, numbers = Reports(services.engine), {i.key: i.number for i in theirs.incidents}
    found = [services.recordings.recordings.find(each) for each in theirs.recordings]
    return {
        "line": line.id,
        "contract": contract,
        "customer": customer,
        "contact": contact,
        "calls": [_own(build_call_row(c, numbers.get(c.incident or ""))) for c in theirs.calls],
        "incidents": [_own(row) for n in numbers.values() for row in reports.incident(n)],
        "recordings": [build_recording_row(r, numbers.get(r.incident)) for r in found if r],
        "messages": [build_message_row(message) for message in _find_messages(services, theirs)],
        "files": [build_file_row(file) for file in _find_files(services, theirs)],
        "portal": _describe_portal_use(services, line, contract, name),
        "timeline": {n: list(map(_own, reports.show(str(n)) or ())) for n in numbers.values()},
    }


def _describe_portal_use(
    services: Services, line: Line, contract: str, name: str
) -> dict[str, list[dict[str, str]]]:
    """When the contact signed in to the portal, for sessions that last, and what they changed."""
    thing = ("contract", f"{line.id}/{contract}")
    changes = AuditLog(services.engine).page(thing=thing, size=LISTED)
    return {
        "sessions": [
            {"started_at": each.started_at.isoformat(), "seen_at": each.seen_at.isoformat()}
            for each in list_portal_sessions(services.engine, line.id, contract, name_key(name))
        ],
        "changes": [
            {"at": each.entry.at.isoformat(), "action": each.entry.action}
            for each in changes
            if each.entry.way == "portal" and name_key(each.entry.who) == name_key(name)
        ],
    }


def _find_messages(services: Services, theirs: SubjectData) -> list[CustomerMessage]:
    """The messages that the person wrote, about any incident."""
    found = map(services.call_service.calls.correspondence.find_message, theirs.messages)
    return [message for message in found if message is not None]


def _find_files(services: Services, theirs: SubjectData) -> list[IncidentFile]:
    """The files that the person sent."""
    found = map(services.call_service.calls.correspondence.find_file, theirs.files)
    return [file for file in found if file is not None]


def _describe_contact(contact: Contact) -> dict[str, Any]:
    """Every field of a contact; of the PIN only a hash is stored, from which it cannot be read."""
    return {**list_values(CONTACT_FIELDS, contact), "pin": "only a hash of it is stored"}


def _own(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in COLLEAGUES}


def _write_zip(services: Services, archive: BinaryIO, held: str, theirs: SubjectData) -> None:
    """Write the ZIP while the files are read: each may be larger than memory."""
    correspondence = services.call_service.calls.correspondence
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("export.json", held)
        for sent in _find_files(services, theirs):
            with file.open(f"files/{sent.id[:8]}-{sent.name}", "w") as content:
                for part in correspondence.read_file(sent.id):
                    content.write(part)
        for each in theirs.recordings:
            recording = services.recordings.recordings.find(each)
            if recording is None:
                continue
            data = services.recordings.read_sound(recording)
            if data is not None:
                file.writestr(f"{each}.wav", data)


# `recordings`: list, export and delete what callers and engineers said.


HEAD = ("made", "incident", "purpose", "by", "state", "seconds", "bytes", "sha256", "id")
SHOWN = 12
"""Digits of a checksum in the table; --json has all of them."""


@click.group(
    "recordings",
    cls=LineCommandGroup,
    example="recordings --incident 1042",
    invoke_without_command=True,
)
@click.option("--incident", type=int, help="The number of an incident. Default: every incident.")
@json_option
@click.pass_context
def recordings(context: click.Context, incident: int | None, as_json: bool) -> None:
    """List the recordings of callers and engineers, oldest first."""
    if context.invoked_subcommand is not None:
        return
    services = ready_services()
    rows = Reports(services.engine).recordings(incident)
    if rows is None:
        raise Refusal(f"There is no incident {incident}.")
    if as_json:
        print_objects(rows)
        return
    zones = {line.id: line.timezone for line in services.lines.list_lines()}
    print_table(HEAD, (_cells(row, zones.get(row["line"], "UTC")) for row in rows))


def _cells(row: Row, zone: str) -> Sequence[str]:
    names = ("incident", "purpose", "by", "state", "seconds", "bytes")
    shown = [format_cell(row[name]) for name in names]
    return (
        format_local(row["made_at"], zone),
        *shown,
        format_cell(row["sha256"])[:SHOWN],
        row["id"],
    )


@recordings.command("export", cls=LineCommand, example="recordings export RE0123 message.wav")
@click.argument("recording_id", metavar="ID")
@click.argument("file", type=click.File("wb", lazy=True))
def export_recording(recording_id: str, file: BinaryIO) -> None:
    """Write a recording to FILE; - is standard output."""
    services = ready_services()
    recording = _find_recording(services, recording_id)
    data = services.recordings.read_sound(recording)
    if data is None:
        raise Refusal(f"Recording {recording.id} has no sound: it is {recording.state}.")
    file.write(data)


@recordings.command("forget", cls=LineCommand, example="recordings forget RE0123")
@click.argument("recording_id", metavar="ID")
@json_option
def forget_recording(recording_id: str, as_json: bool) -> None:
    """Delete a recording here and at the carrier. The log keeps that it existed."""
    services = ready_services()
    recording = _find_recording(services, recording_id)
    services.call_service.notifier.notify(services.recordings.forget(recording.id, now()))
    if as_json:
        print_objects([build_recording_row(_find_recording(services, recording_id), None)])
        return
    click.echo(f"Recording {recording.id} is deleted.")


def _find_recording(services: Services, recording_id: str) -> Recording:
    found = services.recordings.recordings.find(recording_id)
    if found is None:
        raise Refusal(f"There is no recording {recording_id}.")
    return found

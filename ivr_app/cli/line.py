"""`apply`, `check`, `contracts import` and `migrate`: from files to the database."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click

from carrier.company import COMPANIES, find_unmet_needs
from carrier.prompts import find_music, list_languages, own_prompts
from carrier.prompts.sources import NO_PROMPTS, find_prompt_warnings, summarise_prompts
from config.checks import find_warnings, why_no_effect
from config.contracts import read_rows
from config.holidays import build_office_hours
from config.line import LineFile, read_line_file
from config.reader import FileError, Finding
from config.staffing import find_unattended_steps
from ivr_app.cli.context import (
    LineCommand,
    LineCommandGroup,
    Refusal,
    build_audit_entry,
    file_argument,
    find_optional,
    json_option,
    line_option,
    open_line,
    open_services,
    print_objects,
    ready_services,
    use_own_prompts,
)
from routing.contracts import ContractOrigin
from routing.line import Schedule
from routing.oncall.hours import OfficeHours
from service import fallback
from service.bootstrap import Services, now
from service.contract_import import ContractImport, DirectImport, ImportResult
from store.db import schema
from store.people import lines as database
from store.people.contract_store import ContractStore
from store.people.hashing import Argon2PinVerifier
from store.people.overrides import StoredOverride, apply_overrides, find_overrides

ERASED = "\r\x1b[K"
"""What a terminal is told before a sentence takes the place of the progress bar."""


@click.command("apply", cls=LineCommand, example="apply line.yaml")
@file_argument
@json_option
def apply(file: Path, as_json: bool) -> None:
    """Make the database match FILE and list the changes. A wrong FILE changes nothing."""
    hasher = Argon2PinVerifier(open_services().settings.pin_pepper).hash
    read = read_line_file(file, hasher, list_languages())
    refuse_unmet_needs(read, open_services().settings.carrier)
    services, at = ready_services(), now()
    changes = database.apply_line(services.engine, read.line, read.contracts, at)
    if as_json:
        print_objects({"line": read.line.id, "change": change} for change in changes)
    else:
        click.echo("\n".join(changes) or f"line {read.line.id}: nothing changed")
    kept = find_overrides(services.engine, read.line.id)
    found = (*find_warnings(read, at), *find_override_warnings(read, kept, at))
    _warn((*found, *find_sound_warnings(read)))
    _refresh_fallback_file(services)


@click.command("check", cls=LineCommand, example="check line.yaml")
@file_argument
@json_option
def check(file: Path, as_json: bool) -> None:
    """Check FILE without a database. Errors exit with 1, warnings with 0."""
    try:
        read = read_line_file(file, lambda pin, owner: "", use_own_prompts())
        refuse_unmet_needs(read, find_optional("CARRIER"))
    except FileError as error:
        if as_json:
            print_objects(_row(finding, "error") for finding in error.findings)
            raise click.exceptions.Exit(1) from error
        raise
    found = (*find_warnings(read, now()), *find_sound_warnings(read))
    if as_json:
        print_objects(_row(finding, "warning") for finding in found)
        return
    _warn(found)
    if own_prompts() is not NO_PROMPTS:
        click.echo("\n".join(summarise_prompts(own_prompts(), read.line.languages)))
    click.echo(f"line {read.line.id} can be applied; warnings: {len(found)}")


def refuse_unmet_needs(read: LineFile, carrier: str | None) -> None:
    """Raise FileError for what the telephone company cannot do."""
    if carrier is None or carrier not in COMPANIES:
        return  # Twilio, which lacks nothing; a wrong name stops every process
    unmet = find_unmet_needs(read.line, COMPANIES[carrier])
    found = [Finding(read.line_of(field), field, sentence) for field, sentence in unmet]
    if found:
        raise FileError(found)


def find_sound_warnings(read: LineFile) -> Iterator[Finding]:
    """Warnings about the prompts of PROMPTS_DIR, and about music that is not there."""
    for place, file in enumerate(read.line.music):
        if find_music(file) is None:
            field = f"music[{place}]"
            text = "is not in PROMPTS_DIR, so it is not played; without any, our own music is"
            yield Finding(read.line_of(field), field, text)
    for file, text in find_prompt_warnings(own_prompts()):
        yield Finding(IN_PROMPTS, file, text)


IN_PROMPTS = 0
"""The line of a finding that is not in the line's file, but in PROMPTS_DIR."""


def _warn(found: Iterable[Finding]) -> None:
    for finding in found:
        said = str(finding)
        if finding.line == IN_PROMPTS:
            said = f"{finding.field}: {finding.message}"
        click.echo(f"warning: {said}", err=True)


def _row(finding: Finding, severity: str) -> dict[str, str | int]:
    return {
        "severity": severity,
        "line": finding.line,
        "field": finding.field,
        "message": finding.message,
    }


def _refresh_fallback_file(services: Services) -> None:
    path = services.settings.fallback_file
    try:
        fallback.refresh_fallback_file(path, services.lines.list_lines(), now())
    except OSError as error:
        why = f"The line is applied, but FALLBACK_FILE {path} cannot be written: {error.strerror}."
        raise Refusal(why) from error


# Warnings about a file together with the swaps and absences of the database.


UNDO = "priority-line swaps undo"


def find_override_warnings(
    read: LineFile, kept: Mapping[str, Sequence[StoredOverride]], now: dt.datetime
) -> tuple[Finding, ...]:
    """Gaps that the file alone does not have, and swaps that no longer change anything."""
    line, opening = read.line, build_office_hours(read.line)
    alone = set(find_unattended_steps(line, opening, now))
    whole = find_unattended_steps(apply_overrides(line, kept), opening, now)
    warnings = [
        (field, f"with the swaps and absences of the database, {text}")
        for field, text in whole
        if (field, text) not in alone
    ]
    known = frozenset(engineer.id for engineer in line.engineers)
    for number, schedule in enumerate(line.schedules):
        ours = [k for k in kept.get(schedule.id, ()) if k.by_hand and k.override.end > now]
        found = _find_useless_swaps(schedule, ours, known, opening)
        warnings += [(f"schedules[{number}]", text) for text in dict.fromkeys(found)]
    return tuple(sorted(Finding(read.line_of(field), field, text) for field, text in warnings))


def _find_useless_swaps(
    schedule: Schedule, swaps: Sequence[StoredOverride], known: frozenset[str], office: OfficeHours
) -> Iterator[str]:
    counted = schedule
    for kept in swaps:
        cure = f"undo it with {UNDO} {kept.uid}"
        if kept.override.add is not None and kept.override.add not in known:
            yield f"swap {kept.uid} is ignored: {kept.override.add} is not an engineer; {cure}"
            continue
        counted = replace(counted, overrides=(*counted.overrides, kept.override))
        why = why_no_effect(counted, len(counted.overrides) - 1, office)
        if why is not None:
            yield f"swap {kept.uid} no longer has an effect: {why}; {cure}"


# `migrate`.


@click.command("migrate", cls=LineCommand, example="migrate")
def migrate() -> None:
    """Update the database schema, as the release process does."""
    schema.migrate(open_services().engine)
    click.echo("The database schema is up to date.")


# `contracts import`: many contracts at once, from a file of rows.


CHANGES = ("added", "changed", "unchanged")


@click.group("contracts", cls=LineCommandGroup, example="contracts import contracts.csv")
def contracts() -> None:
    """Import contracts and their contacts."""


@contracts.command("import", cls=LineCommand, example="contracts import contracts.csv")
@file_argument
@line_option
@click.option("--replace", is_flag=True, help="End the contacts that no row names.")
@click.option("--yes", is_flag=True, help="Do not ask before ending them.")
@json_option
def import_contracts(
    file: Path, line_id: str | None, replace: bool, yes: bool, as_json: bool
) -> None:
    """Add and update the contracts of FILE.

    An invalid row is reported, and the others are imported.
    """
    services, line = open_line(line_id)
    entry = build_audit_entry("contracts.import")
    target = DirectImport(ContractStore(services.engine, line.id, ContractOrigin.IMPORT), entry)
    importer = ContractImport(target, line, services.settings.pin_pepper, entry.at)
    count: Counter[str] = Counter()
    for found in importer.import_rows(read_rows(_read_lines(file), line, importer.hash)):
        _print_result(found, count, as_json=as_json)
    if replace and not count["wrong"]:
        for change in _end_unnamed(importer, yes=yes):
            _print_result(change, count, as_json=as_json)
    if not as_json:
        _print_counts(line.id, count, replace=replace)
    for number, why in importer.list_crowded():
        click.echo(f"warning: contract {number}: contacts: {why}", err=True)
    _refuse_invalid_rows(count["wrong"], replace=replace)


def _read_lines(file: Path) -> Iterator[bytes]:
    """The lines of a file, with a progress bar on a terminal."""
    size, hidden = file.stat().st_size, not sys.stderr.isatty()
    progress = click.progressbar(
        length=size, hidden=hidden, file=sys.stderr, update_min_steps=size // 100
    )
    with file.open("rb") as lines, progress as bar:
        for line in lines:
            yield line
            bar.update(len(line))


def _print_result(found: ImportResult | Finding, count: Counter[str], *, as_json: bool) -> None:
    if isinstance(found, Finding):
        count["wrong"] += 1
        if sys.stderr.isatty():
            click.echo(ERASED, nl=False, err=True)
        click.echo(found, err=True)
        return
    count[found.change] += 1
    if as_json and found.change != "unchanged":
        print_objects([asdict(found)])


def _print_counts(line: str, count: Counter[str], *, replace: bool) -> None:
    parts = [f"{count[change]} {change}" for change in CHANGES if count[change]]
    click.echo(f"line {line}: contracts {', '.join(parts) or 'none'}")
    if replace:
        click.echo(f"line {line}: contacts ended {count['ended']}")


def _refuse_invalid_rows(wrong: int, *, replace: bool) -> None:
    """End with an error if there were mistakes. With --replace no contact was ended either."""
    if wrong and replace:
        raise Refusal(f"Mistakes: {wrong}; their rows were not imported, and no contact was ended.")
    if wrong:
        raise Refusal(f"Mistakes: {wrong}; their rows were not imported.")


def _end_unnamed(importer: ContractImport, *, yes: bool) -> Iterator[ImportResult]:
    unnamed = list(importer.find_unnamed())
    for contract, contacts in unnamed:
        for contact in contacts:
            about = f"contract {contract.number}, {contract.customer}: {contact.name}"
            click.echo(f"in no row: {about}", err=True)
    if not unnamed or not (yes or _confirm()):
        return
    for contract, contacts in unnamed:
        yield from importer.end_contacts(contract, contacts)


def _confirm() -> bool:
    try:
        return click.confirm("End these contacts?", err=True)
    except click.Abort:  # standard input is closed
        click.echo("No answer, so no contact was ended. Use --yes to end them.", err=True)
        return False

"""`apply`, `check`, `contracts import` and `migrate`: from files to the database."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from carrier.prompts import list_languages, own_prompts
from carrier.prompts.sources import NO_PROMPTS, summarise_prompts
from config.checks import find_warnings
from config.contracts import read_rows
from config.line import read_line_file
from config.reader import FileError, Finding
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
from service.bootstrap import now
from service.contract_import import ContractImport, DirectImport, ImportResult
from service.line_files import (
    IN_PROMPTS,
    apply_file,
    find_sound_warnings,
    refresh_fallback,
    refuse_unmet_needs,
)
from store.db import schema
from store.people.contract_store import ContractStore
from store.people.hashing import Argon2PinVerifier
from store.people.lines import ApplyTerms

ERASED = "\r\x1b[K"
"""What a terminal is told before a sentence takes the place of the progress bar."""


@click.command("apply", cls=LineCommand, example="apply line.yaml")
@file_argument
@json_option
def apply(file: Path, as_json: bool) -> None:
    """Make the database match FILE and list the changes. A wrong FILE changes nothing."""
    hasher = Argon2PinVerifier(open_services().settings.pin_pepper).hash
    read = read_line_file(file, hasher, list_languages())
    services, at = ready_services(), now()
    found = apply_file(services, read, at, ApplyTerms(build_audit_entry("lines.apply")))
    changes = found.applied.changes
    if as_json:
        print_objects({"line": read.line.id, "change": change} for change in changes)
    else:
        click.echo("\n".join(changes) or f"line {read.line.id}: nothing changed")
    _warn(found.warnings)
    failed = refresh_fallback(services, at)
    if failed is not None:
        raise Refusal(failed)


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

"""`contracts import`: many contracts at once, from a file of rows."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from tqdm import tqdm  # type: ignore[import-untyped]

from config.contracts import read_rows
from config.reader import Finding
from ivr_app.cli.context import (
    Refusal,
    Task,
    TaskGroup,
    file_argument,
    json_wanted,
    line_of,
    line_option,
    objects,
    oneself,
    ready_services,
)
from routing.contracts import ContractOrigin
from service.bootstrap import now
from service.contract_import import ContractImport, DirectImport, ImportResult
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore

CHANGES = ("added", "changed", "unchanged")


@click.group("contracts", cls=TaskGroup, example="contracts import contracts.csv")
def contracts() -> None:
    """Import contracts and their contacts."""


@contracts.command("import", cls=Task, example="contracts import contracts.csv")
@file_argument
@line_option
@click.option("--replace", is_flag=True, help="End the contacts that no row names.")
@click.option("--yes", is_flag=True, help="Do not ask before ending them.")
@json_wanted
def import_contracts(
    file: Path, line_id: str | None, replace: bool, yes: bool, as_json: bool
) -> None:
    """Add and update the contracts of FILE.

    An invalid row is reported, and the others are imported.
    """
    services = ready_services()
    line = line_of(services.lines, line_id)
    entry = AuditEntry(now(), oneself(), "cli", "contracts.import")
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
    bar = tqdm(total=file.stat().st_size, unit="B", unit_scale=True, disable=None, leave=False)
    with file.open("rb") as lines, bar:
        for line in lines:
            yield line
            bar.update(len(line))


def _print_result(found: ImportResult | Finding, count: Counter[str], *, as_json: bool) -> None:
    if isinstance(found, Finding):
        count["wrong"] += 1
        tqdm.write(str(found), file=sys.stderr)
        return
    count[found.change] += 1
    if as_json and found.change != "unchanged":
        objects([asdict(found)])


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

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
from service.bootstrap import now
from service.contract_import import ContractImport, DirectImport, ImportResult
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore
from store.people.lines import IMPORT

TOLD = ("added", "changed", "unchanged")


@click.group("contracts", cls=TaskGroup, example="contracts import contracts.csv")
def contracts() -> None:
    """Import contracts and their contacts."""


@contracts.command("import", cls=Task, example="contracts import contracts.csv")
@file_argument
@line_option
@click.option("--replace", is_flag=True, help="End the contacts that no row names.")
@click.option("--yes", is_flag=True, help="Do not ask before ending them.")
@json_wanted
def take_in(file: Path, line_id: str | None, replace: bool, yes: bool, as_json: bool) -> None:
    """Add and update the contracts of FILE.

    A wrong row is named, and the others are imported.
    """
    services = ready_services()
    line = line_of(services.lines, line_id)
    deed = AuditEntry(now(), oneself(), "cli", "contracts.import")
    ledger = DirectImport(ContractStore(services.engine, line.id, IMPORT), deed)
    intake = ContractImport(ledger, line, services.settings.pin_pepper, deed.at)
    count: Counter[str] = Counter()
    for found in intake.take(read_rows(_lines(file), line, intake.hash)):
        _tell(found, count, as_json=as_json)
    if replace and not count["wrong"]:
        for change in _end_missing(intake, yes=yes):
            _tell(change, count, as_json=as_json)
    if not as_json:
        said = [f"{count[word]} {word}" for word in TOLD if count[word]]
        click.echo(f"line {line.id}: contracts {', '.join(said) or 'none'}")
    if replace and not as_json:
        click.echo(f"line {line.id}: contacts ended {count['ended']}")
    for number, why in intake.odd():
        click.echo(f"warning: contract {number}: contacts: {why}", err=True)
    if count["wrong"]:
        left = "; so nobody was ended" if replace else ""
        raise Refusal(f"Mistakes: {count['wrong']}; their rows were not taken{left}.")


def _lines(file: Path) -> Iterator[bytes]:
    """The lines of a file, with a bar that shows how far we are where somebody can see it."""
    bar = tqdm(total=file.stat().st_size, unit="B", unit_scale=True, disable=None, leave=False)
    with file.open("rb") as lines, bar:
        for line in lines:
            yield line
            bar.update(len(line))


def _tell(found: ImportResult | Finding, count: Counter[str], *, as_json: bool) -> None:
    if isinstance(found, Finding):
        count["wrong"] += 1
        tqdm.write(str(found), file=sys.stderr)
        return
    count[found.change] += 1
    if as_json and found.change != "unchanged":
        objects([asdict(found)])


def _end_missing(intake: ContractImport, *, yes: bool) -> Iterator[ImportResult]:
    missing = list(intake.missing())
    for contract, contacts in missing:
        for contact in contacts:
            about = f"contract {contract.number}, {contract.customer}: {contact.name}"
            click.echo(f"in no row: {about}", err=True)
    if not missing or not (yes or _agreed()):
        return
    for contract, contacts in missing:
        yield from intake.end(contract, contacts)


def _agreed() -> bool:
    try:
        return click.confirm("End these contacts?", err=True)
    except click.Abort:  # nobody is there to answer
        click.echo("Nobody answered, so nobody was ended; --yes ends them unasked.", err=True)
        return False

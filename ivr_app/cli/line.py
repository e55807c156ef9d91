"""`apply` and `check`: a file is read, and the database is made to match it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from carrier.prompts import SPOKEN
from config.checks import find_warnings, why_no_effect
from config.holidays import build_office_hours
from config.line import LineFile, read_line_file
from config.reader import FileError, Finding
from config.staffing import find_unattended_steps
from ivr_app.cli.context import (
    Refusal,
    Task,
    file_argument,
    json_wanted,
    objects,
    open_services,
    ready_services,
)
from routing.line import Schedule
from routing.oncall.hours import OfficeHours
from service import fallback
from service.bootstrap import Services, now
from store.db import schema
from store.people import lines as database
from store.people.hashing import Argon2PinVerifier
from store.people.overrides import StoredOverride, apply_overrides, find_overrides


@click.command("apply", cls=Task, example="apply line.yaml")
@file_argument
@json_wanted
def apply(file: Path, as_json: bool) -> None:
    """Make the database match FILE and list the changes. A wrong FILE changes nothing."""
    paper = read_line_file(
        file, Argon2PinVerifier(open_services().settings.pin_pepper).hash, SPOKEN
    )
    services, at = ready_services(), now()
    changes = database.apply_line(services.engine, paper.line, paper.contracts, at)
    if as_json:
        objects({"line": paper.line.id, "change": change} for change in changes)
    else:
        click.echo("\n".join(changes) or f"line {paper.line.id}: nothing changed")
    kept = find_overrides(services.engine, paper.line.id)
    _warn((*find_warnings(paper, at), *beside(paper, kept, at)))
    _refresh_lifeline(services)


@click.command("check", cls=Task, example="check line.yaml")
@file_argument
@json_wanted
def check(file: Path, as_json: bool) -> None:
    """Check FILE without a database. Errors exit with 1, warnings with 0."""
    try:
        paper = read_line_file(file, lambda pin, owner: "", SPOKEN)
    except FileError as error:
        if as_json:
            objects(_row(finding, "error") for finding in error.findings)
            raise click.exceptions.Exit(1) from error
        raise
    found = find_warnings(paper, now())
    if as_json:
        objects(_row(finding, "warning") for finding in found)
        return
    _warn(found)
    click.echo(f"line {paper.line.id} can be applied; warnings: {len(found)}")


def _warn(found: Iterable[Finding]) -> None:
    for finding in found:
        click.echo(f"warning: {finding}", err=True)


def _row(finding: Finding, severity: str) -> dict[str, str | int]:
    return {
        "severity": severity,
        "line": finding.line,
        "field": finding.field,
        "message": finding.message,
    }


def _refresh_lifeline(services: Services) -> None:
    path = services.settings.fallback_file
    try:
        fallback.refresh_fallback_file(path, services.lines.all_lines(), now())
    except OSError as error:
        why = f"The line is applied, but FALLBACK_FILE {path} cannot be written: {error.strerror}."
        raise Refusal(why) from error


# What is odd once the swaps and absences kept in the database are counted with a file.


UNDO = "priority-line swaps undo"


def beside(
    paper: LineFile, kept: Mapping[str, Sequence[StoredOverride]], now: dt.datetime
) -> tuple[Finding, ...]:
    """Gaps that the file alone does not have, and swaps that the file has made pointless."""
    line, opening = paper.line, build_office_hours(paper.line)
    alone = set(find_unattended_steps(line, opening, now))
    whole = find_unattended_steps(apply_overrides(line, kept), opening, now)
    remarks = [
        (field, f"with the swaps and absences of the database, {text}")
        for field, text in whole
        if (field, text) not in alone
    ]
    known = frozenset(engineer.id for engineer in line.engineers)
    for number, schedule in enumerate(line.schedules):
        ours = [k for k in kept.get(schedule.id, ()) if k.by_hand and k.override.end > now]
        found = _pointless(schedule, ours, known, opening)
        remarks += [(f"schedules[{number}]", text) for text in dict.fromkeys(found)]
    return tuple(sorted(Finding(paper.line_of(field), field, text) for field, text in remarks))


def _pointless(
    schedule: Schedule, swaps: Sequence[StoredOverride], known: frozenset[str], office: OfficeHours
) -> Iterator[str]:
    counted = schedule
    for kept in swaps:
        cure = f"take it back with {UNDO} {kept.uid}"
        if kept.override.add is not None and kept.override.add not in known:
            yield f"swap {kept.uid} does not count: {kept.override.add} is no engineer; {cure}"
            continue
        counted = replace(counted, overrides=(*counted.overrides, kept.override))
        why = why_no_effect(counted, len(counted.overrides) - 1, office)
        if why is not None:
            yield f"swap {kept.uid} does nothing any more: {why}; {cure}"


# `migrate`: the database is brought to the tables of this version.


@click.command("migrate", cls=Task, example="migrate")
def migrate() -> None:
    """Update the database schema, as the release process does."""
    schema.migrate(open_services().engine)
    click.echo("The database schema is up to date.")

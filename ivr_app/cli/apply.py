"""`apply` and `check`: a file is read, and the database is made to match it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

import lifeline
from carrier.prompts import SPOKEN
from ivr_app.cli.beside import beside
from ivr_app.cli.counter import open_board, ready_board
from ivr_app.cli.given import file_argument
from ivr_app.cli.printout import json_wanted, objects
from ivr_app.cli.refusal import Refusal, Task
from plan.findings import Finding, PaperError
from plan.paper import read_file
from plan.warnings import warnings
from store import apply as database
from store.overrides import kept_beside
from store.pins import Argon2Locksmith
from switchboard import Switchboard, now


@click.command("apply", cls=Task)
@file_argument
@json_wanted
def apply(file: Path, as_json: bool) -> None:
    """Make the database match FILE, and say what changed; a wrong FILE changes nothing."""
    paper = read_file(file, Argon2Locksmith(open_board().settings.pin_pepper).hash, SPOKEN)
    board, at = ready_board(), now()
    changes = database.apply(board.engine, paper.line, paper.contracts, at)
    if as_json:
        objects({"line": paper.line.id, "change": change} for change in changes)
    else:
        click.echo("\n".join(changes) or f"line {paper.line.id}: nothing changed")
    kept = kept_beside(board.engine, paper.line.id)
    _warn((*warnings(paper, at), *beside(paper, kept, at)))
    _refresh_lifeline(board)


@click.command("check", cls=Task)
@file_argument
@json_wanted
def check(file: Path, as_json: bool) -> None:
    """Read FILE as `apply` would, without a database; errors exit 1, warnings exit 0."""
    try:
        paper = read_file(file, lambda pin, owner: "", SPOKEN)
    except PaperError as error:
        if as_json:
            objects(_row(finding, "error") for finding in error.findings)
            raise click.exceptions.Exit(1) from error
        raise
    found = warnings(paper, now())
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


def _refresh_lifeline(board: Switchboard) -> None:
    path = board.settings.fallback_file
    try:
        lifeline.refresh(path, board.people.all_lines(), now())
    except OSError as error:
        why = f"The line is applied, but FALLBACK_FILE {path} cannot be written: {error.strerror}."
        raise Refusal(why) from error

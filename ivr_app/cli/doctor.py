"""`doctor`: whether the line would work, and what to do where it would not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from ivr_app.checkup import checkup
from ivr_app.checkup.verdict import State, Verdict, fail
from ivr_app.cli.counter import open_board
from ivr_app.cli.printout import json_wanted, objects
from ivr_app.cli.refusal import Task
from settings import SettingsError


@click.command("doctor", cls=Task)
@json_wanted
def doctor(as_json: bool) -> None:
    """Check every part of the line; exit 1 if it would not work."""
    failed = False
    for verdict in _round():
        failed |= verdict.state is State.FAIL
        if as_json:
            objects([asdict(verdict)])
        else:
            click.echo(f"{verdict.state:<4}  {verdict.check}: {verdict.message}")
    if failed:
        raise click.exceptions.Exit(1)


def _round() -> Iterator[Verdict]:
    try:
        board = open_board()
    except SettingsError as error:
        yield fail("settings", str(error))
        return
    yield from checkup(board)

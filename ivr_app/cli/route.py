"""`route`: a dry run of one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ivr_app.cli.counter import account
from ivr_app.cli.given import at_option, file_option, line_option, moment
from ivr_app.cli.printout import json_wanted, objects
from ivr_app.cli.refusal import Task
from ivr_app.cli.rehearsal import Rehearsal, Role
from ivr_app.cli.story import tell
from switchboard import now


@click.command("route", cls=Task)
@file_option
@line_option
@click.option("--contract", "number", required=True, help="An unknown one is nobody's.")
@click.option("--urgency", type=click.IntRange(1, 4), default=1, show_default=True)
@at_option
@json_wanted
def route(file: Path | None, line_id: str | None, as_json: bool, **asked: Any) -> None:
    """Say what the line would do if the contract's first contact called and nobody answered."""
    found = account(file, line_id)
    line, contract = found.line, found.contract(asked["number"])
    at = moment(asked["at"], now(), line.timezone)
    story = Rehearsal(line, Role.of(contract, asked["urgency"], at, line), at).play()
    if as_json:
        objects(story)
        return
    who = contract.customer if contract else "a caller without a contract"
    click.echo(f"{who} calls {line.name} about level {asked['urgency']}.")
    tell(story, line.timezone)

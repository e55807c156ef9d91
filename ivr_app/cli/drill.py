"""`drill`: a made-up call through the whole line, which wakes nobody."""

from __future__ import annotations

import time

import click

from drill import Drill
from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, objects
from ivr_app.cli.refusal import Refusal, Task
from store.people import SqlPeople
from trial import DrillError


@click.command("drill", cls=Task)
@line_option
@json_wanted
def drill(line_id: str | None, as_json: bool) -> None:
    """Practise: identify, level 1, page, acknowledge; exit 1 and an alarm where it fails.

    Signed webhooks go to PUBLIC_URL as the carrier sends them. Nobody's telephone rings; who is
    paged is a person that only drills have.
    """
    board = ready_board()
    line, began = line_of(SqlPeople(board.engine), line_id), time.monotonic()
    told: list[dict[str, object]] = []

    def say(step: str) -> None:
        seconds = round(time.monotonic() - began, 2)
        told.append({"line": line.id, "step": step, "after_s": seconds})
        if not as_json:
            click.echo(f"{seconds:6.2f} s  {step}")

    try:
        Drill(board, line, say).hold()
    except DrillError as failed:
        say(f"FAILED: {failed}")
        raise Refusal(f"The drill of {line.id} failed: {failed}.") from None
    finally:
        if as_json:
            objects(told)
    if not as_json:
        click.echo(f"The drill of {line.id} passed.")

"""`fallback`: the static TwiML that reaches the people on call without anything of ours."""

from __future__ import annotations

from pathlib import Path

import click

from carrier.standby import Part
from ivr_app.cli.counter import account, open_board
from ivr_app.cli.given import file_option, line_option
from ivr_app.cli.printout import json_wanted, objects
from ivr_app.cli.refusal import Refusal, Task
from outpost import ClosedError, Outpost, sheets

PARTS = [part.value for part in Part]


@click.command("fallback", cls=Task)
@line_option
@file_option
@click.option("--at", "at", metavar="URL", help="Where the document will be; see FALLBACK_URL.")
@click.option(
    "--document",
    type=click.Choice([part.value for part in Part]),
    default="main",
    help="Default: main.",
)
@click.option("--put", "put_it", is_flag=True, help="Put all of them to FALLBACK_PUT_URL now.")
@json_wanted
def fallback(
    line_id: str | None, file: Path | None, at: str | None, document: str, **flags: bool
) -> None:
    """Print the TwiML that rings whoever is on call now, then the last resort.

    It needs two others beside it: the whisper that asks for a key, and what joins the two.
    Telephone numbers stand in it: keep it where nobody else can read it.
    """
    board = open_board()
    settings = board.settings.model_copy(update={"fallback_url": at} if at else {})
    line = account(file, line_id).line
    lines = [line] if file else board.people.all_lines()
    now = board.desk.clock()
    found = sheets(line, lines, settings, now)
    if flags["put_it"]:
        try:
            Outpost(board.engine, settings).put(line, found, now)
        except ClosedError as closed:
            why = f"The documents could not be put ({closed}): see FALLBACK_PUT_URL."
            raise Refusal(why) from None
    if flags["as_json"]:
        objects(
            {"line": one.line, "document": one.part, "address": one.read_at, "twiml": one.twiml}
            for one in found
        )
    else:
        click.echo(next(sheet.twiml for sheet in found if sheet.part == document))

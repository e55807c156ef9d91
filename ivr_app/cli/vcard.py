"""`vcard`: the line as a contact, so that telephones let it through at night."""

from __future__ import annotations

import click

from ivr_app.calendars.card import card
from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, objects
from ivr_app.cli.refusal import Task


@click.command("vcard", cls=Task)
@line_option
@json_wanted
def vcard(line_id: str | None, as_json: bool) -> None:
    """Print the numbers that call and text engineers, as contacts for a telephone."""
    people = ready_board().people
    first = line_of(people, line_id)
    for line in [first] if line_id else people.all_lines():
        text = card(line, line.languages[0])
        if as_json:
            objects([{"line": line.id, "vcard": text}])
        else:
            click.echo(text.encode(), nl=False)

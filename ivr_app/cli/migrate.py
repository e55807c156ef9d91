"""`migrate`: the database is brought to the tables of this version."""

from __future__ import annotations

import click

from ivr_app.cli.counter import open_board
from ivr_app.cli.refusal import Task
from store import schema


@click.command("migrate", cls=Task)
def migrate() -> None:
    """Give the database the tables of this version, as the release process does."""
    schema.migrate(open_board().engine)
    click.echo("The database has the tables of this version.")

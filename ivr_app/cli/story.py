"""What happened, event by event, each with the reason for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ivr_app.cli.printout import plain, table
from ivr_app.localtime import local

HEAD = ("at", "event", "engineer", "by", "to", "result", "reason")
COLUMNS = ("event", "engineer", "channel", "to", "result", "reason")


def tell(rows: Sequence[dict[str, Any]], zone: str) -> None:
    """Print a timeline to the millisecond, as clocks of the zone show it."""
    click.echo(f"Times are local to {zone}.")
    cells = (
        [local(row["at"], zone, "milliseconds"), *(plain(row[name]) for name in COLUMNS)]
        for row in rows
    )
    table(HEAD, cells)

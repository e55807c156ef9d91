"""`backup` and `restore`: the whole line in one file, while calls go on, and back from it."""

from __future__ import annotations

from pathlib import Path

import click

from ivr_app.cli.counter import open_board, ready_board
from ivr_app.cli.refusal import Refusal, Task
from store.backup import AHEAD, BackupError, back_up, goes_on
from store.backup import restore as put_back


@click.command("backup", cls=Task)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database, messages included, to FILE; calls go on meanwhile.

    FILE is replaced only by a whole copy. It holds personal data; SECRET_KEY and PIN_PEPPER are not
    in it: keep them elsewhere, as no PIN is good without them.
    """
    board = ready_board()
    try:
        back_up(board.engine, file, board.desk.clock())
    except (BackupError, OSError) as error:
        raise Refusal(f"No backup was made: {error}.") from None
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@click.command("restore", cls=Task)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill the empty database that DATABASE_URL names from FILE, and say what will go on.

    Start web, worker and clock afterwards: they go on with what was undone when FILE was written.
    """
    board = open_board()
    try:
        put_back(board.engine, file)
    except (BackupError, OSError) as error:
        raise Refusal(f"Nothing was restored: {error}.") from None
    numbers, undone = goes_on(board.engine)
    named = ", ".join(map(str, numbers)) or "none"
    click.echo(f"Restored. Incidents that are open and will be paged: {named}.")
    click.echo(f"Steps undone: {undone}. New incidents are numbered {AHEAD} further on.")

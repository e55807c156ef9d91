"""`recordings`: what was said, where it is kept, and how to hear it or be rid of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import click

from ivr_app.cli.counter import ready_board
from ivr_app.cli.printout import json_wanted, objects, plain, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from ivr_app.localtime import local
from routing.recording import Recording
from store.reports import Reports
from store.rows import Row, recording_row
from switchboard import Switchboard, now

HEAD = ("made", "incident", "purpose", "by", "state", "seconds", "bytes", "sha256", "id")
SHOWN = 12
"""So many digits of a checksum tell recordings apart; --json has all of them."""


@click.group("recordings", cls=TaskGroup, invoke_without_command=True)
@click.option("--incident", type=int, help="Its number; default: every incident.")
@json_wanted
@click.pass_context
def recordings(context: click.Context, incident: int | None, as_json: bool) -> None:
    """List what callers and engineers said, oldest first."""
    if context.invoked_subcommand is not None:
        return
    board = ready_board()
    rows = Reports(board.engine).recordings(incident)
    if rows is None:
        raise Refusal(f"There is no incident {incident}.")
    if as_json:
        objects(rows)
        return
    zones = {line.id: line.timezone for line in board.people.all_lines()}
    table(HEAD, (_cells(row, zones.get(row["line"], "UTC")) for row in rows))


def _cells(row: Row, zone: str) -> Sequence[str]:
    names = ("incident", "purpose", "by", "state", "seconds", "bytes")
    shown = [plain(row[name]) for name in names]
    return (local(row["made_at"], zone), *shown, plain(row["sha256"])[:SHOWN], row["id"])


@recordings.command("export", cls=Task)
@click.argument("recording_id", metavar="ID")
@click.argument("file", type=click.File("wb", lazy=True))
def export(recording_id: str, file: BinaryIO) -> None:
    """Write the sound to FILE; - is standard output, for a player at the other end of a pipe."""
    board = ready_board()
    recording = _found(board, recording_id)
    data = board.archive.sound(recording)
    if data is None:
        raise Refusal(f"There is no sound of recording {recording.id}: it is {recording.state}.")
    file.write(data)


@recordings.command("forget", cls=Task)
@click.argument("recording_id", metavar="ID")
@json_wanted
def forget(recording_id: str, as_json: bool) -> None:
    """Delete the sound, here and at the carrier; that there was one stays in the log."""
    board = ready_board()
    recording = _found(board, recording_id)
    board.desk.bell.ring(board.archive.forget(recording.id, now()))
    if as_json:
        objects([recording_row(_found(board, recording_id), None)])
        return
    click.echo(f"Recording {recording.id} is forgotten.")


def _found(board: Switchboard, recording_id: str) -> Recording:
    found = board.archive.book.recording(recording_id)
    if found is None:
        raise Refusal(f"There is no recording {recording_id}.")
    return found

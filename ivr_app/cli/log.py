"""`calls`, `incidents` and `show`: what the line has done, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.printout import json_wanted, objects, plain, table
from ivr_app.cli.refusal import Refusal, Task
from ivr_app.cli.story import tell
from ivr_app.localtime import local
from store.reports import Reports
from switchboard import Switchboard

CALLS = (
    "started_at",
    "from",
    "contract",
    "contact",
    "verified",
    "urgency",
    "outcome",
    "answered_by",
    "waited_s",
    "incident",
    "sid",
)
INCIDENTS = (
    "id",
    "opened_at",
    "source",
    "urgency",
    "state",
    "contract",
    "contact",
    "verified",
    "acknowledged_by",
    "acknowledged_at",
    "respond_by",
    "clock",
    "breached_at",
    "waiting_since",
    "responded_by",
    "responded_at",
    "closed_at",
)
COURSE = ("breached_at", "waiting_since", "responded_at", "closed_at")
MOMENTS = ("started_at", "opened_at", "acknowledged_at", "respond_by", *COURSE)
line_wanted = click.option("--line", "line_id", help="Default: every line.")


@click.command("calls", cls=Task)
@line_wanted
@json_wanted
def calls(line_id: str | None, as_json: bool) -> None:
    """List the calls, oldest first."""
    _list(Reports.calls, CALLS, line_id, as_json=as_json)


@click.command("incidents", cls=Task)
@line_wanted
@json_wanted
def incidents(line_id: str | None, as_json: bool) -> None:
    """List the incidents, oldest first."""
    _list(Reports.incidents, INCIDENTS, line_id, as_json=as_json)


@click.command("show", cls=Task)
@click.argument("which", metavar="ID")
@json_wanted
def show(which: str, as_json: bool) -> None:
    """Print one call (its sid) or incident (its number) as a timeline, with every reason."""
    board = ready_board()
    found = Reports(board.engine).show(which)
    if found is None:
        raise Refusal(f"There is no incident {which} and no call {which}.")
    if as_json:
        objects(found)
        return
    zones = set(_zones(board).values())
    tell(found, zones.pop() if len(zones) == 1 else "UTC")


def _list(
    report: Callable[[Reports, str | None], Iterator[dict[str, Any]]],
    columns: Sequence[str],
    line_id: str | None,
    *,
    as_json: bool,
) -> None:
    board = ready_board()
    if line_id is not None:
        line_of(board.people, line_id)
    rows = report(Reports(board.engine), line_id)
    if as_json:
        objects(rows)
        return
    zones = _zones(board)
    said = ", ".join(f"{zone} (line {line})" for line, zone in zones.items()) or "UTC"
    click.echo(f"Times are local to {said}.")
    cells = ([_cell(row, name, zones) for name in columns] for row in rows)
    table([name.removesuffix("_at").replace("_", " ") for name in columns], cells)


def _cell(row: dict[str, Any], column: str, zones: dict[str, str]) -> str:
    if column in MOMENTS:
        return local(row[column], zones.get(row["line"], "UTC"))
    return plain(row[column])


def _zones(board: Switchboard) -> dict[str, str]:
    return {line.id: line.timezone for line in board.people.all_lines()}

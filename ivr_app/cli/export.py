"""`export`: everything that is held about a contact, to answer a request for access."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, BinaryIO

import click

from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.forget import contact_of, contract_option
from ivr_app.cli.given import line_option
from ivr_app.cli.refusal import Task
from routing.line import Line
from routing.names import name_key
from store.concern import Concern, concern
from store.reports import Reports
from store.rows import call_row, recording_row
from switchboard import Switchboard

COLLEAGUES = (
    *("to", "pages", "engineer", "answered_by"),
    *("acknowledged_by", "responded_by", "closed_by", "waiting_by"),
)
"""Who else stands in a row is somebody else's personal data."""


@click.command("export", cls=Task)
@click.argument("name", metavar="CONTACT")
@contract_option
@click.option("--zip", "archive", type=click.File("wb", lazy=True), help="To FILE, with sounds.")
@line_option
def export(name: str, contract: str, archive: BinaryIO | None, line_id: str | None) -> None:
    """Print everything that is held about CONTACT, as one JSON object."""
    board = ready_board()
    line = line_of(board.people, line_id)
    person = contact_of(board, line, contract, name)
    theirs = concern(board.engine, line.id, person, contract)
    held = json.dumps(_held(board, line, contract, name, theirs), indent=2, ensure_ascii=False)
    if archive is None:
        click.echo(held)
        return
    archive.write(_zipped(board, held, theirs))


def _held(
    board: Switchboard, line: Line, contract: str, name: str, theirs: Concern
) -> dict[str, Any]:
    known = board.people.contract(line.id, contract)
    key = name_key(name)
    contact = next(c for c in known.contacts if name_key(c.name) == key) if known else None
    reports, numbers = Reports(board.engine), {i.key: i.number for i in theirs.incidents}
    found = [board.archive.book.recording(each) for each in theirs.recordings]
    return {
        "line": line.id,
        "contract": contract,
        "customer": known.customer if known else None,
        "contact": contact
        and {
            "name": contact.name,
            "phones": contact.phones,
            "email": contact.email,
            "language": contact.language,
            "ends": contact.ends.isoformat() if contact.ends else None,
            "pin": "a hash of it is kept, from which it cannot be read",
        },
        "calls": [_own(call_row(c, numbers.get(c.incident or ""))) for c in theirs.calls],
        "incidents": [_own(row) for n in numbers.values() for row in reports.incident(n)],
        "recordings": [recording_row(r, numbers.get(r.incident)) for r in found if r],
        "timeline": {n: list(map(_own, reports.show(str(n)) or ())) for n in numbers.values()},
    }


def _own(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in COLLEAGUES}


def _zipped(board: Switchboard, held: str, theirs: Concern) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("export.json", held)
        for each in theirs.recordings:
            recording = board.archive.book.recording(each)
            data = board.archive.sound(recording) if recording else None
            if data is not None:
                file.writestr(f"{each}.wav", data)
    return whole.getvalue()

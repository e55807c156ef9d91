"""Makes the database match what a duty manager wrote in a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, and_, insert, select, update

from routing.contract import Contract
from routing.line import Line
from store.calendar_links import withdraw_known_to
from store.changes import of_contracts, of_line
from store.contracts import FILE, add_contracts, contracts_that, read_contracts, remove_contracts
from store.engine import writing
from store.tables import contracts, lines

IMPORT = "import"
CONSOLE = "console"


class ClashError(Exception):
    """What was written belongs to something else already; the message names both."""


def apply(engine: Engine, line: Line, wanted: Sequence[Contract], at: dt.datetime) -> Sequence[str]:
    """Make line and contracts what the file says; gives back what changed in words, or nothing.

    Touches only contracts that came from the file. Raises ClashError, having changed nothing, when
    a contract has another origin or the number is another line's.
    """
    with writing(engine) as connection:
        said = _put_line(connection, line, at)
        ours = and_(contracts.c.line == line.id, contracts.c.origin == FILE)
        before = read_contracts(connection, contracts_that(ours))
        return [*said, *_replace(connection, line.id, before, wanted)]


def _replace(
    connection: Connection, line_id: str, before: Sequence[Contract], after: Sequence[Contract]
) -> Sequence[str]:
    new = [contract for contract in after if contract not in before]
    remove_contracts(connection, line_id, [old.number for old in before if old not in after])
    _refuse_clash(connection, line_id, [contract.number for contract in new])
    add_contracts(connection, line_id, new, FILE)
    return of_contracts(before, after)


def _refuse_clash(connection: Connection, line_id: str, numbers: Sequence[str]) -> None:
    taken = and_(contracts.c.line == line_id, contracts.c.number.in_(numbers))
    found = select(contracts.c.number, contracts.c.origin).where(taken).limit(1)
    row = connection.execute(found).first()
    if row is not None:
        raise ClashError(f"contract {row.number} is there already and came from: {row.origin}")


def _put_line(connection: Connection, line: Line, at: dt.datetime) -> Sequence[str]:
    same_number = and_(lines.c.number == line.number, lines.c.id != line.id)
    other = connection.scalar(select(lines.c.id).where(same_number))
    if other is not None:
        raise ClashError(f"number {line.number} of line {line.id} is the number of line {other}")
    old = connection.execute(select(lines).where(lines.c.id == line.id).with_for_update()).first()
    said = of_line(old.value if old else None, line)
    if said:
        row = {
            "id": line.id,
            "number": line.number,
            "texts_from": line.texts_from or line.number,
            "version": old.version + 1 if old else 1,
            "changed_at": at,
            "value": line,
        }
        connection.execute(
            update(lines).where(lines.c.id == line.id) if old else insert(lines), row
        )
    return [*said, *_see_off(connection, old.value if old else None, line, at)]


def _see_off(
    connection: Connection, before: Line | None, after: Line, at: dt.datetime
) -> Iterator[str]:
    """Whoever is in the file no more reads no calendar of the line any more."""
    gone = [e.id for e in before.engineers if after.engineer(e.id) is None] if before else []
    for engineer in gone:
        withdraw_known_to(connection, after, engineer, at)
    if gone:
        yield f"line {after.id}: the calendar links of its schedules are new, see `calendars`"

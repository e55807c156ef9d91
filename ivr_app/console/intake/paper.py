"""A file of rows: whether it can be read, what it would change, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from ivr_app.console.intake.reasons import reason
from ivr_app.console.wardrobe import t
from ivr_app.intake import Intake, Taken
from ivr_app.ledger import Sheet
from plan.cells import cells_of
from plan.findings import Finding, PaperError
from plan.rows import REMARKS, read_rows
from routing.line import Line
from store.apply import IMPORT
from store.preview import Preview, WrongRow
from store.register import Register
from switchboard import Switchboard

LARGEST = 1024 * 1024
MOST = 1000
"""Bytes and rows: each PIN takes some 25 ms to hash, while somebody waits. The command line takes
files of any size."""

SECRET = ("pin", "pin_hash")

TOLD_EVERY = 20
"""Rows, about half a second of hashing."""

Cells = Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that can be read: its lines, and the cells of each row by the line it begins on."""

    lines: Sequence[bytes]
    cells: Cells

    @property
    def rows(self) -> int:
        """How many there are below the names of the columns."""
        return len(self.cells) - 1


class RefusedError(Exception):
    """A file that cannot be looked through; ``sentence`` says why."""

    def __init__(self, sentence: str) -> None:
        """In the viewer's language."""
        super().__init__(sentence)
        self.sentence = sentence


def unfolded(line: Line, data: bytes) -> Paper:
    """The file, once the whole of it can be read and it names its columns. Raises RefusedError."""
    lines = data.splitlines(keepends=True)
    cells = _cells(data, lines)
    begin = sorted(cells)[1] - 1
    wrong = [one for one in read_rows(lines[:begin], line, _nothing) if isinstance(one, Finding)]
    if wrong:
        raise RefusedError(_said(wrong))
    return Paper(lines, cells)


def look_through(
    board: Switchboard, line: Line, paper: Paper, at: dt.datetime, tell: Callable[[int], None]
) -> Preview:
    """What this file would change in the contracts of the line; now and then ``tell`` is told how
    many rows have been looked through."""
    sheet = Sheet(Register(board.engine, line.id, IMPORT), IMPORT)
    intake = Intake(sheet, line, board.settings.pin_pepper, at)
    taken, wrong = set[str](), defaultdict[int, list[tuple[str, str]]](list)
    hashed = count(1)

    def hash_one(pin: str, owner: str) -> str:
        if not (row := next(hashed)) % TOLD_EVERY:
            tell(row)
        return intake.hash(pin, owner)

    for found in intake.take(read_rows(paper.lines, line, hash_one)):
        if isinstance(found, Taken):
            taken.add(found.contract)
        else:
            wrong[found.line].append((found.field, found.message))
    changes = tuple(sheet.changes)
    unchanged = len(taken) - len(changes)
    rows = tuple(_wrong_row(paper.cells, number, wrong[number]) for number in sorted(wrong))
    return Preview(changes, rows, unchanged, tuple(number for number, _ in intake.odd()))


def _cells(data: bytes, lines: Sequence[bytes]) -> Cells:
    """The cells of each row by its line, once the whole of it can be read."""
    if len(data) > LARGEST:
        raise RefusedError(t("intake.too_large", kib=LARGEST // 1024))
    try:
        cells = dict(cells_of(lines))
    except PaperError as error:
        raise RefusedError(_said(error.findings)) from None
    if len(cells) < 2:
        raise RefusedError(t("intake.no_rows"))
    if len(cells) - 1 > MOST:
        raise RefusedError(t("intake.too_many", rows=len(cells) - 1, most=MOST))
    return cells


def _said(findings: Sequence[Finding]) -> str:
    said = (
        t("intake.at_line", line=one.line, field=one.field, reason=reason(one.message))
        for one in findings
    )
    return " ".join(said)


def _nothing(pin: str, owner: str) -> str:
    """The names of the columns hold no PIN."""
    return ""


def _wrong_row(cells: Cells, line: int, reasons: Sequence[tuple[str, str]]) -> WrongRow:
    columns, row = cells[min(cells)], cells.get(line, ())
    told = dict(zip(columns, row, strict=True)) if len(row) == len(columns) else {}
    kept = {name: "" if name in SECRET else cell for name, cell in told.items()}
    return WrongRow(line, tuple(reasons), {n: c for n, c in kept.items() if n not in REMARKS})

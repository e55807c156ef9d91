"""A file of rows: whether it can be read, what it would change, and what is wrong with it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from config.contracts import REMARK_COLUMNS, read_cells, read_rows
from config.reader import FileError, Finding
from ivr_app.console import BYTE_ORDER_MARK, csv_cell, t
from ivr_app.console.contracts.forms import describe_value
from routing.contracts import CONTACT_FIELDS, CONTRACT_FIELDS, Contact, Contract
from routing.line import Line
from routing.names import name_key
from service.bootstrap import Services
from service.contract_import import ContractImport, ImportResult, PreviewImport
from store.people.contract_store import ContractStore
from store.people.import_preview import ContractChange, ImportPreview, WrongRow
from store.people.lines import IMPORT

LARGEST_FILE = 1024 * 1024
MOST_ROWS = 1000
"""Bytes and rows: each PIN takes some 25 ms to hash, while somebody waits. The command line takes
files of any size."""

_SECRET_COLUMNS = {column for each in CONTACT_FIELDS if each.secret for column in each.columns}

PROGRESS_ROWS = 20
"""Rows, about half a second of hashing."""

Cells = Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ContractSheet:
    """A file that can be read: its lines, and the cells of each row by the line it begins on."""

    lines: Sequence[bytes]
    cells: Cells

    @property
    def rows(self) -> int:
        """How many there are below the names of the columns."""
        return len(self.cells) - 1


class UnreadableSheetError(Exception):
    """A file that cannot be looked through; ``sentence`` says why."""

    def __init__(self, sentence: str) -> None:
        """In the viewer's language."""
        super().__init__(sentence)
        self.sentence = sentence


def read_sheet(line: Line, data: bytes) -> ContractSheet:
    """The file, once the whole of it can be read and it names its columns. Raises RefusedError."""
    lines = data.splitlines(keepends=True)
    cells = _read_cells(data, lines)
    begin = sorted(cells)[1] - 1
    wrong = [one for one in read_rows(lines[:begin], line, _no_pin) if isinstance(one, Finding)]
    if wrong:
        raise UnreadableSheetError(_describe_findings(wrong))
    return ContractSheet(lines, cells)


def build_preview(
    board: Services, line: Line, paper: ContractSheet, at: dt.datetime, tell: Callable[[int], None]
) -> ImportPreview:
    """What this file would change in the contracts of the line; now and then ``tell`` is told how
    many rows have been looked through."""
    sheet = PreviewImport(ContractStore(board.engine, line.id, IMPORT), IMPORT)
    intake = ContractImport(sheet, line, board.settings.pin_pepper, at)
    taken, wrong = set[str](), defaultdict[int, list[tuple[str, str]]](list)
    hashed = count(1)

    def hash_one(pin: str, owner: str) -> str:
        if not (row := next(hashed)) % PROGRESS_ROWS:
            tell(row)
        return intake.hash(pin, owner)

    for found in intake.take(read_rows(paper.lines, line, hash_one)):
        if isinstance(found, ImportResult):
            taken.add(found.contract)
        else:
            wrong[found.line].append((found.field, found.message))
    changes = tuple(sheet.changes)
    unchanged = len(taken) - len(changes)
    rows = tuple(_reject_row(paper.cells, number, wrong[number]) for number in sorted(wrong))
    return ImportPreview(changes, rows, unchanged, tuple(number for number, _ in intake.odd()))


def _read_cells(data: bytes, lines: Sequence[bytes]) -> Cells:
    """The cells of each row by its line, once the whole of it can be read."""
    if len(data) > LARGEST_FILE:
        raise UnreadableSheetError(t("contract_import.too_large", kib=LARGEST_FILE // 1024))
    try:
        cells = dict(read_cells(lines))
    except FileError as error:
        raise UnreadableSheetError(_describe_findings(error.findings)) from None
    if len(cells) < 2:
        raise UnreadableSheetError(t("contract_import.no_rows"))
    if len(cells) - 1 > MOST_ROWS:
        raise UnreadableSheetError(
            t("contract_import.too_many", rows=len(cells) - 1, most=MOST_ROWS)
        )
    return cells


def _describe_findings(findings: Sequence[Finding]) -> str:
    said = (
        t(
            "contract_import.at_line",
            line=one.line,
            field=one.field,
            reason=translate_reason(one.message),
        )
        for one in findings
    )
    return " ".join(said)


def _no_pin(pin: str, owner: str) -> str:
    """The names of the columns hold no PIN."""
    return ""


def _reject_row(cells: Cells, line: int, reasons: Sequence[tuple[str, str]]) -> WrongRow:
    columns, row = cells[min(cells)], cells.get(line, ())
    told = dict(zip(columns, row, strict=True)) if len(row) == len(columns) else {}
    kept = {name: "" if name in _SECRET_COLUMNS else cell for name, cell in told.items()}
    return WrongRow(
        line, tuple(reasons), {n: c for n, c in kept.items() if n not in REMARK_COLUMNS}
    )


# What a change of a contract comes to, field by field: how it is, and how it would be.


@dataclass(frozen=True, slots=True)
class Difference:
    """One field; nothing ``before`` in what is new, and neither for a PIN, which is never shown."""

    words: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Differences:
    """Those of a contract, and of each contact by name; ``new`` are the contacts that are added."""

    contract: list[Difference]
    contacts: dict[str, list[Difference]]
    new: frozenset[str]


def find_differences(change: ContractChange) -> Differences:
    """What differs; of a new contract or contact everything that is said of it."""
    before, after = change.before, change.after
    known = {name_key(one.name): one for one in before.contacts} if before else {}
    people = {
        contact.name: _list_differences(known.get(name_key(contact.name)), contact)
        for contact in after.contacts
        if known.get(name_key(contact.name)) != contact
    }
    new = frozenset(name for name in people if name_key(name) not in known)
    return Differences(_list_differences(before, after), people, new)


def _list_differences(
    before: Contract | Contact | None, after: Contract | Contact
) -> list[Difference]:
    page, fields = "contacts", CONTACT_FIELDS
    if isinstance(after, Contract):
        page, fields = "contracts", CONTRACT_FIELDS
    found = []
    for each in fields:
        label = t(f"{page}.field.{each.name}")
        old, new = getattr(before, each.name, None), getattr(after, each.name)
        if each.identity or old == new:
            continue
        if before is not None and each.secret:
            found.append(Difference(label, None, t("contract_import.another_pin")))
        elif before is not None:
            found.append(Difference(label, describe_value(old), describe_value(new)))
        elif new and not each.secret:
            found.append(Difference(label, None, describe_value(new)))
    return found


# Why a row is wrong, in the viewer's language: the reader of files speaks that of the command
# line.


REASONS = {
    r"is also another contact's of this contract.*": "same_pin",
    r"must be (?P<length>\d+) digits": "pin",
    r"must have either pin or pin_hash": "pin_or_hash",
    r"must not end before it begins": "ends_too_early",
    r"is empty": "empty",
    r"is missing(, and so is pin_hash)?": "missing",
    r"must be digits only.*": "keyed",
    r"must be one of (?P<known>.*)": "one_of",
    r"must be a date.*": "date",
    r"must be a whole number from (?P<lowest>\d+) to (?P<highest>\d+)": "whole",
    r"must be one line of at most (?P<most>\d+) characters": "one_line",
    r"is no phone number of .*": "phone",
    r"is not dialled: .*": "undialled",
    r"must be an e-mail address.*": "email",
    r"must be a language.*": "language",
    r"must be the hash.*": "hash",
    r"has (?P<found>\d+) columns, not (?P<wanted>\d+)": "columns",
    r"says something else of this contract than an earlier row": "disagrees",
    r"has an earlier row of this contract": "repeated",
    r"is no CSV.*": "no_csv",
    r"is not UTF-8.*": "no_utf8",
    r"must name its columns first.*: (?P<known>.*)": "no_columns",
    r"has an unknown name; did you mean (?P<near>\w+)\?": "near_column",
    r"has an unknown name; known: (?P<known>.*)": "unknown_column",
    r"stands here a second time": "twice",
    r"contract (?P<number>\d+) is there already and came from: file": "of_the_file",
}
_READ = [(re.compile(pattern), key) for pattern, key in REASONS.items()]


def translate_reason(message: str) -> str:
    """The same in the viewer's language, or as it stands where nobody foresaw it."""
    for pattern, key in _READ:
        found = pattern.fullmatch(message)
        if found is not None:
            return t(f"contract_import.reason.{key}", **found.groupdict())
    return message


# The rows that were not taken, as a table to be corrected and chosen again.


_TELEPHONES = re.compile(r"\+[0-9 ;()+-]*", re.ASCII)


def write_rejected_rows(rows: Sequence[WrongRow]) -> str:
    """Each row with its line and what is wrong with it; where a PIN was, there is nothing."""
    columns = list(dict.fromkeys(column for row in rows for column in row.cells))
    page = io.StringIO()
    page.write(BYTE_ORDER_MARK)
    writer = csv.writer(page)
    writer.writerow([*REMARK_COLUMNS, *columns])
    for row in rows:
        why = "; ".join(f"{field}: {translate_reason(message)}" for field, message in row.reasons)
        cells = [_cell(row.cells.get(column, "")) for column in columns]
        writer.writerow([row.line, why, *cells])
    return page.getvalue()


def _cell(text: str) -> str:
    """Telephone numbers stay as they are: no formula begins like one."""
    return text if _TELEPHONES.fullmatch(text) else csv_cell(text)

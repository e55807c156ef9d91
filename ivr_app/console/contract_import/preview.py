"""Reads an uploaded contracts.csv: its changes, its invalid rows, and the reasons."""

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
from ivr_app.console.contracts.forms import describe_value
from ivr_app.web import t
from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    Contact,
    Contract,
    ContractChange,
    ContractOrigin,
)
from routing.line import Line
from routing.names import name_key
from service.bootstrap import Services
from service.contract_import import ContractImport, ImportResult, PreviewImport
from store.log.exports import BYTE_ORDER_MARK, format_csv_cell
from store.people.contract_store import ContractStore
from store.people.import_preview import ImportPreview, WrongRow

LARGEST_FILE = 1024 * 1024
MOST_ROWS = 1000
"""Bytes and rows that a web process reads beside its calls. The command line has no limits."""

PROGRESS_ROWS = 20
"""Rows after which the progress is reported."""

_SECRET_COLUMNS = {column for each in CONTACT_FIELDS if each.secret for column in each.columns}

Cells = Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ContractSheet:
    """A readable file: its lines, and the cells of each row by the line on which it begins."""

    lines: Sequence[bytes]
    cells: Cells

    @property
    def rows(self) -> int:
        """The number of rows, without the column names."""
        return len(self.cells) - 1


class UnreadableSheetError(Exception):
    """A file cannot be processed. ``sentence`` says why, in the viewer's language."""

    def __init__(self, sentence: str) -> None:
        """Keep the sentence."""
        super().__init__(sentence)
        self.sentence = sentence


def read_sheet(line: Line, data: bytes) -> ContractSheet:
    """Read a file and check its column names. Raises UnreadableSheetError."""
    lines = data.splitlines(keepends=True)
    cells = _read_cells(data, lines)
    first_row = sorted(cells)[1] - 1
    findings = read_rows(lines[:first_row], line, _hash_nothing)
    wrong = [one for one in findings if isinstance(one, Finding)]
    if wrong:
        raise UnreadableSheetError(_describe_findings(wrong))
    return ContractSheet(lines, cells)


def build_preview(
    services: Services,
    line: Line,
    sheet: ContractSheet,
    at: dt.datetime,
    report: Callable[[int], None],
) -> ImportPreview:
    """What this file would change; ``report`` is called with the number of rows that are done."""
    target = PreviewImport(
        ContractStore(services.engine, line.id, ContractOrigin.IMPORT), ContractOrigin.IMPORT
    )
    importer = ContractImport(target, line, services.settings.pin_pepper, at)
    imported, wrong = set[str](), defaultdict[int, list[tuple[str, str]]](list)
    hashed = count(1)

    def hash_pin(pin: str, owner: str) -> str:
        row = next(hashed)
        if row % PROGRESS_ROWS == 0:
            report(row)
        return importer.hash(pin, owner)

    for found in importer.import_rows(read_rows(sheet.lines, line, hash_pin)):
        if isinstance(found, ImportResult):
            imported.add(found.contract)
        else:
            wrong[found.line].append((found.field, found.message))
    changes = tuple(target.changes)
    rows = tuple(_reject_row(sheet.cells, number, wrong[number]) for number in sorted(wrong))
    crowded = tuple(number for number, _ in importer.list_crowded())
    return ImportPreview(changes, rows, len(imported) - len(changes), crowded)


def _read_cells(data: bytes, lines: Sequence[bytes]) -> Cells:
    """The cells of each row by its line. Raises UnreadableSheetError."""
    if len(data) > LARGEST_FILE:
        raise UnreadableSheetError(t("contract_import.too_large", kib=LARGEST_FILE // 1024))
    try:
        cells = dict(read_cells(lines))
    except FileError as error:
        raise UnreadableSheetError(_describe_findings(error.findings)) from None
    rows = len(cells) - 1
    if rows < 1:
        raise UnreadableSheetError(t("contract_import.no_rows"))
    if rows > MOST_ROWS:
        raise UnreadableSheetError(t("contract_import.too_many", rows=rows, most=MOST_ROWS))
    return cells


def _describe_findings(findings: Sequence[Finding]) -> str:
    sentences = []
    for one in findings:
        reason = translate_reason(one.message)
        where = {"line": one.line, "field": one.field}
        sentences.append(t("contract_import.at_line", reason=reason, **where))
    return " ".join(sentences)


def _hash_nothing(pin: str, owner: str) -> str:
    """The column names contain no PIN."""
    return ""


def _reject_row(cells: Cells, line: int, reasons: Sequence[tuple[str, str]]) -> WrongRow:
    """The row without its PIN, for the file of invalid rows."""
    columns, row = cells[min(cells)], cells.get(line, ())
    if len(row) != len(columns):
        return WrongRow(line, tuple(reasons), {})
    kept = {
        name: cell for name, cell in zip(columns, row, strict=True) if name not in REMARK_COLUMNS
    }
    kept |= dict.fromkeys(_SECRET_COLUMNS & kept.keys(), "")
    return WrongRow(line, tuple(reasons), kept)


# The changes of a contract, field by field.


@dataclass(frozen=True, slots=True)
class Difference:
    """One field. ``before`` is None for a new value, and for a PIN, which is never shown."""

    label: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Differences:
    """Those of a contract, and of each contact by name; ``new`` are the contacts that are added."""

    contract: list[Difference]
    contacts: dict[str, list[Difference]]
    new: frozenset[str]


def find_differences(change: ContractChange) -> Differences:
    """What changes; of a new contract or contact every value that it has."""
    before, after = change.before, change.after
    known: dict[str, Contact] = {}
    if before is not None:
        known = {name_key(contact.name): contact for contact in before.contacts}
    contacts = {
        contact.name: _list_differences(known.get(name_key(contact.name)), contact)
        for contact in after.contacts
        if known.get(name_key(contact.name)) != contact
    }
    new = frozenset(name for name in contacts if name_key(name) not in known)
    return Differences(_list_differences(before, after), contacts, new)


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
            was, becomes = describe_value(each.kind, old), describe_value(each.kind, new)
            found.append(Difference(label, was, becomes))
        elif new and not each.secret:
            found.append(Difference(label, None, describe_value(each.kind, new)))
    return found


# Why a row is invalid, in the viewer's language. The reader of files answers in English.


REASONS = {
    r"is the PIN of another contact.*": "same_pin",
    r"must be (?P<length>\d+) digits": "pin",
    r"must have either pin or pin_hash": "pin_or_hash",
    r"must not end before it begins": "ends_too_early",
    r"is empty": "empty",
    r"is missing(, and so is pin_hash)?": "missing",
    r"must be at most 20 digits.*": "keyed",
    r"must be one of (?P<known>.*)": "one_of",
    r"must be a date.*": "date",
    r"must be a whole number from (?P<lowest>\d+) to (?P<highest>\d+)": "whole",
    r"must be one line of at most (?P<most>\d+) characters": "one_line",
    r"is not a phone number.*": "phone",
    r"is not dialled: .*": "undialled",
    r"must be an e-mail address.*": "email",
    r"must be a language.*": "language",
    r"must be the hash.*": "hash",
    r"has (?P<found>\d+) columns, not (?P<wanted>\d+)": "columns",
    r"differs from an earlier row of this contract": "disagrees",
    r"repeats an earlier row of this contract": "repeated",
    r"is not valid CSV.*": "no_csv",
    r"is not UTF-8.*": "no_utf8",
    r"must begin with the column names.*: (?P<known>.*)": "no_columns",
    r"has an unknown name; did you mean (?P<near>\w+)\?": "near_column",
    r"has an unknown name; known: (?P<known>.*)": "unknown_column",
    r"appears a second time": "twice",
    r"contract (?P<number>\d+) is already defined in the file of the line": "of_the_file",
}
_READ = [(re.compile(pattern), key) for pattern, key in REASONS.items()]


def translate_reason(message: str) -> str:
    """The message in the viewer's language; an unknown message stays as it is."""
    for pattern, key in _READ:
        found = pattern.fullmatch(message)
        if found is not None:
            return t(f"contract_import.reason.{key}", **found.groupdict())
    return message


# The invalid rows as a file, to be corrected and imported again.


_PHONE_NUMBERS = re.compile(r"\+[0-9 ;()+-]*", re.ASCII)


def write_rejected_rows(rows: Sequence[WrongRow]) -> str:
    """Each row with its line and its mistakes, without its PIN."""
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
    """A CSV cell. Phone numbers stay as they are: a spreadsheet runs none as a formula."""
    if _PHONE_NUMBERS.fullmatch(text):
        return text
    return format_csv_cell(text)

"""Reads ``contracts.csv`` row by row, as strictly as ``line.yaml``, and files of any length."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, TypeVar

from config import fields
from config.reader import (
    Entry,
    FieldReader,
    Fields,
    FileError,
    FileReading,
    Finding,
    Hasher,
    Items,
    Location,
    ReaderContext,
    Scalar,
    WrongField,
    accepts,
    distinct,
    list_of,
    mapping,
    non_empty,
    note_repeats,
    one_or_list,
    record,
    shape_of,
    shaped,
    suggest,
    transformed,
    word,
)
from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    MOST_PREMIUM_INCIDENTS,
    Contact,
    Contract,
    ContractField,
    EmailLevel1,
    ValueKind,
    ends_before_it_begins,
)
from routing.line import Line
from routing.names import name_key, tidy

_FIELDS = (*CONTRACT_FIELDS, *CONTACT_FIELDS)
_REQUIRED_VALUES = tuple(column for each in _FIELDS if each.required for column in each.columns)
_REQUIRED_COLUMNS = tuple(
    column for each in _FIELDS if each.in_every_csv for column in each.columns
)
_VALIDITY = ("valid_from", "valid_until")
"""The fields that line.yaml has as ``valid: {from, until}``."""

KNOWN_COLUMNS = tuple(column for each in _FIELDS for column in each.columns)
"""The columns that a file may have."""

OPTIONAL_COLUMNS = tuple(
    column for each in _FIELDS if not (each.in_every_csv or each.secret) for column in each.columns
)
"""The columns that a file may lack; of the two for a PIN it needs one."""

REMARK_COLUMNS = ("line", "reason")
"""Columns of the file of invalid rows, which are ignored when it is imported again."""


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One row: the line on which it begins, and a contract with one contact."""

    line: int
    contract: Contract


@dataclass(slots=True)
class _EarlierRows:
    """The rows so far, in little memory: a hash of each contract, contact and PIN."""

    contracts: dict[str, int] = field(default_factory=dict)
    contacts: set[int] = field(default_factory=set)
    pins: set[int] = field(default_factory=set)

    def note(self, row: dict[str, Scalar], reading: FileReading) -> None:
        """Note where a row contradicts or repeats an earlier row of the same contract."""
        contract = row["contract"].text
        columns = [column for each in CONTRACT_FIELDS for column in each.columns]
        values = hash(tuple(row[column].text for column in columns if column in row))
        if self.contracts.setdefault(contract, values) != values:
            other = "differs from an earlier row of this contract"
            reading.note(row["contract"].location, other)
        contact = hash((contract, name_key(row["contact"].text)))
        if contact in self.contacts:
            reading.note(row["contact"].location, "repeats an earlier row of this contract")
        self.contacts.add(contact)
        pin = row.get("pin")
        if pin and pin.given:
            if hash((contract, pin.text)) in self.pins:
                reading.note(pin.location, SAME_PIN)
            self.pins.add(hash((contract, pin.text)))


def read_rows(
    lines: Iterable[bytes], line: Line, hasher: Hasher
) -> Iterator[ContractRow | Finding]:
    """Each row in order, or its mistakes.

    ``lines`` are those of a binary file. The rows of a contract need not be neighbours, but must
    agree about the contract and have different PINs. A file with wrong columns yields only
    findings.
    """
    context = ReaderContext(
        hasher,
        (line.id,),
        country=line.country,
        pin_length=line.pin.length,
        dialled=line.dialled_countries,
        plans=tuple(plan.id for plan in line.plans),
    )
    sheet = read_cells(lines)
    try:
        _, columns = next(sheet, (1, []))
        while columns and not columns[-1]:  # spreadsheets also save columns that were emptied
            columns.pop()
        wrong = list(_check_columns(columns))
        yield from wrong or _read_rows(sheet, columns, context)
    except FileError as error:
        yield from error.findings


def _check_columns(columns: list[str]) -> Iterator[Finding]:
    # An unknown column is named by its place: in a file without a first row it may be a PIN.
    if not set(columns).intersection(KNOWN_COLUMNS):
        yield Finding(
            1,
            "file",
            f"must begin with the column names, separated by commas: {','.join(KNOWN_COLUMNS)}",
        )
        return
    for index, column in enumerate(columns):
        if not column:
            yield Finding(1, f"column {index + 1}", "has no name")
        elif column not in (*KNOWN_COLUMNS, *REMARK_COLUMNS):
            hint = suggest(column, KNOWN_COLUMNS)
            yield Finding(1, f"column {index + 1}", f"has an unknown name; {hint}")
        elif column in columns[:index]:
            yield Finding(1, column, "appears a second time")
    for column in _REQUIRED_COLUMNS:
        if column not in columns:
            yield Finding(1, column, "is missing")
    if not {"pin", "pin_hash"}.intersection(columns):
        yield Finding(1, "pin", "is missing, and so is pin_hash")


def _read_rows(
    sheet: Iterator[tuple[int, list[str]]], columns: list[str], context: ReaderContext
) -> Iterator[ContractRow | Finding]:
    earlier = _EarlierRows()
    for line, cells in sheet:
        if len(cells) < len(columns) or any(cells[len(columns) :]):
            yield Finding(line, "file", f"has {len(cells)} columns, not {len(columns)}")
            continue
        row = {
            column: Scalar(
                Location(line, column), cell, given=bool(cell) or column in _REQUIRED_VALUES
            )
            for column, cell in zip(columns, cells, strict=False)
        }
        reading = FileReading(context)
        earlier.note(row, reading)
        contract = reading.attempt(contract_row, _build_entry(row))
        yield from reading.findings
        if contract and not reading.findings:
            yield ContractRow(line, contract)


def _build_entry(row: dict[str, Scalar]) -> Fields:
    """A row as ``line.yaml`` has a contract; each value keeps the name of its column."""
    phone, until = row["phone"], row["valid_until"]
    contact = _build_fields(
        replace(phone.location, field="pin"), **_build_entries(CONTACT_FIELDS, row)
    )
    own = _build_entries(CONTRACT_FIELDS, row)
    valid = {"from": own.pop("valid_from"), "until": own.pop("valid_until")}
    return _build_fields(
        phone.location,
        valid=_build_fields(until.location, **valid),
        contacts=Items(phone.location, (contact,)),
        **own,
    )


def _build_entries(fields: Iterable[ContractField], row: dict[str, Scalar]) -> dict[str, Entry]:
    """The cells of these fields by their names in ``line.yaml``."""
    entries: dict[str, Entry] = {}
    for each in fields:
        for column in each.columns:
            if column not in row:
                continue
            if each.kind is ValueKind.PHONES:
                entries[each.key] = _split_phones(row[column])
            elif each.secret:
                entries[column] = row[column]
            else:
                entries[each.key] = row[column]
    return entries


def _split_phones(cell: Scalar) -> Items:
    numbers = tuple(Scalar(cell.location, number) for number in cell.text.split(";"))
    return Items(cell.location, numbers)


def _build_fields(location: Location, **entries: Entry) -> Fields:
    return Fields(
        location, tuple((Scalar(location, name), entry) for name, entry in entries.items())
    )


# Contracts and contacts. Their PINs are hashed when they are read.


T = TypeVar("T")
Validity = tuple[dt.date | None, dt.date | None]

SAME_PIN = "is the PIN of another contact of this contract; each contact needs their own"
_NOT_HASHED = ""


@accepts("the digits of a PIN, in quotes")
def _hash_pin(entry: Entry, reading: FileReading) -> str:
    """The hash of a PIN; nothing is hashed once the file has a mistake."""
    digits, length = word(entry, reading), reading.context.pin_length
    if not (digits.isascii() and digits.isdigit() and len(digits) == length):
        raise WrongField(f"must be {length} digits")
    if reading.findings:
        return _NOT_HASHED
    return reading.context.hasher(digits, "\n".join(reading.context.owner))


def _with_owner(field: str, reader: FieldReader[T]) -> FieldReader[T]:
    """The PINs inside belong to the contract that this field names."""

    def read(entry: Entry, reading: FileReading) -> T:
        name = ""
        if isinstance(entry, Fields):
            name = entry.tidy_text(field)
        return reader(entry, reading.inside(owner=(*reading.context.owner, name)))

    return shaped(read, lambda: shape_of(reader))


def _pop_either(found: dict[str, Any], one: str, other: str) -> Any:
    if (one in found) == (other in found):
        raise WrongField(f"must have either {one} or {other}")
    if one in found:
        return found.pop(one)
    return found.pop(other)


def _build_contact(found: dict[str, Any]) -> Contact:
    pin_hash = _pop_either(found, "pin", "pin_hash")
    return Contact(phones=_pop_either(found, "phone", "phones"), pin_hash=pin_hash, **found)


def _build_validity(from_: dt.date | None = None, until: dt.date | None = None) -> Validity:
    if ends_before_it_begins(from_, until):
        raise WrongField("must not end before it begins")
    return from_, until


def _build_contract(found: dict[str, Any]) -> Contract:
    valid_from, valid_until = found.pop("valid", (None, None))
    return Contract(
        number=found.pop("contract"), valid_from=valid_from, valid_until=valid_until, **found
    )


VALUE_READERS: dict[ValueKind, FieldReader[Any]] = {
    ValueKind.DIGITS: fields.keyed,
    ValueKind.NAME: fields.name,
    ValueKind.PLAN: fields.plan,
    ValueKind.DATE: fields.date,
    ValueKind.COUNT: fields.whole_number(0, MOST_PREMIUM_INCIDENTS),
    ValueKind.PHONES: non_empty(one_or_list(fields.contact_phone)),
    ValueKind.LANGUAGE: fields.language,
    ValueKind.EMAIL: fields.email,
    ValueKind.YES_NO: fields.yes_or_no,
    ValueKind.EMAIL_LEVEL_1: fields.member_of(EmailLevel1),
    ValueKind.PIN: _hash_pin,
}
"""Reads a value of each kind, in line.yaml, contracts.csv and the forms of the console."""


KEPT_PIN = ""
"""Instead of the hash of a PIN: a contact keeps the one that is stored."""


def _contact_reader(known: Iterable[ContractField]) -> FieldReader[Contact]:
    plain = mapping(
        frozenset({"name"}),
        phone=transformed(fields.contact_phone, lambda number: (number,)),
        pin_hash=fields.matching(r"\S{8,512}", "the hash of a PIN"),
        **{each.key: VALUE_READERS[each.kind] for each in known},
    )

    def read(entry: Entry, reading: FileReading) -> Contact:
        found = plain(entry, reading)
        if reading.context.keeps_pins and not {"pin", "pin_hash"} & found.keys():
            found["pin_hash"] = KEPT_PIN
        return _build_contact(found)

    return shaped(read, lambda: shape_of(plain))


def _contract_reader(contacts: FieldReader[tuple[Contact, ...]]) -> FieldReader[Contract]:
    own = [each for each in CONTRACT_FIELDS if each.name not in _VALIDITY]
    about = transformed(
        mapping(
            frozenset(each.key for each in own if each.required),
            valid=record(_build_validity, from_=fields.date, until=fields.date),
            contacts=contacts,
            **{each.key: VALUE_READERS[each.kind] for each in own},
        ),
        _build_contract,
    )
    return _with_owner("contract", about)


def _read_distinct_contacts(entry: Entry, reading: FileReading) -> tuple[Contact, ...]:
    note_repeats(entry, "pin", SAME_PIN, reading)
    return _contact_list(entry, reading)


_contact_list = list_of(_contact_reader(each for each in CONTACT_FIELDS if each.in_line_file))
_read_contacts = shaped(_read_distinct_contacts, lambda: shape_of(_contact_list))
contracts = distinct("contract", _contract_reader(_read_contacts))
contract_row = _contract_reader(list_of(_contact_reader(CONTACT_FIELDS)))
"""One row of ``contracts.csv``: a contract with one contact."""


# The cells of a CSV file as spreadsheets save it.


def read_cells(lines: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that is not empty, and the line on which it begins.

    Raises FileError.
    """
    text = (line.decode("utf-8-sig") for line in lines)
    line = 1
    try:
        first = next(text, "")
        sheet = csv.reader(chain((first,), text), delimiter=_find_delimiter(first), strict=True)
        for row in sheet:
            cells = [unquote_cell(tidy(cell)) for cell in row]
            if any(cells):
                yield line, cells
            line = sheet.line_num + 1
    except csv.Error:
        wrong = "is not valid CSV: a quote is not closed, or the line endings are wrong"
        raise FileError([Finding(line, "file", wrong)]) from None
    except UnicodeDecodeError:
        raise FileError([Finding(line, "file", "is not UTF-8; save it as CSV UTF-8")]) from None


_FORMULA = re.compile(r"'*[=+\-@]")
"""What a spreadsheet would run as a formula, after any quotes that we have put there."""


def quote_cell(text: str) -> str:
    """A text as a cell that no spreadsheet runs as a formula."""
    if _FORMULA.match(text):
        return f"'{text}"
    return text


def unquote_cell(cell: str) -> str:
    """The text of a cell that ``quote_cell`` made."""
    if cell.startswith("'") and _FORMULA.match(cell):
        return cell[1:]
    return cell


def _find_delimiter(first: str) -> str:
    """The delimiter: Excel saves semicolons in countries with decimal commas."""
    if ";" in first and "," not in first:
        return ";"
    return ","

"""Reads ``contracts.csv`` row by row, as strictly as ``line.yaml`` and however long it is."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, TypeVar

from config import fields
from config.fields import yes_or_no
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
    distinct,
    list_of,
    mapping,
    non_empty,
    note_repeats,
    one_or_list,
    record,
    suggest,
    transformed,
    word,
)
from routing.contracts import Contact, Contract, Plan
from routing.line import Line
from routing.names import name_key, tidy

_CONTRACT_COLUMNS = (
    "contract",
    "customer",
    "plan",
    "valid_from",
    "valid_until",
    "premium_incidents",
)
_CONTACT_COLUMNS = ("pin", "pin_hash", "language", "email", "ends", "hears_of_releases")
_REQUIRED_VALUES = ("contract", "customer", "plan", "contact", "phone")
_REQUIRED_COLUMNS = (*_CONTRACT_COLUMNS, "contact", "phone", "language")
KNOWN_COLUMNS = (*_CONTRACT_COLUMNS, "contact", "phone", *_CONTACT_COLUMNS)
"""The columns that a file may have."""

REMARK_COLUMNS = ("line", "reason")
"""What the file of wrong rows says of each: once a row is corrected, nobody reads it."""


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One row: the line of the file on which it begins, and a contract with its one contact."""

    line: int
    contract: Contract


@dataclass(slots=True)
class _EarlierRows:
    """What the rows so far have said, kept small: a hash of each contract, contact and PIN."""

    contracts: dict[str, int] = field(default_factory=dict)
    contacts: set[int] = field(default_factory=set)
    pins: set[int] = field(default_factory=set)

    def note(self, row: dict[str, Scalar], reading: FileReading) -> None:
        """Note where a row contradicts an earlier one of the same contract."""
        contract = row["contract"].text
        said = hash(tuple(row[column].text for column in _CONTRACT_COLUMNS))
        if self.contracts.setdefault(contract, said) != said:
            other = "says something else of this contract than an earlier row"
            reading.note(row["contract"].mark, other)
        contact = hash((contract, name_key(row["contact"].text)))
        if contact in self.contacts:
            reading.note(row["contact"].mark, "has an earlier row of this contract")
        self.contacts.add(contact)
        pin = row.get("pin")
        if pin and pin.given:
            if hash((contract, pin.text)) in self.pins:
                reading.note(pin.mark, SAME_PIN)
            self.pins.add(hash((contract, pin.text)))


def read_rows(
    lines: Iterable[bytes], line: Line, hasher: Hasher
) -> Iterator[ContractRow | Finding]:
    """Each row, or what is wrong with it, as they come.

    ``lines`` are those of a file opened in bytes. Rows of a contract may stand apart, but agree
    about it and have different PINs. A file with wrong columns gives nothing but findings.
    """
    terms = ReaderContext(
        hasher,
        (line.id,),
        country=line.country,
        pin_length=line.pin.length,
        dialled=line.dialled_countries,
    )
    sheet = read_cells(lines)
    try:
        _, columns = next(sheet, (1, []))
        while columns and not columns[-1]:  # spreadsheets save empty columns that had something
            columns.pop()
        wrong = list(_check_columns(columns))
        yield from wrong or _read_rows(sheet, columns, terms)
    except FileError as error:
        yield from error.findings


def _check_columns(columns: list[str]) -> Iterator[Finding]:
    # An unknown column is named by its place: in a file without a first row it may be a PIN.
    if not set(columns).intersection(KNOWN_COLUMNS):
        yield Finding(
            1, "file", f"must name its columns first, with commas: {','.join(KNOWN_COLUMNS)}"
        )
        return
    for index, column in enumerate(columns):
        if not column:
            yield Finding(1, f"column {index + 1}", "has no name")
        elif column not in (*KNOWN_COLUMNS, *REMARK_COLUMNS):
            hint = suggest(column, KNOWN_COLUMNS)
            yield Finding(1, f"column {index + 1}", f"has an unknown name; {hint}")
        elif column in columns[:index]:
            yield Finding(1, column, "stands here a second time")
    for column in _REQUIRED_COLUMNS:
        if column not in columns:
            yield Finding(1, column, "is missing")
    if not {"pin", "pin_hash"}.intersection(columns):
        yield Finding(1, "pin", "is missing, and so is pin_hash")


def _read_rows(
    sheet: Iterator[tuple[int, list[str]]], columns: list[str], terms: ReaderContext
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
        reading = FileReading(terms)
        earlier.note(row, reading)
        contract = reading.attempt(contract_row, _build_entry(row))
        yield from reading.findings
        if contract and not reading.findings:
            yield ContractRow(line, contract)


def _build_entry(row: dict[str, Scalar]) -> Fields:
    """A row as ``line.yaml`` would have it, each word still under the name of its column."""
    phone = row["phone"]
    numbers = tuple(Scalar(phone.mark, number) for number in phone.text.split(";"))
    personal = {column: row[column] for column in _CONTACT_COLUMNS if column in row}
    contact = _build_fields(
        replace(phone.mark, field="pin"),
        name=row["contact"],
        phones=Items(phone.mark, numbers),
        **personal,
    )
    validity = {"from": row["valid_from"], "until": row["valid_until"]}
    return _build_fields(
        phone.mark,
        valid=_build_fields(row["valid_until"].mark, **validity),
        contacts=Items(phone.mark, (contact,)),
        **{column: row[column] for column in ("contract", "customer", "plan", "premium_incidents")},
    )


def _build_fields(mark: Location, **entries: Entry) -> Fields:
    return Fields(mark, tuple((Scalar(mark, name), entry) for name, entry in entries.items()))


# Contracts and the people who may call on them; their PINs are hashed on the way in.


T = TypeVar("T")
Validity = tuple[dt.date | None, dt.date | None]

SAME_PIN = "is also another contact's of this contract; each needs one of their own"
_NOT_HASHED = ""


def _hash_pin(entry: Entry, reading: FileReading) -> str:
    """The hash of a PIN; once anything in the file is wrong, no work goes into hashing."""
    digits, length = word(entry, reading), reading.terms.pin_length
    if not (digits.isascii() and digits.isdigit() and len(digits) == length):
        raise WrongField(f"must be {length} digits")
    if reading.findings:
        return _NOT_HASHED
    return reading.terms.hasher(digits, "\n".join(reading.terms.owner))


def _with_owner(field: str, reader: FieldReader[T]) -> FieldReader[T]:
    """What is read inside belongs to whomever this field names."""

    def read(entry: Entry, reading: FileReading) -> T:
        name = entry.tidy_text(field) if isinstance(entry, Fields) else ""
        return reader(entry, reading.inside(owner=(*reading.terms.owner, name)))

    return read


def _pop_either(found: dict[str, Any], one: str, other: str) -> Any:
    if (one in found) == (other in found):
        raise WrongField(f"must have either {one} or {other}")
    return found.pop(one if one in found else other)


def _build_contact(found: dict[str, Any]) -> Contact:
    pin_hash = _pop_either(found, "pin", "pin_hash")
    return Contact(phones=_pop_either(found, "phone", "phones"), pin_hash=pin_hash, **found)


def _build_validity(from_: dt.date | None = None, until: dt.date | None = None) -> Validity:
    if from_ and until and until < from_:
        raise WrongField("must not end before it begins")
    return from_, until


def _build_contract(found: dict[str, Any]) -> Contract:
    valid_from, valid_until = found.pop("valid", (None, None))
    return Contract(
        number=found.pop("contract"), valid_from=valid_from, valid_until=valid_until, **found
    )


def _contact_reader(**more: FieldReader[Any]) -> FieldReader[Contact]:
    return transformed(
        mapping(
            frozenset({"name"}),
            name=fields.name,
            phone=transformed(fields.contact_phone, lambda number: (number,)),
            phones=non_empty(one_or_list(fields.contact_phone)),
            pin=_hash_pin,
            pin_hash=fields.matching(r"\S{8,512}", "the hash that was made of a PIN"),
            language=fields.language,
            email=fields.email,
            hears_of_releases=yes_or_no,
            **more,
        ),
        _build_contact,
    )


def _contract_reader(contacts: FieldReader[tuple[Contact, ...]]) -> FieldReader[Contract]:
    about = transformed(
        mapping(
            frozenset({"contract", "customer", "plan"}),
            contract=fields.keyed,
            customer=fields.name,
            plan=fields.member_of(Plan),
            valid=record(_build_validity, from_=fields.date, until=fields.date),
            premium_incidents=fields.whole_number(0, 100_000),
            contacts=contacts,
        ),
        _build_contract,
    )
    return _with_owner("contract", about)


def _read_contacts(entry: Entry, reading: FileReading) -> tuple[Contact, ...]:
    note_repeats(entry, "pin", SAME_PIN, reading)
    return _contact_list(entry, reading)


_contact_list = list_of(_contact_reader())
contracts = distinct("contract", _contract_reader(_read_contacts))
contract_row = _contract_reader(list_of(_contact_reader(ends=fields.date)))
"""One row of ``contracts.csv``: a contract with one contact, who may have an end."""


# The cells of a CSV file, as spreadsheets save them.


def read_cells(lines: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that has any, and the line on which it begins. Raises FileError."""
    text = (line.decode("utf-8-sig") for line in lines)
    line = 1
    try:
        first = next(text, "")
        sheet = csv.reader(chain((first,), text), delimiter=_find_delimiter(first), strict=True)
        for row in sheet:
            cells = [tidy(cell) for cell in row]
            if any(cells):
                yield line, cells
            line = sheet.line_num + 1
    except csv.Error:
        wrong = "is no CSV: a quote is not closed, or lines end in an odd way"
        raise FileError([Finding(line, "file", wrong)]) from None
    except UnicodeDecodeError:
        raise FileError([Finding(line, "file", "is not UTF-8; save it as CSV UTF-8")]) from None


def _find_delimiter(first: str) -> str:
    """What stands between the cells: where a comma is a decimal sign, Excel saves semicolons."""
    return ";" if ";" in first and "," not in first else ","

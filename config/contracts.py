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
    closest,
    distinct,
    many,
    mapping,
    note_repeats,
    one_or_many,
    record,
    some,
    then,
    word,
)
from routing.contract import Contact, Contract, Plan
from routing.dial_guard import dialled_countries
from routing.line import Line
from routing.names import name_key, tidy

_OF_A_CONTRACT = ("contract", "customer", "plan", "valid_from", "valid_until", "premium_incidents")
_OF_A_CONTACT = ("pin", "pin_hash", "language", "email", "ends", "hears_of_releases")
_NEVER_EMPTY = ("contract", "customer", "plan", "contact", "phone")
_NEEDED = (*_OF_A_CONTRACT, "contact", "phone", "language")
KNOWN = (*_OF_A_CONTRACT, "contact", "phone", *_OF_A_CONTACT)
"""The columns that a file may have."""

REMARKS = ("line", "reason")
"""What the file of wrong rows says of each: once a row is corrected, nobody reads it."""


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One row: the line of the file on which it begins, and a contract with its one contact."""

    line: int
    contract: Contract


@dataclass(slots=True)
class _Earlier:
    """What the rows so far have said, kept small: a hash of each contract, contact and PIN."""

    contracts: dict[str, int] = field(default_factory=dict)
    contacts: set[int] = field(default_factory=set)
    pins: set[int] = field(default_factory=set)

    def note(self, row: dict[str, Scalar], reading: FileReading) -> None:
        """Note where a row contradicts an earlier one of the same contract."""
        contract = row["contract"].text
        said = hash(tuple(row[column].text for column in _OF_A_CONTRACT))
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
        dialled=dialled_countries(line),
    )
    sheet = cells_of(lines)
    try:
        _, columns = next(sheet, (1, []))
        while columns and not columns[-1]:  # spreadsheets save empty columns that had something
            columns.pop()
        wrong = list(_wrong_columns(columns))
        yield from wrong or _rows(sheet, columns, terms)
    except FileError as error:
        yield from error.findings


def _wrong_columns(columns: list[str]) -> Iterator[Finding]:
    # An unknown column is named by its place: in a file without a first row it may be a PIN.
    if not set(columns).intersection(KNOWN):
        yield Finding(1, "file", f"must name its columns first, with commas: {','.join(KNOWN)}")
        return
    for index, column in enumerate(columns):
        if not column:
            yield Finding(1, f"column {index + 1}", "has no name")
        elif column not in (*KNOWN, *REMARKS):
            hint = closest(column, KNOWN)
            yield Finding(1, f"column {index + 1}", f"has an unknown name; {hint}")
        elif column in columns[:index]:
            yield Finding(1, column, "stands here a second time")
    for column in _NEEDED:
        if column not in columns:
            yield Finding(1, column, "is missing")
    if not {"pin", "pin_hash"}.intersection(columns):
        yield Finding(1, "pin", "is missing, and so is pin_hash")


def _rows(
    sheet: Iterator[tuple[int, list[str]]], columns: list[str], terms: ReaderContext
) -> Iterator[ContractRow | Finding]:
    earlier = _Earlier()
    for line, cells in sheet:
        if len(cells) < len(columns) or any(cells[len(columns) :]):
            yield Finding(line, "file", f"has {len(cells)} columns, not {len(columns)}")
            continue
        row = {
            column: Scalar(Location(line, column), cell, given=bool(cell) or column in _NEVER_EMPTY)
            for column, cell in zip(columns, cells, strict=False)
        }
        reading = FileReading(terms)
        earlier.note(row, reading)
        contract = reading.attempt(contract_row, _entry(row))
        yield from reading.findings
        if contract and not reading.findings:
            yield ContractRow(line, contract)


def _entry(row: dict[str, Scalar]) -> Fields:
    """A row as ``line.yaml`` would have it, each word still under the name of its column."""
    phone = row["phone"]
    numbers = tuple(Scalar(phone.mark, number) for number in phone.text.split(";"))
    personal = {column: row[column] for column in _OF_A_CONTACT if column in row}
    contact = _fields(
        replace(phone.mark, field="pin"),
        name=row["contact"],
        phones=Items(phone.mark, numbers),
        **personal,
    )
    validity = {"from": row["valid_from"], "until": row["valid_until"]}
    return _fields(
        phone.mark,
        valid=_fields(row["valid_until"].mark, **validity),
        contacts=Items(phone.mark, (contact,)),
        **{column: row[column] for column in ("contract", "customer", "plan", "premium_incidents")},
    )


def _fields(mark: Location, **entries: Entry) -> Fields:
    return Fields(mark, tuple((Scalar(mark, name), entry) for name, entry in entries.items()))


# Contracts and the people who may call on them; their PINs are hashed on the way in.


T = TypeVar("T")
Validity = tuple[dt.date | None, dt.date | None]

SAME_PIN = "is also another contact's of this contract; each needs one of their own"
_NOT_HASHED = ""


def _pin(entry: Entry, reading: FileReading) -> str:
    """The hash of a PIN; once anything in the file is wrong, no work goes into hashing."""
    digits, length = word(entry, reading), reading.terms.pin_length
    if not (digits.isascii() and digits.isdigit() and len(digits) == length):
        raise WrongField(f"must be {length} digits")
    if reading.findings:
        return _NOT_HASHED
    return reading.terms.hasher(digits, "\n".join(reading.terms.owner))


def _owned_by(field: str, reader: FieldReader[T]) -> FieldReader[T]:
    """What is read inside belongs to whomever this field names."""

    def read(entry: Entry, reading: FileReading) -> T:
        name = entry.tidied(field) if isinstance(entry, Fields) else ""
        return reader(entry, reading.inside(owner=(*reading.terms.owner, name)))

    return read


def _either(found: dict[str, Any], one: str, other: str) -> Any:
    if (one in found) == (other in found):
        raise WrongField(f"must have either {one} or {other}")
    return found.pop(one if one in found else other)


def _contact(found: dict[str, Any]) -> Contact:
    pin_hash = _either(found, "pin", "pin_hash")
    return Contact(phones=_either(found, "phone", "phones"), pin_hash=pin_hash, **found)


def _validity(from_: dt.date | None = None, until: dt.date | None = None) -> Validity:
    if from_ and until and until < from_:
        raise WrongField("must not end before it begins")
    return from_, until


def _contract(found: dict[str, Any]) -> Contract:
    since, until = found.pop("valid", (None, None))
    return Contract(number=found.pop("contract"), since=since, until=until, **found)


def _contact_reader(**more: FieldReader[Any]) -> FieldReader[Contact]:
    return then(
        mapping(
            frozenset({"name"}),
            name=fields.name,
            phone=then(fields.contact_phone, lambda number: (number,)),
            phones=some(one_or_many(fields.contact_phone)),
            pin=_pin,
            pin_hash=fields.fitting(r"\S{8,512}", "the hash that was made of a PIN"),
            language=fields.language,
            email=fields.email,
            hears_of_releases=yes_or_no,
            **more,
        ),
        _contact,
    )


def _contract_reader(contacts: FieldReader[tuple[Contact, ...]]) -> FieldReader[Contract]:
    about = then(
        mapping(
            frozenset({"contract", "customer", "plan"}),
            contract=fields.keyed,
            customer=fields.name,
            plan=fields.choice(Plan),
            valid=record(_validity, from_=fields.date, until=fields.date),
            premium_incidents=fields.whole(0, 100_000),
            contacts=contacts,
        ),
        _contract,
    )
    return _owned_by("contract", about)


def _contacts(entry: Entry, reading: FileReading) -> tuple[Contact, ...]:
    note_repeats(entry, "pin", SAME_PIN, reading)
    return _people(entry, reading)


_people = many(_contact_reader())
contracts = distinct("contract", _contract_reader(_contacts))
contract_row = _contract_reader(many(_contact_reader(ends=fields.date)))
"""One row of ``contracts.csv``: a contract with one contact, who may have an end."""


# The cells of a file of rows, as spreadsheets save them.


def cells_of(lines: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that has any, and the line on which it begins. Raises PaperError."""
    text = (line.decode("utf-8-sig") for line in lines)
    line = 1
    try:
        first = next(text, "")
        sheet = csv.reader(chain((first,), text), delimiter=_between(first), strict=True)
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


def _between(first: str) -> str:
    """What stands between the cells: where a comma is a decimal sign, Excel saves semicolons."""
    return ";" if ";" in first and "," not in first else ","

"""Reads ``contracts.csv`` row by row, as strictly as ``line.yaml`` and however long it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from plan import accounts
from plan.cells import cells_of
from plan.findings import Finding, PaperError
from plan.forms import closest
from plan.reading import Hasher, Reading, Terms
from plan.sheet import Entry, Fields, Items, Mark, Word
from routing.contract import Contract
from routing.dialling import dialled_countries
from routing.line import Line
from routing.names import name_key

_OF_A_CONTRACT = ("contract", "customer", "plan", "valid_from", "valid_until", "premium_incidents")
_OF_A_CONTACT = ("pin", "pin_hash", "language", "email", "ends", "hears_of_releases")
_NEVER_EMPTY = ("contract", "customer", "plan", "contact", "phone")
_NEEDED = (*_OF_A_CONTRACT, "contact", "phone", "language")
KNOWN = (*_OF_A_CONTRACT, "contact", "phone", *_OF_A_CONTACT)
"""The columns that a file may have."""

REMARKS = ("line", "reason")
"""What the file of wrong rows says of each: once a row is corrected, nobody reads it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file on which it begins, and a contract with its one contact."""

    line: int
    contract: Contract


@dataclass(slots=True)
class _Earlier:
    """What the rows so far have said, kept small: a hash of each contract, contact and PIN."""

    contracts: dict[str, int] = field(default_factory=dict)
    contacts: set[int] = field(default_factory=set)
    pins: set[int] = field(default_factory=set)

    def note(self, row: dict[str, Word], reading: Reading) -> None:
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
                reading.note(pin.mark, accounts.SAME_PIN)
            self.pins.add(hash((contract, pin.text)))


def read_rows(lines: Iterable[bytes], line: Line, hasher: Hasher) -> Iterator[Row | Finding]:
    """Each row, or what is wrong with it, as they come.

    ``lines`` are those of a file opened in bytes. Rows of a contract may stand apart, but agree
    about it and have different PINs. A file with wrong columns gives nothing but findings.
    """
    terms = Terms(
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
    except PaperError as error:
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
    sheet: Iterator[tuple[int, list[str]]], columns: list[str], terms: Terms
) -> Iterator[Row | Finding]:
    earlier = _Earlier()
    for line, cells in sheet:
        if len(cells) < len(columns) or any(cells[len(columns) :]):
            yield Finding(line, "file", f"has {len(cells)} columns, not {len(columns)}")
            continue
        row = {
            column: Word(Mark(line, column), cell, given=bool(cell) or column in _NEVER_EMPTY)
            for column, cell in zip(columns, cells, strict=False)
        }
        reading = Reading(terms)
        earlier.note(row, reading)
        contract = reading.attempt(accounts.row, _entry(row))
        yield from reading.findings
        if contract and not reading.findings:
            yield Row(line, contract)


def _entry(row: dict[str, Word]) -> Fields:
    """A row as ``line.yaml`` would have it, each word still under the name of its column."""
    phone = row["phone"]
    numbers = tuple(Word(phone.mark, number) for number in phone.text.split(";"))
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


def _fields(mark: Mark, **entries: Entry) -> Fields:
    return Fields(mark, tuple((Word(mark, name), entry) for name, entry in entries.items()))

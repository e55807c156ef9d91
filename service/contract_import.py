"""Imports contracts row by row; contacts that no row names stay.

The command line writes each contract at once; the console first shows a preview. Both use
``ContractImport`` with a target of their own.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Protocol

from config.checks import count_excess_contacts
from config.contracts import SAME_PIN, ContractRow
from config.reader import Finding
from routing.caller.identify import find_contacts
from routing.contracts import Contact, Contract, ContractChange, ContractOrigin
from routing.line import Line
from routing.names import name_key
from routing.oncall.local_time import wall
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore, StaleError, StoredContract
from store.people.hashing import Argon2PinVerifier

# Where an import reads and writes contracts: the database, or a preview in memory.


class ImportTarget(Protocol):
    """The contracts of a line, as an import reads and writes them."""

    def read(self, number: str) -> StoredContract | None:
        """The contract of this number, with the changes made so far."""

    def put(self, change: ContractChange) -> None:
        """Write it. Raises StaleError, having changed nothing."""


@dataclass(frozen=True)
class DirectImport:
    """Writes each change at once, with ``entry`` as its audit entry."""

    store: ContractStore
    entry: AuditEntry

    def read(self, number: str) -> StoredContract | None:
        """The stored contract."""
        return self.store.read(number)

    def put(self, change: ContractChange) -> None:
        """Store the change."""
        self.store.put([change], self.entry)


@dataclass
class PreviewImport:
    """Keeps the changes in memory and writes nothing."""

    store: ContractStore
    origin: ContractOrigin
    before: dict[str, Contract | None] = field(default_factory=dict)
    after: dict[str, StoredContract] = field(default_factory=dict)

    def read(self, number: str) -> StoredContract | None:
        """The contract with the changes of this preview."""
        if number in self.after:
            return self.after[number]
        return self.store.read(number)

    def put(self, change: ContractChange) -> None:
        """Keep the change in memory."""
        number = change.after.number
        self.before.setdefault(number, change.before)
        self.after[number] = StoredContract(change.after, self.origin)

    @property
    def changes(self) -> Sequence[ContractChange]:
        """The changes of this preview, one a contract, in the order of the rows."""
        return [
            ContractChange(self.before[number], stored.contract)
            for number, stored in self.after.items()
        ]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result for one contract: added, changed, unchanged, or one of its contacts ended."""

    contract: str
    change: str
    contact: str | None = None


class ContractImport:
    """One import into one line."""

    def __init__(self, target: ImportTarget, line: Line, pepper: str, at: dt.datetime) -> None:
        """``at`` decides which contacts have ended already."""
        self._target, self._line = target, line
        self._verifier = Argon2PinVerifier(pepper)
        self._today = wall(at, line.timezone).date()
        self._pins: dict[str, str] = {}
        self._named: dict[str, set[str]] = defaultdict(set)
        self._crowded: dict[str, str] = {}

    def hash(self, pin: str, owner: str) -> str:
        """Hash a PIN; the PIN itself stays in memory until its row is imported."""
        hashed = self._verifier.hash(pin, owner)
        self._pins[hashed] = pin
        return hashed

    def import_rows(
        self, found: Iterable[ContractRow | Finding]
    ) -> Iterator[ImportResult | Finding]:
        """Import the valid rows, contract by contract, and pass the findings on."""
        for _, neighbours in groupby(found, _contract_number):
            rows = []
            for one in neighbours:
                if isinstance(one, ContractRow):
                    rows.append(one)
                else:
                    yield one
            if rows:
                yield from self._import_contract(rows)

    def find_unnamed(self) -> Iterator[tuple[Contract, list[Contact]]]:
        """The imported contracts, each with those of its contacts that no row named."""
        for number, names in self._named.items():
            stored = self._target.read(number)
            if stored is None:
                continue
            current = find_contacts(stored.contract, self._today, None)
            unnamed = [contact for contact in current if name_key(contact.name) not in names]
            if unnamed:
                yield stored.contract, unnamed

    def end_contacts(self, contract: Contract, ending: Sequence[Contact]) -> Iterator[ImportResult]:
        """End these contacts as of yesterday. Raises StaleError."""
        yesterday = self._today - dt.timedelta(days=1)
        contacts = list(contract.contacts)
        for place, contact in enumerate(contacts):
            if contact in ending:
                contacts[place] = replace(contact, ends=yesterday)
        self._put(contract, replace(contract, contacts=tuple(contacts)))
        for contact in ending:
            yield ImportResult(contract.number, "ended", contact.name)

    def list_crowded(self) -> Iterator[tuple[str, str]]:
        """The imported contracts that have more contacts than were sold, with a sentence each."""
        yield from self._crowded.items()

    def _import_contract(self, rows: Sequence[ContractRow]) -> Iterator[ImportResult | Finding]:
        """Read, merge and write; try again when somebody else changed the contract meanwhile."""
        number = rows[0].contract.number
        while True:
            try:
                found = self._merge(rows, self._target.read(number))
                break
            except StaleError:
                continue
        for row in rows:
            self._pins.pop(row.contract.contacts[0].pin_hash, None)
        yield from found

    def _merge(
        self, rows: Sequence[ContractRow], stored: StoredContract | None
    ) -> list[ImportResult | Finding]:
        """Merge neighbouring rows of one contract into the stored contract."""
        before: Contract | None = None
        if stored is not None and stored.of_the_file:
            taken = f"contract {stored.contract.number} is already defined in the file of the line"
            return [Finding(row.line, "contract", taken) for row in rows]
        if stored is not None:
            before = stored.contract
        good = [row for row in rows if not self._pin_is_taken(row, before, rows)]
        found: list[ImportResult | Finding] = [
            Finding(row.line, "pin", SAME_PIN) for row in rows if row not in good
        ]
        if not good:
            return found
        named = {name_key(c.name): c for row in good for c in row.contract.contacts}
        contacts = tuple(named.values())
        if before is not None:
            contacts = _merge_contacts(before.contacts, named)
        change = self._put(before, replace(good[-1].contract, contacts=contacts))
        self._named[change.after.number] |= set(named)
        return [*found, ImportResult(change.after.number, change.kind)]

    def _put(self, before: Contract | None, after: Contract) -> ContractChange:
        self._crowded.pop(after.number, None)
        if why := count_excess_contacts(after, self._line, self._today):
            self._crowded[after.number] = why
        change = ContractChange(before, after)
        if before != after:
            self._target.put(change)
        return change

    def _pin_is_taken(
        self, row: ContractRow, before: Contract | None, rows: Sequence[ContractRow]
    ) -> bool:
        """Whether a stored contact that these rows do not name has the same PIN."""
        (contact,) = row.contract.contacts
        pin = self._pins.get(contact.pin_hash)
        if pin is None or before is None:
            return False
        if (contact.name, contact.pin_hash) in {(c.name, c.pin_hash) for c in before.contacts}:
            return False
        replaced = {name_key(each.contract.contacts[0].name) for each in rows}
        current = find_contacts(before, self._today, None)
        others = [other for other in current if name_key(other.name) not in replaced]
        return self._verifier.find(pin, others) is not None


def _merge_contacts(stored: Iterable[Contact], named: Mapping[str, Contact]) -> tuple[Contact, ...]:
    """Merge the named contacts into the stored ones.

    A named contact replaces every stored spelling of its name, so that no older PIN still works.
    """
    contacts, left = [], dict(named)
    for contact in stored:
        key = name_key(contact.name)
        if key not in named:
            contacts.append(contact)
        elif key in left:
            contacts.append(left.pop(key))
    return (*contacts, *left.values())


def _contract_number(found: ContractRow | Finding) -> str | None:
    if isinstance(found, Finding):
        return None
    return found.contract.number


# Generated PINs, each shown once.


_ASCENDING = "01234567890123456789"


def generate_pin(length: int, others: Iterable[Contact], verifier: Argon2PinVerifier) -> str:
    """Draw a PIN that is not easy to guess and that no other contact of the contract has."""
    taken = tuple(others)
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(length))
        if not is_guessable(pin) and verifier.find(pin, taken) is None:
            return pin


def replace_pin(
    contact: Contact, contract: Contract, line: Line, pepper: str
) -> tuple[Contact, str]:
    """Return the contact with a new PIN, and the PIN, which is not kept anywhere."""
    verifier = Argon2PinVerifier(pepper)
    pin = generate_pin(line.pin.length, contract.contacts, verifier)
    owner = "\n".join((line.id, contract.number))
    return replace(contact, pin_hash=verifier.hash(pin, owner)), pin


def is_guessable(pin: str) -> bool:
    """True for one repeated digit, and for ascending or descending digits."""
    return len(set(pin)) == 1 or pin in _ASCENDING or pin in _ASCENDING[::-1]

"""Imports contracts row by row; contacts that no row names are kept.

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
from routing.caller.identify import contacts_now
from routing.contracts import Contact, Contract
from routing.line import Line
from routing.names import name_key
from routing.oncall.local_time import wall
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore, StaleError, StoredContract
from store.people.hashing import Argon2PinVerifier
from store.people.import_preview import ContractChange

# Where an import reads and writes contracts: the database, or a preview in memory.


class ImportTarget(Protocol):
    """The contracts of a line, as an import reads and writes them."""

    def read(self, number: str) -> StoredContract | None:
        """The contract of this number, with the changes made so far."""

    def put(self, change: ContractChange) -> None:
        """Write it. Raises StaleError, having changed nothing."""


@dataclass(frozen=True)
class DirectImport:
    """Writes each change at once, with ``deed`` as its audit entry."""

    register: ContractStore
    deed: AuditEntry

    def read(self, number: str) -> StoredContract | None:
        """The stored contract."""
        return self.register.read(number)

    def put(self, change: ContractChange) -> None:
        """Store the change."""
        self.register.put([change], self.deed)


@dataclass
class PreviewImport:
    """Keeps the changes in memory and writes nothing."""

    register: ContractStore
    origin: str
    before: dict[str, StoredContract | None] = field(default_factory=dict)
    after: dict[str, StoredContract] = field(default_factory=dict)

    def read(self, number: str) -> StoredContract | None:
        """The contract with the changes of this preview."""
        if number not in self.before:
            self.before[number] = self.register.read(number)
        return self.after.get(number, self.before[number])

    def put(self, change: ContractChange) -> None:
        """Keep the change in memory."""
        self.after[change.after.number] = StoredContract(change.after, self.origin)

    @property
    def changes(self) -> Sequence[ContractChange]:
        """The changes of this preview, one a contract, in the order of the rows."""
        changed = ((self.before[number], kept.contract) for number, kept in self.after.items())
        return [
            ContractChange(before.contract if before else None, after) for before, after in changed
        ]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result for one contract: added, changed, unchanged, or one of its contacts ended."""

    contract: str
    change: str
    contact: str | None = None


class ContractImport:
    """One import into one line."""

    def __init__(self, ledger: ImportTarget, line: Line, pepper: str, at: dt.datetime) -> None:
        """``at`` decides which contacts have ended already."""
        self._ledger, self._line = ledger, line
        self._locksmith = Argon2PinVerifier(pepper)
        self._today = wall(at, line.timezone).date()
        self._pins: dict[str, str] = {}
        self._named: dict[str, set[str]] = defaultdict(set)
        self._crowded: dict[str, str] = {}

    def hash(self, pin: str, owner: str) -> str:
        """Hash a PIN; the PIN itself stays in memory until its row is imported."""
        kept = self._locksmith.hash(pin, owner)
        self._pins[kept] = pin
        return kept

    def take(self, found: Iterable[ContractRow | Finding]) -> Iterator[ImportResult | Finding]:
        """Import the valid rows, contract by contract, and pass the findings on."""
        for _, neighbours in groupby(found, _contract_number):
            rows = []
            for one in neighbours:
                if isinstance(one, ContractRow):
                    rows.append(one)
                else:
                    yield one
            if rows:
                yield from self._take(rows)

    def missing(self) -> Iterator[tuple[Contract, list[Contact]]]:
        """The imported contracts, each with those of its contacts that no row named."""
        for number, names in self._named.items():
            kept = self._ledger.read(number)
            counting = contacts_now(kept.contract, self._today, None) if kept else []
            left = [contact for contact in counting if name_key(contact.name) not in names]
            if kept and left:
                yield kept.contract, left

    def end(self, contract: Contract, left: Sequence[Contact]) -> Iterator[ImportResult]:
        """End these contacts as of yesterday. Raises StaleError."""
        yesterday = self._today - dt.timedelta(days=1)
        contacts = tuple(replace(c, ends=yesterday) if c in left else c for c in contract.contacts)
        self._put(contract, replace(contract, contacts=contacts))
        for contact in left:
            yield ImportResult(contract.number, "ended", contact.name)

    def odd(self) -> Iterator[tuple[str, str]]:
        """The imported contracts that have more contacts than were sold, with a sentence each."""
        yield from self._crowded.items()

    def _take(self, rows: Sequence[ContractRow]) -> Iterator[ImportResult | Finding]:
        """Read, decide and write; try again when somebody else changed the contract meanwhile."""
        number = rows[0].contract.number
        while True:
            kept = self._ledger.read(number)
            try:
                found = self._decide(rows, kept)
                break
            except StaleError:
                continue
        for row in rows:
            self._pins.pop(row.contract.contacts[0].pin_hash, None)
        yield from found

    def _decide(
        self, rows: Sequence[ContractRow], kept: StoredContract | None
    ) -> list[ImportResult | Finding]:
        if kept is None or not kept.of_the_file:
            return self._merge(rows, kept.contract if kept else None)
        there = f"contract {kept.contract.number} is there already and came from: {kept.origin}"
        return [Finding(row.line, "contract", there) for row in rows]

    def _merge(
        self, rows: Sequence[ContractRow], kept: Contract | None
    ) -> list[ImportResult | Finding]:
        """Merge neighbouring rows of one contract into the stored contract."""
        good = [row for row in rows if not self._pin_is_taken(row, kept, rows)]
        found: list[ImportResult | Finding] = [
            Finding(row.line, "pin", SAME_PIN) for row in rows if row not in good
        ]
        if not good:
            return found
        named = {name_key(c.name): c for row in good for c in row.contract.contacts}
        after = replace(
            good[-1].contract, contacts=_merge_contacts(kept.contacts if kept else (), named)
        )
        change = self._put(kept, after)
        self._named[after.number] |= set(named)
        return [*found, ImportResult(after.number, change.kind)]

    def _put(self, before: Contract | None, after: Contract) -> ContractChange:
        self._crowded.pop(after.number, None)
        if why := count_excess_contacts(after, self._line, self._today):
            self._crowded[after.number] = why
        change = ContractChange(before, after)
        if before != after:
            self._ledger.put(change)
        return change

    def _pin_is_taken(
        self, row: ContractRow, kept: Contract | None, rows: Sequence[ContractRow]
    ) -> bool:
        """Whether a stored contact that these rows do not name has the same PIN."""
        (contact,) = row.contract.contacts
        pin = self._pins.get(contact.pin_hash)
        if pin is None or kept is None:
            return False
        if (contact.name, contact.pin_hash) in {(c.name, c.pin_hash) for c in kept.contacts}:
            return False
        replaced = {name_key(each.contract.contacts[0].name) for each in rows}
        counting = contacts_now(kept, self._today, None)
        others = [other for other in counting if name_key(other.name) not in replaced]
        return self._locksmith.find(pin, others) is not None


def _merge_contacts(kept: Iterable[Contact], named: Mapping[str, Contact]) -> tuple[Contact, ...]:
    """Merge the named contacts into the stored ones.

    A named contact replaces every stored spelling of its name, so that no older PIN still works.
    """
    contacts, left = [], dict(named)
    for contact in kept:
        key = name_key(contact.name)
        if key not in named:
            contacts.append(contact)
        elif key in left:
            contacts.append(left.pop(key))
    return (*contacts, *left.values())


def _contract_number(found: ContractRow | Finding) -> str | None:
    return found.contract.number if isinstance(found, ContractRow) else None


# Generated PINs, each shown once.


_ASCENDING = "01234567890123456789"


def generate_pin(length: int, others: Iterable[Contact], locksmith: Argon2PinVerifier) -> str:
    """Draw a PIN that is not easy to guess and that no other contact of the contract has."""
    taken = tuple(others)
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(length))
        if not is_guessable(pin) and locksmith.find(pin, taken) is None:
            return pin


def replace_pin(
    contact: Contact, contract: Contract, line: Line, pepper: str
) -> tuple[Contact, str]:
    """Return the contact with a new PIN, and the PIN, which is not kept anywhere."""
    locksmith = Argon2PinVerifier(pepper)
    pin = generate_pin(line.pin.length, contract.contacts, locksmith)
    owner = "\n".join((line.id, contract.number))
    return replace(contact, pin_hash=locksmith.hash(pin, owner)), pin


def is_guessable(pin: str) -> bool:
    """True for one repeated digit, and for ascending or descending digits."""
    return len(set(pin)) == 1 or pin in _ASCENDING or pin in _ASCENDING[::-1]

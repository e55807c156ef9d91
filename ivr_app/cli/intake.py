"""Contracts taken in row by row; contacts whom no row names are kept."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sqlalchemy import Engine

from plan.accounts import SAME_PIN
from plan.findings import Finding
from plan.rows import Row
from plan.warnings import crowded
from routing.caller.identify import contacts_now
from routing.contract import Contact, Contract
from routing.line import Line
from routing.schedule.wallclock import wall
from store.apply import IMPORT, ClashError, put_contracts
from store.people import SqlPeople
from store.pins import Argon2Locksmith


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a contract: added, changed, unchanged, or a contact of it ended."""

    contract: str
    change: str
    contact: str | None = None


class Intake:
    """One import into one line."""

    def __init__(self, engine: Engine, line: Line, pepper: str, at: dt.datetime) -> None:
        """``at`` tells which contacts have ended already."""
        self._engine, self._line = engine, line
        self._people = SqlPeople(engine)
        self._locksmith = Argon2Locksmith(pepper)
        self._today = wall(at, line.timezone).date()
        self._pins: dict[str, str] = {}
        self._named: dict[str, set[str]] = defaultdict(set)
        self._crowded: dict[str, str] = {}

    def hash(self, pin: str, owner: str) -> str:
        """What is kept of a PIN; the PIN itself is remembered until its row is taken in."""
        kept = self._locksmith.hash(pin, owner)
        self._pins[kept] = pin
        return kept

    def take(self, found: Iterable[Row | Finding]) -> Iterator[Change | Finding]:
        """Write what is right, contract by contract, and pass on what is wrong."""
        for _, neighbours in groupby(found, _contract_of):
            rows = []
            for one in neighbours:
                if isinstance(one, Row):
                    rows.append(one)
                else:
                    yield one
            if rows:
                yield from self._merge(rows)

    def missing(self) -> Iterator[tuple[Contract, list[Contact]]]:
        """The contracts taken in, each with those of its contacts whom no row named."""
        for number, names in self._named.items():
            contract = self._people.contract(self._line.id, number)
            counting = contacts_now(contract, self._today, None) if contract else []
            left = [contact for contact in counting if contact.name not in names]
            if contract and left:
                yield contract, left

    def end(self, contract: Contract, left: Sequence[Contact]) -> Iterator[Change]:
        """These contacts no longer count, from today on."""
        yesterday = self._today - dt.timedelta(days=1)
        contacts = tuple(replace(c, ends=yesterday) if c in left else c for c in contract.contacts)
        self._put(replace(contract, contacts=contacts))
        for contact in left:
            yield Change(contract.number, "ended", contact.name)

    def odd(self) -> Iterator[str]:
        """The contracts taken in that have more contacts than were sold."""
        yield from (f"contract {number}: contacts: {why}" for number, why in self._crowded.items())

    def _merge(self, rows: Sequence[Row]) -> Iterator[Change | Finding]:
        """Write neighbouring rows of one contract over what is kept of it."""
        number = rows[0].contract.number
        kept = self._people.contract(self._line.id, number)
        contacts = {contact.name: contact for contact in kept.contacts} if kept else {}
        good = []
        for row in rows:
            if self._pin_is_taken(row, kept, rows):
                yield Finding(row.line, "pin", SAME_PIN)
            else:
                good.append(row)
        contacts |= {contact.name: contact for row in good for contact in row.contract.contacts}
        if not good:
            return
        try:
            said = self._put(replace(good[-1].contract, contacts=tuple(contacts.values())))
        except ClashError as clash:
            yield from (Finding(row.line, "contract", str(clash)) for row in good)
            return
        self._named[number] |= {contact.name for row in good for contact in row.contract.contacts}
        yield Change(number, "unchanged" if not said else "changed" if kept else "added")

    def _put(self, contract: Contract) -> Sequence[str]:
        self._crowded.pop(contract.number, None)
        if why := crowded(contract, self._line, self._today):
            self._crowded[contract.number] = why
        return put_contracts(self._engine, self._line.id, [contract], IMPORT)

    def _pin_is_taken(self, row: Row, kept: Contract | None, rows: Sequence[Row]) -> bool:
        """Whether a contact who is kept, and whom these rows leave alone, has the same PIN."""
        (contact,) = row.contract.contacts
        pin = self._pins.pop(contact.pin_hash, None)
        if pin is None or kept is None or contact.pin_hash in {c.pin_hash for c in kept.contacts}:
            return False
        replaced = {each.contract.contacts[0].name for each in rows}
        return any(
            self._locksmith.fits(pin, other)
            for other in contacts_now(kept, self._today, None)
            if other.name not in replaced
        )


def _contract_of(found: Row | Finding) -> str | None:
    return found.contract.number if isinstance(found, Row) else None

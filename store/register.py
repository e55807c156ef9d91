"""The contracts of a line as people change them: what somebody saw is what they change, or they
are told that it is another by now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, and_, select
from sqlalchemy.exc import IntegrityError

from routing.contract import Contact, Contract
from store.apply import FILE
from store.contracts import add_contracts, contracts_that, read_contracts, replace_contract
from store.engine import reading, writing
from store.preview import Change
from store.staff.audit import Deed, record
from store.tables import contracts

_WRITTEN = TypeAdapter(Contract)
_TOLD = ("plan", "since", "until", "premium_incidents")
"""What the audit log tells with its values: of people it tells only that something changed."""


class StaleError(Exception):
    """These contracts are not any more what somebody saw of them; nothing was changed."""

    def __init__(self, numbers: Sequence[str]) -> None:
        """``numbers`` are those of the contracts."""
        super().__init__(", ".join(numbers))
        self.numbers = tuple(numbers)


@dataclass(frozen=True, slots=True)
class Kept:
    """A contract as it is kept, and where it came from: file, import or console."""

    contract: Contract
    origin: str

    @property
    def of_the_file(self) -> bool:
        """True when only the file changes it."""
        return self.origin == FILE

    @property
    def mark(self) -> str:
        """What tells this contract, as it is, from the same one after any change."""
        return hashlib.sha256(_WRITTEN.dump_json(self.contract)).hexdigest()[:32]


class Register:
    """The contracts of one line."""

    def __init__(self, engine: Engine, line_id: str, origin: str) -> None:
        """``origin`` is where the contracts that are added come from."""
        self._engine, self._line, self._origin = engine, line_id, origin

    def read(self, number: str) -> Kept | None:
        """The contract of this number, with everybody who ever could call on it."""
        with reading(self._engine) as connection:
            return self._read(connection, number)

    def put(self, changes: Iterable[Change], deed: Deed, *, over: Deed | None = None) -> None:
        """Make all of these changes, each with its deed in the audit log, or none of them; ``over``
        is a deed that stands for them all.

        Raises StaleError, which names every contract that is not what it was ``before``; one that
        stands in the file is changed there, and is nobody's to change here.
        """
        stale: list[str] = []
        with writing(self._engine) as connection:
            for change in changes:
                if not self._put(connection, change):
                    stale.append(change.after.number)
                elif not stale:
                    about = deed.on("contract", f"{self._line}/{change.after.number}")
                    record(connection, about.on(about.kind, about.thing, *told(change)))
            if stale:
                raise StaleError(stale)
            if over is not None:
                record(connection, over)

    def _put(self, connection: Connection, change: Change) -> bool:
        """Write it; False where the contract is not what it was, or stands in the file."""
        number = change.after.number
        mine = and_(contracts.c.line == self._line, contracts.c.number == number)
        connection.execute(select(contracts.c.number).where(mine).with_for_update())
        kept = self._read(connection, number)
        if (kept.contract if kept else None) != change.before:
            return False
        if kept is not None:
            if kept.of_the_file:
                return False
            replace_contract(connection, self._line, change.after)
            return True
        try:
            with connection.begin_nested():
                add_contracts(connection, self._line, [change.after], self._origin)
        except IntegrityError:
            return False
        return True

    def _read(self, connection: Connection, number: str) -> Kept | None:
        mine = and_(contracts.c.line == self._line, contracts.c.number == number)
        origin = connection.scalar(select(contracts.c.origin).where(mine))
        found = read_contracts(connection, contracts_that(mine)) if origin else ()
        return Kept(found[0], origin) if found and origin else None


def told(change: Change) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What the audit log tells of a change: no name, no number, no PIN."""
    before, after = change.before, change.after
    if before is None:
        return None, {name: getattr(after, name) for name in _TOLD} | _people(after)
    differing = [name for name in _TOLD if getattr(before, name) != getattr(after, name)]
    was = {name: getattr(before, name) for name in differing}
    now: dict[str, Any] = {name: getattr(after, name) for name in differing}
    if _people(before) != _people(after):
        was, now = was | _people(before), now | _people(after)
    known = {contact.name: contact for contact in before.contacts}
    pairs = [(known[each.name], each) for each in after.contacts if each.name in known]
    marks = {
        "customer_changed": int(before.customer != after.customer),
        "contacts_changed": sum(_without_pin(old) != _without_pin(new) for old, new in pairs),
        "pins_changed": sum(old.pin_hash != new.pin_hash for old, new in pairs),
    }
    return was or None, now | {name: count for name, count in marks.items() if count}


def _people(contract: Contract) -> dict[str, Any]:
    return {"contacts": len(contract.contacts)}


def _without_pin(contact: Contact) -> tuple[Any, ...]:
    return astuple(replace(contact, pin_hash=""))

"""Changes of contracts by people and programs. A change is refused if somebody else changed the
contract since it was read."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    Contact,
    Contract,
    ContractChange,
    ContractField,
    ContractOrigin,
    find_changed_fields,
)
from routing.names import name_key
from store.db.engine import reading, writing
from store.log.retention import PREVIEW_KEPT_FOR
from store.people.audit import AuditEntry, record
from store.people.contracts import (
    add_contracts,
    build_contracts,
    replace_contracts,
    select_contracts,
)
from store.people.import_preview import ImportPreview
from store.tables.people import contracts
from store.tables.work import import_previews

_JSON = TypeAdapter(Contract)
_AUDITED = [each for each in CONTRACT_FIELDS if not (each.identity or each.personal)]
"""The fields with their values in the audit log; of the others it has only that they changed."""
_SECRETS = [each for each in CONTACT_FIELDS if each.secret]
_OPEN = [each for each in CONTACT_FIELDS if not each.secret]


class StaleError(Exception):
    """Somebody else changed these contracts meanwhile; nothing was written."""

    def __init__(self, numbers: Sequence[str]) -> None:
        """Keep the numbers of the contracts."""
        super().__init__(", ".join(numbers))
        self.numbers = tuple(numbers)


@dataclass(frozen=True, slots=True)
class StoredContract:
    """A contract, and where it was added."""

    contract: Contract
    origin: ContractOrigin

    @property
    def of_the_file(self) -> bool:
        """True if only line.yaml changes it."""
        return self.origin is ContractOrigin.FILE

    @property
    def mark(self) -> str:
        """A hash of the contract, which is different after any change."""
        return hashlib.sha256(_JSON.dump_json(self.contract)).hexdigest()[:32]


class ContractStore:
    """The contracts of one line."""

    def __init__(self, engine: Engine, line_id: str, origin: ContractOrigin) -> None:
        """``origin`` is that of contracts that are added."""
        self._engine, self._line, self._origin = engine, line_id, origin

    def read(self, number: str) -> StoredContract | None:
        """The contract with this number, with all its contacts, or None."""
        with reading(self._engine) as connection:
            return self._read(connection, [number]).get(number)

    def put(
        self,
        changes: Sequence[ContractChange],
        entry: AuditEntry,
        *,
        summary: AuditEntry | None = None,
    ) -> None:
        """Make all of these changes or none, each with an audit entry like ``entry``, and with
        ``summary`` for all of them. They are written together, so that calls hardly wait.

        Raises StaleError with every contract that is not as it was ``before``, and with every
        contract of line.yaml, which is changed only there.
        """
        entries = [self._fill_in(entry, one) for one in changes]
        if summary is not None:
            entries.append(summary)
        with writing(self._engine) as connection:
            stored = self._read(connection, [one.after.number for one in changes], lock=True)
            stale = [one.after.number for one in changes if not _is_current(one, stored)]
            if stale:
                raise StaleError(stale)
            self._add(connection, [one.after for one in changes if one.before is None])
            changed = [one.after for one in changes if one.before is not None]
            replace_contracts(connection, self._line, changed)
            record(connection, *entries)

    def _add(self, connection: Connection, new: Sequence[Contract]) -> None:
        try:
            with connection.begin_nested():
                add_contracts(connection, self._line, new, self._origin)
        except IntegrityError:  # somebody else added one after we read
            known = self._read(connection, [contract.number for contract in new])
            raise StaleError(list(known)) from None

    def _read(
        self, connection: Connection, numbers: Sequence[str], *, lock: bool = False
    ) -> dict[str, StoredContract]:
        """The contracts with these numbers; ``lock`` their rows until the transaction ends."""
        mine = and_(contracts.c.line == self._line, contracts.c.number.in_(numbers))
        wanted = select(contracts.c.number, contracts.c.origin).where(mine)
        if lock:
            wanted = wanted.order_by(contracts.c.number).with_for_update()
        origins = {row.number: ContractOrigin(row.origin) for row in connection.execute(wanted)}
        if not origins:
            return {}
        return {
            one.number: StoredContract(one, origins[one.number])
            for one in build_contracts(connection.execute(select_contracts(mine)))
            if one.number in origins
        }

    def _fill_in(self, entry: AuditEntry, change: ContractChange) -> AuditEntry:
        return entry.on("contract", f"{self._line}/{change.after.number}", *audit_values(change))


def _is_current(change: ContractChange, stored: Mapping[str, StoredContract]) -> bool:
    """True if a contract is still as it was before the change, and may be changed here."""
    found = stored.get(change.after.number)
    if found is None:
        return change.before is None
    return found.contract == change.before and not found.of_the_file


def audit_values(change: ContractChange) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The values before and after a change for the audit log: no name, no phone, no PIN."""
    before, after = change.before, change.after
    if before is None:
        return None, _values(_AUDITED, after) | _count_contacts(after)
    differing = find_changed_fields(_AUDITED, before, after)
    was, now = _values(differing, before), _values(differing, after)
    if len(before.contacts) != len(after.contacts):
        was |= _count_contacts(before)
        now |= _count_contacts(after)
    return was or None, now | _list_hidden_changes(before, after)


def _values(fields: Sequence[ContractField], of: Contract) -> dict[str, Any]:
    return {each.name: getattr(of, each.name) for each in fields}


def _count_contacts(contract: Contract) -> dict[str, Any]:
    return {"contacts": len(contract.contacts)}


def _list_hidden_changes(before: Contract, after: Contract) -> dict[str, Any]:
    """The personal fields that changed, and how many contacts and PINs did."""
    personal = [each for each in CONTRACT_FIELDS if each.personal]
    changed = find_changed_fields(personal, before, after)
    known = {name_key(contact.name): contact for contact in before.contacts}
    named = ((name_key(each.name), each) for each in after.contacts)
    pairs = [(known[key], each) for key, each in named if key in known]
    counts = {
        "contacts_changed": _count_changed(_OPEN, pairs),
        "pins_changed": _count_changed(_SECRETS, pairs),
    }
    hidden: dict[str, Any] = {f"{each.name}_changed": True for each in changed}
    return hidden | {name: count for name, count in counts.items() if count}


def _count_changed(
    fields: Sequence[ContractField], pairs: Sequence[tuple[Contact, Contact]]
) -> int:
    return sum(bool(find_changed_fields(fields, old, new)) for old, new in pairs)


# Previews of imports. An account has one at a time, for an hour.


class ImportPreviews:
    """The previews of one account."""

    def __init__(self, engine: Engine, account: int) -> None:
        """Touches no database yet."""
        self._engine, self._account = engine, account

    def keep(self, line: str, preview: ImportPreview, at: dt.datetime) -> str:
        """Store a preview and return its key. It replaces an earlier one."""
        key = secrets.token_urlsafe(16)
        row = {
            "id": key,
            "account": self._account,
            "line": line,
            "created_at": at,
            "value": preview,
        }
        with writing(self._engine) as connection:
            connection.execute(
                delete(import_previews).where(import_previews.c.account == self._account)
            )
            connection.execute(insert(import_previews), row)
        return key

    def find(self, key: str, line: str, at: dt.datetime) -> ImportPreview | None:
        """The preview with this key, or None if it has expired."""
        wanted = select(import_previews.c.value).where(self._its(key, line), self._lives(at))
        with reading(self._engine) as connection:
            found: ImportPreview | None = connection.scalar(wanted)
            return found

    def write(self, key: str, line: str, preview: ImportPreview) -> None:
        """Replace the preview with this key."""
        with writing(self._engine) as connection:
            its = update(import_previews).where(self._its(key, line))
            connection.execute(its.values(value=preview))

    def drop(self, key: str, line: str) -> None:
        """Delete the preview with this key."""
        with writing(self._engine) as connection:
            connection.execute(delete(import_previews).where(self._its(key, line)))

    def _its(self, key: str, line: str) -> ColumnElement[bool]:
        theirs = and_(import_previews.c.account == self._account, import_previews.c.line == line)
        return and_(theirs, import_previews.c.id == key)

    def _lives(self, at: dt.datetime) -> ColumnElement[bool]:
        return import_previews.c.created_at > at - PREVIEW_KEPT_FOR

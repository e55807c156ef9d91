"""Lines and contracts in a database, and how the file of a line is applied."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from routing.contracts import Contract, ContractOrigin, ReleaseSubscriber
from routing.drill import find_line_or_drill
from routing.line import Line
from routing.ports import LineRepository
from store.db.engine import reading, writing
from store.db.prepared import Prepared
from store.db.sql_types import FoldedText
from store.people.audit import AuditEntry, record
from store.people.calendar_links import withdraw_links_of_engineer
from store.people.contracts import (
    add_contracts,
    build_contact,
    build_contracts,
    read_phones,
    remove_contracts,
    select_contracts,
)
from store.people.overrides import apply_overrides, read_overrides
from store.people.phones import add_phones, read_verified
from store.tables.people import contact_phones, contacts, contracts, lines


class ClashError(Exception):
    """A contract or number belongs to something else; the message names both."""


class StaleLineError(Exception):
    """The line is not as the program saw it; nothing was written."""


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line and its contracts as a file had them: without swaps, absences and added phones."""

    line: Line
    contracts: tuple[Contract, ...]

    @property
    def mark(self) -> str:
        """A hash of both, which is different after any change."""
        parts = (_LINE_JSON.dump_json(self.line), _CONTRACTS_JSON.dump_json(self.contracts))
        return hashlib.sha256(b"\n".join(parts)).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ApplyTerms:
    """How a file is applied: the audit entry of the changes, the marks one of which the stored line
    must have (None: any; empty: there is no such line yet), or only to see what would change."""

    entry: AuditEntry | None = None
    expected: Collection[str] | None = None
    dry_run: bool = False


PLAIN_TERMS = ApplyTerms()


@dataclass(frozen=True, slots=True)
class AppliedLine:
    """The changes as sentences, the mark of the line after them, and whether it is a new line."""

    changes: tuple[str, ...]
    mark: str
    added: bool


_LINE_JSON: TypeAdapter[Line] = TypeAdapter(Line)
_CONTRACTS_JSON: TypeAdapter[tuple[Contract, ...]] = TypeAdapter(tuple[Contract, ...])
AUDITED_CHANGES = 200
"""Changes that the audit log lists of one file."""


class _DryRunError(Exception):
    """Rolls back what a dry run wrote."""


def apply_line(
    engine: Engine,
    line: Line,
    wanted: Sequence[Contract],
    at: dt.datetime,
    terms: ApplyTerms = PLAIN_TERMS,
) -> AppliedLine:
    """Make line and contracts match the file; a dry run rolls back what it wrote.

    Touches only contracts that came from the file. Raises ClashError, having changed nothing, when
    a contract has another origin, the number is another line's, or the file lacks a plan that a
    contract of another origin has; and StaleLineError.
    """
    with suppress(_DryRunError), writing(engine) as connection:
        before = _read_stored(connection, line.id, lock=True)
        _refuse_stale(before, terms)
        said = [
            *_put_line(connection, line, at),
            *_replace(connection, line.id, before.contracts if before else (), wanted),
        ]
        if said and terms.entry is not None:
            listed = {"changes": said[:AUDITED_CHANGES], "count": len(said)}
            record(connection, terms.entry.on("line", line.id, None, listed))
        after = StoredLine(line, tuple(sorted(wanted, key=lambda one: one.number)))
        done = AppliedLine(tuple(said), after.mark, added=before is None)
        if terms.dry_run:
            raise _DryRunError
    return done


def find_stored_line(engine: Engine, line_id: str) -> StoredLine | None:
    """The line and its contracts as the last file had them, or None."""
    with reading(engine) as connection:
        return _read_stored(connection, line_id)


def _read_stored(connection: Connection, line_id: str, *, lock: bool = False) -> StoredLine | None:
    which = select(lines.c.value).where(lines.c.id == line_id)
    if lock:
        which = which.with_for_update()
    line = connection.scalar(which)
    if line is None:
        return None
    ours = and_(contracts.c.line == line_id, contracts.c.origin == ContractOrigin.FILE)
    return StoredLine(line, tuple(build_contracts(connection.execute(select_contracts(ours)))))


def _refuse_stale(before: StoredLine | None, terms: ApplyTerms) -> None:
    if terms.expected is None:
        return
    mark = ""
    if before is not None:
        mark = before.mark
    if mark not in terms.expected:
        raise StaleLineError


def _replace(
    connection: Connection, line_id: str, before: Sequence[Contract], after: Sequence[Contract]
) -> Sequence[str]:
    """Replace the contracts of the file."""
    new = [contract for contract in after if contract not in before]
    remove_contracts(connection, line_id, [old.number for old in before if old not in after])
    _refuse_clash(connection, line_id, [contract.number for contract in new])
    add_contracts(connection, line_id, new, ContractOrigin.FILE)
    return describe_contract_changes(before, after)


def _refuse_clash(connection: Connection, line_id: str, numbers: Sequence[str]) -> None:
    taken = and_(contracts.c.line == line_id, contracts.c.number.in_(numbers))
    found = select(contracts.c.number, contracts.c.origin).where(taken).limit(1)
    row = connection.execute(found).first()
    if row is not None:
        raise ClashError(f"contract {row.number} is there already and came from: {row.origin}")


def _refuse_missing_plan(connection: Connection, line: Line) -> None:
    kept = and_(contracts.c.line == line.id, contracts.c.origin != ContractOrigin.FILE)
    lost = contracts.c.plan.not_in([plan.id for plan in line.plans])
    found = select(contracts.c.number, contracts.c.plan, contracts.c.origin).where(kept, lost)
    row = connection.execute(found.order_by(contracts.c.number).limit(1)).first()
    if row is not None:
        whose = f"contract {row.number}, which came from: {row.origin}"
        raise ClashError(f"plan {row.plan} is missing, and is the plan of {whose}")


def _put_line(connection: Connection, line: Line, at: dt.datetime) -> Sequence[str]:
    same_number = and_(lines.c.number == line.number, lines.c.id != line.id)
    other = connection.scalar(select(lines.c.id).where(same_number))
    if other is not None:
        raise ClashError(f"number {line.number} of line {line.id} is the number of line {other}")
    old = connection.execute(select(lines).where(lines.c.id == line.id).with_for_update()).first()
    said = describe_line_changes(old.value if old else None, line)
    if said:
        row = {
            "id": line.id,
            "number": line.number,
            "texts_from": line.texts_from or line.number,
            "version": old.version + 1 if old else 1,
            "changed_at": at,
            "value": line,
        }
        connection.execute(
            update(lines).where(lines.c.id == line.id) if old else insert(lines), row
        )
    _refuse_missing_plan(connection, line)
    return [*said, *_see_off(connection, old.value if old else None, line, at)]


def _see_off(
    connection: Connection, before: Line | None, after: Line, at: dt.datetime
) -> Iterator[str]:
    """Whoever is in the file no more reads no calendar of the line any more."""
    gone = [e.id for e in before.engineers if after.engineer(e.id) is None] if before else []
    for engineer in gone:
        withdraw_links_of_engineer(connection, after, engineer, at)
    if gone:
        yield f"line {after.id}: the calendar links of its schedules are new, see `calendars`"


SUBSCRIBERS_AT_ONCE = 200


def _lasts(end: Column[dt.date], today: dt.date) -> ColumnElement[bool]:
    return or_(end.is_(None), end >= today)


_VERSIONS = select(lines.c.id, lines.c.version)
_VERSION_OF_EACH = Prepared(_VERSIONS.order_by(lines.c.id))
_VERSION = Prepared(_VERSIONS.where(lines.c.id == bindparam("id")))
_OURS = contracts.c.line == bindparam("its_line")
_CONTRACT = Prepared(select_contracts(and_(_OURS, contracts.c.number == bindparam("its_number"))))
_OWNERS = (
    select(contacts.c.contract)
    .join(contact_phones, contact_phones.c.contact == contacts.c.id)
    .where(contact_phones.c.phone == bindparam("its_phone"))
    .where(contacts.c.line == bindparam("its_line"))
)
_WHOSE = Prepared(select_contracts(and_(_OURS, contracts.c.number.in_(_OWNERS))))
_WRITERS = (
    select(contacts.c.contract)
    .where(FoldedText(contacts.c.email) == bindparam("its_email"))
    .where(contacts.c.line == bindparam("its_line"))
)
_OF_WRITER = select_contracts(and_(_OURS, contracts.c.number.in_(_WRITERS)))

_ON_FILE = Prepared(
    select(contracts.c.number)
    .where(_OURS, contracts.c.origin == ContractOrigin.FILE, contracts.c.number.in_(_OWNERS))
    .limit(1)
)
_UNFILED = (
    select(contacts.c.contract, contact_phones.c.phone)
    .join(contact_phones, contact_phones.c.contact == contacts.c.id)
    .join(
        contracts,
        and_(contracts.c.line == contacts.c.line, contracts.c.number == contacts.c.contract),
    )
    .where(_OURS, contracts.c.origin != ContractOrigin.FILE)
    .order_by(contacts.c.contract)
)


class SqlLineRepository(LineRepository):
    """Lines with their overrides and added phones, contracts and contacts."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine
        self._read: dict[str, tuple[int, Line]] = {}

    def find_line(self, line_id: str) -> Line | None:
        """The line of this id."""
        return find_line_or_drill(self._find, line_id)

    def _find(self, line_id: str) -> Line | None:
        with reading(self._engine) as connection:
            version = _VERSION.first(connection, id=line_id)
            return None if version is None else self._current(connection, *version)

    def find_lines_by_text_number(self, number: str) -> Sequence[Line]:
        """The lines whose texts come from this number, or that it reaches, by id; it may be written
        in any way."""
        return [line for line in self.list_lines() if line.texts_at(number)]

    def list_lines(self) -> Sequence[Line]:
        """Every line, by id."""
        with reading(self._engine) as connection:
            versions = _VERSION_OF_EACH.rows(connection)
            return [self._current(connection, *version) for version in versions]

    def read_call_rates(self) -> Mapping[str, int]:
        """How many calls a second the carrier places, by line."""
        return {line.id: line.carrier.calls_per_second for line in self.list_lines()}

    def read_changed_at(self, line_id: str) -> dt.datetime | None:
        """When the line or an override of its schedules last changed."""
        with reading(self._engine) as connection:
            return connection.scalar(select(lines.c.changed_at).where(lines.c.id == line_id))

    def find_contract(self, line_id: str, number: str) -> Contract | None:
        """The contract of this number with all its contacts, including those that have ended."""
        with reading(self._engine) as connection:
            found = _CONTRACT.rows(connection, its_line=line_id, its_number=number)
            return next(iter(build_contracts(found)), None)

    def find_contracts_by_phone(self, line_id: str, phone: str) -> Sequence[Contract]:
        """The contracts with a contact who has this phone, by number."""
        with reading(self._engine) as connection:
            return build_contracts(_WHOSE.rows(connection, its_line=line_id, its_phone=phone))

    def find_contracts_by_email(self, line_id: str, email: str) -> Sequence[Contract]:
        """The contracts with a contact who has this mail address, by number."""
        given = {"its_line": line_id, "its_email": email.lower()}
        with reading(self._engine) as connection:
            return build_contracts(connection.execute(_OF_WRITER, given))

    def is_file_phone(self, line_id: str, phone: str) -> bool:
        """True when a contact of a contract from the line's file has this phone."""
        with reading(self._engine) as connection:
            return _ON_FILE.first(connection, its_line=line_id, its_phone=phone) is not None

    def list_unfiled_phones(self, line_id: str) -> Sequence[tuple[str, str]]:
        """Contract numbers with the phones of their contacts, of contracts that are not in the
        file."""
        with reading(self._engine) as connection:
            found = connection.execute(_UNFILED, {"its_line": line_id})
            return [(row.contract, row.phone) for row in found]

    def find_subscribers(
        self, line_id: str, plans: Sequence[str], today: dt.date, after: int = 0
    ) -> Sequence[ReleaseSubscriber]:
        """The next contacts who asked for release messages after this id, oldest first."""
        theirs = and_(
            contracts.c.line == contacts.c.line, contracts.c.number == contacts.c.contract
        )
        begun = or_(contracts.c.valid_from.is_(None), contracts.c.valid_from <= today)
        held = and_(begun, _lasts(contracts.c.valid_until, today), contracts.c.plan.in_(plans))
        asked = and_(contacts.c.hears_of_releases, _lasts(contacts.c.ends, today))
        wanted = (
            select(contacts)
            .join(contracts, theirs)
            .where(contacts.c.line == line_id, contacts.c.id > after, held, asked)
            .order_by(contacts.c.id)
            .limit(SUBSCRIBERS_AT_ONCE)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).all()
            phones = read_phones(connection, [row.id for row in rows])
            return [
                ReleaseSubscriber(r.id, r.contract, build_contact(r, phones[r.id])) for r in rows
            ]

    def _current(self, connection: Connection, line_id: str, version: int) -> Line:
        """The line, read again only when its version has changed."""
        known = self._read.get(line_id)
        if known is None or known[0] != version:
            document = connection.scalars(select(lines.c.value).where(lines.c.id == line_id)).one()
            line = apply_overrides(document, read_overrides(connection, line_id))
            line = add_phones(line, read_verified(connection, line_id))
            known = self._read[line_id] = (version, line)
        return known[1]


_LISTS = {"engineers": "engineer", "schedules": "schedule", "plans": "plan"}


def describe_line_changes(before: Line | None, after: Line) -> list[str]:
    """The changes of a line as sentences; empty when nothing changed."""
    if before is None:
        return [f"line {after.id} added"]
    said = []
    for name in (field.name for field in fields(Line)):
        old, new = getattr(before, name), getattr(after, name)
        if name in _LISTS:
            said += _between(_LISTS[name], {e.id: e for e in old}, {e.id: e for e in new})
        elif old != new:
            said.append(f"line {after.id}: {name} changed")
    if _changes_rank(before, after):
        said.append(f"line {after.id}: open incidents keep the rank with which they were opened")
    return said or ([f"line {after.id}: order changed"] if before != after else [])


def _changes_rank(before: Line, after: Line) -> bool:
    ranks = {plan.id: plan.rank for plan in before.plans}
    return any(ranks.get(plan.id, plan.rank) != plan.rank for plan in after.plans)


def describe_contract_changes(before: Sequence[Contract], after: Sequence[Contract]) -> list[str]:
    """The added, changed and removed contracts as sentences."""
    return _between("contract", {c.number: c for c in before}, {c.number: c for c in after})


def _between(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    said = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            said.append(f"{what} {name} added")
        elif name not in after:
            said.append(f"{what} {name} removed")
        elif before[name] != after[name]:
            said.append(f"{what} {name} changed")
    return said

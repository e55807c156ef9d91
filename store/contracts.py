"""The rows of contracts, their contacts and the phones of those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, delete, insert, select

from routing.contract import Contact, Contract, Plan
from store.engine import reading
from store.tables import contact_phones, contacts, contracts

_CONTRACT = ("number", "customer", "plan", "since", "until", "premium_incidents")
_CONTACT = ("name", "pin_hash", "language", "email", "ends", "hears_of_releases")


def read_contracts(connection: Connection, which: ColumnElement[bool]) -> list[Contract]:
    """The contracts for which this holds, by number, with their contacts in the order written."""
    found = connection.execute(select(contracts).where(which).order_by(contracts.c.number)).all()
    return [
        Contract(
            number=row.number,
            customer=row.customer,
            plan=Plan(row.plan),
            since=row.since,
            until=row.until,
            premium_incidents=row.premium_incidents,
            contacts=_contacts(connection, row.line, row.number),
        )
        for row in found
    ]


def list_contracts(
    engine: Engine, line_id: str, after: str | None, limit: int
) -> tuple[list[Contract], str | None]:
    """A page of a line's contracts by number, and the number after which the next one begins."""
    theirs = contracts.c.line == line_id
    ahead = theirs if after is None else and_(theirs, contracts.c.number > after)
    numbers = select(contracts.c.number).where(ahead).order_by(contracts.c.number).limit(limit + 1)
    with reading(engine) as connection:
        found = connection.scalars(numbers).all()
        page = found[:limit]
        rows = read_contracts(connection, and_(theirs, contracts.c.number.in_(page)))
    return rows, page[-1] if len(found) > limit else None


def add_contracts(
    connection: Connection, line_id: str, new: Iterable[Contract], origin: str
) -> None:
    """Write these contracts as coming from ``origin``: file, import or console."""
    for contract in new:
        row = {name: getattr(contract, name) for name in _CONTRACT}
        connection.execute(insert(contracts), row | {"line": line_id, "origin": origin})
        for contact in contract.contacts:
            about = {name: getattr(contact, name) for name in _CONTACT}
            about |= {"line": line_id, "contract": contract.number}
            added = connection.execute(insert(contacts).returning(contacts.c.id), about)
            _add_phones(connection, added.scalar_one(), contact.phones)


def remove_contracts(connection: Connection, line_id: str, numbers: Iterable[str]) -> None:
    """Delete these contracts with their contacts and phones."""
    for number in numbers:
        theirs = and_(contracts.c.line == line_id, contracts.c.number == number)
        connection.execute(delete(contracts).where(theirs))


def _add_phones(connection: Connection, contact: int, phones: Sequence[str]) -> None:
    rows = [{"contact": contact, "place": i, "phone": phone} for i, phone in enumerate(phones)]
    if rows:
        connection.execute(insert(contact_phones), rows)


def _contacts(connection: Connection, line_id: str, number: str) -> tuple[Contact, ...]:
    theirs = and_(contacts.c.line == line_id, contacts.c.contract == number)
    rows = connection.execute(select(contacts).where(theirs).order_by(contacts.c.id)).all()
    phones = phones_of(connection, [row.id for row in rows])
    return tuple(contact_of(row, phones[row.id]) for row in rows)


def phones_of(connection: Connection, ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    """The phones of these contacts, each in the order written."""
    found: dict[int, list[str]] = defaultdict(list)
    wanted = select(contact_phones).where(contact_phones.c.contact.in_(ids))
    for row in connection.execute(wanted.order_by(contact_phones.c.place)):
        found[row.contact].append(row.phone)
    return found


def contact_of(row: Row[Any], phones: Sequence[str]) -> Contact:
    """The contact of a row."""
    return Contact(phones=tuple(phones), **{name: getattr(row, name) for name in _CONTACT})

"""The rows of contracts, their contacts and the phones of those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    Contact,
    Contract,
    ContractOrigin,
    EmailLevel1,
    ValueKind,
)
from store.db.engine import reading
from store.tables.people import contact_phones, contacts, contracts

_CONTRACT = tuple(each.name for each in CONTRACT_FIELDS)
_CONTACT = tuple(each.name for each in CONTACT_FIELDS if each.kind is not ValueKind.PHONES)
"""Columns of the tables; phones have a table of their own."""

_NUMBER, _ID = _CONTRACT.index("number"), len(_CONTRACT)
"""Places in a row of ``select_contracts``; the columns of a contact follow its id."""


def select_contracts(which: ColumnElement[bool]) -> Select[Any]:
    """The statement that finds these contracts, with a row for each phone of a contact."""
    theirs = and_(contacts.c.line == contracts.c.line, contacts.c.contract == contracts.c.number)
    return (
        select(
            *(contracts.c[name] for name in _CONTRACT),
            contacts.c.id,
            *(contacts.c[name] for name in _CONTACT),
            contact_phones.c.phone,
        )
        .join(contacts, theirs, isouter=True)
        .join(contact_phones, contact_phones.c.contact == contacts.c.id, isouter=True)
        .where(which)
        .order_by(contracts.c.number, contacts.c.id, contact_phones.c.position)
    )


def build_contracts(rows: Iterable[Sequence[Any]]) -> list[Contract]:
    """Contracts of one line, by number, with their contacts in the order of the file; from the rows
    of ``select_contracts``."""
    return [_build_contract(list(its)) for _, its in groupby(rows, itemgetter(_NUMBER))]


def _build_contract(rows: Sequence[Sequence[Any]]) -> Contract:
    own = dict(zip(_CONTRACT, rows[0], strict=False))
    own["email_level_1"] = EmailLevel1(own["email_level_1"])
    by_contact = groupby((row for row in rows if row[_ID] is not None), itemgetter(_ID))
    found = (list(its) for _, its in by_contact)
    return Contract(**own, contacts=tuple(_build_contact(its) for its in found))


def _build_contact(rows: Sequence[Sequence[Any]]) -> Contact:
    own = zip(_CONTACT, rows[0][_ID + 1 :], strict=False)
    phones = tuple(row[-1] for row in rows if row[-1] is not None)
    return Contact(**dict(own), phones=phones)


def list_contracts(
    engine: Engine, line_id: str, after: str | None, limit: int
) -> tuple[list[Contract], str | None]:
    """A page of a line's contracts by number, and the number after which the next one begins."""
    theirs = contracts.c.line == line_id
    numbers = select(contracts.c.number).where(theirs).order_by(contracts.c.number)
    if after is not None:
        numbers = numbers.where(contracts.c.number > after)
    with reading(engine) as connection:
        found = connection.scalars(numbers.limit(limit + 1)).all()
        page = found[:limit]
        named = select_contracts(and_(theirs, contracts.c.number.in_(page)))
        rows = build_contracts(connection.execute(named))
    if len(found) <= limit:
        return rows, None
    return rows, page[-1]


def list_unfiled_contracts(engine: Engine, line_id: str) -> Iterator[Contract]:
    """The contracts of a line that are not in its file, by number, without those of drills."""
    beside = contracts.c.origin.not_in((ContractOrigin.FILE, ContractOrigin.DRILL))
    theirs, after = and_(contracts.c.line == line_id, beside), ""
    numbers = select(contracts.c.number).where(theirs).order_by(contracts.c.number)
    while True:
        with reading(engine) as connection:
            page = connection.scalars(
                numbers.where(contracts.c.number > after).limit(AT_ONCE)
            ).all()
            if not page:
                return
            named = and_(contracts.c.line == line_id, contracts.c.number.in_(page))
            found, after = build_contracts(connection.execute(select_contracts(named))), page[-1]
        yield from found


AT_ONCE = 200
"""Contracts in one transaction."""


def count_mail_contacts(engine: Engine, line_id: str, plans: Sequence[str]) -> int:
    """How many contacts of contracts on these plans have a mail address."""
    return _count_contacts(engine, line_id, plans, contacts.c.email.is_not(None))


def count_phone_contacts(engine: Engine, line_id: str, plans: Sequence[str]) -> int:
    """How many contacts of contracts on these plans have a phone."""
    has_phone = exists().where(contact_phones.c.contact == contacts.c.id)
    return _count_contacts(engine, line_id, plans, has_phone)


def _count_contacts(
    engine: Engine, line_id: str, plans: Sequence[str], which: ColumnElement[bool]
) -> int:
    of_contract = and_(
        contracts.c.line == contacts.c.line, contracts.c.number == contacts.c.contract
    )
    theirs = (contacts.c.line == line_id, which)
    wanted = select(func.count()).select_from(contacts.join(contracts, of_contract))
    with reading(engine) as connection:
        found = connection.scalar(wanted.where(*theirs, contracts.c.plan.in_(plans)))
    return found or 0


def add_contracts(
    connection: Connection, line_id: str, new: Sequence[Contract], origin: ContractOrigin
) -> None:
    """Insert these contracts with this origin."""
    rows = [_own(contract) | {"line": line_id, "origin": origin} for contract in new]
    if rows:
        connection.execute(insert(contracts), rows)
        _add_contacts(connection, line_id, new)


def replace_contracts(connection: Connection, line_id: str, changed: Sequence[Contract]) -> None:
    """Replace the contracts with these numbers and their contacts. Their origin stays."""
    if not changed:
        return
    its = and_(contracts.c.line == line_id, contracts.c.number == bindparam("its_number"))
    written = update(contracts).where(its).values({n: bindparam(n) for n in _CONTRACT})
    rows = [_own(contract) | {"its_number": contract.number} for contract in changed]
    connection.execute(written, rows)
    numbers = [contract.number for contract in changed]
    theirs = and_(contacts.c.line == line_id, contacts.c.contract.in_(numbers))
    connection.execute(delete(contacts).where(theirs))
    _add_contacts(connection, line_id, changed)


def remove_contracts(connection: Connection, line_id: str, numbers: Iterable[str]) -> None:
    """Delete these contracts with their contacts and phones."""
    for number in numbers:
        theirs = and_(contracts.c.line == line_id, contracts.c.number == number)
        connection.execute(delete(contracts).where(theirs))


def _own(contract: Contract) -> dict[str, Any]:
    return {name: getattr(contract, name) for name in _CONTRACT}


def _add_contacts(connection: Connection, line_id: str, of: Sequence[Contract]) -> None:
    people = [(contract.number, contact) for contract in of for contact in contract.contacts]
    rows = [
        {name: getattr(contact, name) for name in _CONTACT} | {"line": line_id, "contract": number}
        for number, contact in people
    ]
    if not rows:
        return
    wanted = insert(contacts).returning(contacts.c.id, sort_by_parameter_order=True)
    added = connection.scalars(wanted, rows).all()
    phones = [
        {"contact": id_, "position": place, "phone": phone}
        for id_, (_, contact) in zip(added, people, strict=True)
        for place, phone in enumerate(contact.phones)
    ]
    if phones:
        connection.execute(insert(contact_phones), phones)


def read_phones(connection: Connection, ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    """The phones of these contacts, in the order of the file."""
    found: dict[int, list[str]] = defaultdict(list)
    wanted = select(contact_phones).where(contact_phones.c.contact.in_(ids))
    for row in connection.execute(wanted.order_by(contact_phones.c.position)):
        found[row.contact].append(row.phone)
    return found


def build_contact(row: Row[Any], phones: Sequence[str]) -> Contact:
    """The contact of a row."""
    return Contact(phones=tuple(phones), **{name: getattr(row, name) for name in _CONTACT})

"""What is known of the contracts that somebody looks for, and the indexes that lead to them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from routing.contracts import Contract
from store.db.engine import reading
from store.db.sql_types import FoldedText, LastDay, Surname
from store.people.contracts import contracts_that, read_contracts
from store.tables.people import contact_phones, contacts, contracts

Condition = ColumnElement[bool]

SOON = dt.timedelta(days=60)


class Validity(StrEnum):
    """Which contracts: those that can be used or will be, those that end soon, those that ended."""

    VALID = "valid"
    SOON = "soon"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ContractFilter:
    """What is known: how the number, the company's name or a contact's name begins (or a later
    word of it), a contact's telephone in E.164, and how long it is valid as of ``today``."""

    line: str
    today: dt.date
    number: str = ""
    company: str = ""
    contact: str = ""
    phone: str = ""
    validity: Validity | None = None


@dataclass(frozen=True)
class IndexPath:
    """What to follow through an index within ``bounds``, in the order of ``key`` and then ``tie``;
    what is ``compared`` is looked at on the way."""

    name: str
    bounds: tuple[Condition, ...]
    key: ColumnElement[Any]
    compared: tuple[Condition, ...] = ()
    source: FromClause = contracts
    tie: ColumnElement[Any] = contracts.c.number
    read: Callable[[str], Any] = str
    read_tie: Callable[[str], Any] = str
    backwards: bool = False


def ways(sought: ContractFilter) -> list[IndexPath]:
    """The ways to follow one after the other; what was asked for that leads to fewest comes first,
    and no contract lies along two of them in the same place."""
    mine = contracts.c.line == sought.line
    if sought.phone:
        return [_of_phone(sought)]
    if sought.number:
        bounds = (mine, *_begins_with(sought.number))
        return [IndexPath("number", bounds, contracts.c.number)]
    if sought.contact:
        return _of_contact(sought)
    name = FoldedText(contracts.c.customer)
    if sought.company:
        begins = _prefixed(name, sought.company)
        later = (~begins, _within(contracts.c.customer, sought.company))
        ahead = IndexPath("company", (mine, begins), name)
        return [ahead, IndexPath("within", (mine,), contracts.c.number, later)]
    if sought.validity is None:
        return [IndexPath("all", (mine,), contracts.c.number)]
    ended = sought.validity is Validity.ENDED
    bounds = (mine, _lasts(sought))
    return [IndexPath("validity", bounds, LastDay(), read=dt.date.fromisoformat, backwards=ended)]


def fits(sought: ContractFilter, way: IndexPath) -> list[Condition]:
    """All that was asked for and that the way does not bring by itself; nothing where it does."""
    conditions = [*way.compared]
    if sought.number and way.name != "number":
        conditions += _begins_with(sought.number)
    if sought.contact and way.name not in ("contact", "surname"):
        conditions.append(_has_contact(sought.contact))
    if sought.company and way.name not in ("company", "within"):
        begins = _prefixed(FoldedText(contracts.c.customer), sought.company)
        conditions.append(or_(begins, _within(contracts.c.customer, sought.company)))
    if sought.validity is not None and way.name != "validity":
        conditions.append(_lasts(sought))
    return conditions


def _of_phone(sought: ContractFilter) -> IndexPath:
    found = contact_phones.join(contacts, contact_phones.c.contact == contacts.c.id)
    bounds = (contact_phones.c.phone == sought.phone, contacts.c.line == sought.line)
    return IndexPath("phone", bounds, contracts.c.number, source=found.join(contracts, _ITS))


def _of_contact(sought: ContractFilter) -> list[IndexPath]:
    name, mine = FoldedText(contacts.c.name), contacts.c.line == sought.line
    begins = _prefixed(name, sought.contact)
    last = _prefixed(Surname(), sought.contact.split()[-1])
    later = (~begins, _within(contacts.c.name, sought.contact))
    people, tie = contacts.join(contracts, _ITS), contacts.c.id
    return [
        IndexPath("contact", (mine, begins), name, source=people, tie=tie, read_tie=int),
        IndexPath("surname", (mine, last), Surname(), later, people, tie, read_tie=int),
    ]


def _lasts(sought: ContractFilter) -> Condition:
    last, today = LastDay(), sought.today
    if sought.validity is Validity.ENDED:
        return last < today
    return (last >= today) & (last <= today + SOON if sought.validity is Validity.SOON else true())


def _begins_with(digits: str) -> list[Condition]:
    """Numbers that begin so, in any alphabet's order: from these digits up to the next ones."""
    number, next_ = contracts.c.number, digits.rstrip("9")
    above = [number < next_[:-1] + str(int(next_[-1]) + 1)] if next_ else []
    return [number >= digits, *above]


def _prefixed(name: ColumnElement[str], words: str) -> Condition:
    return (name >= FoldedText(literal(words))) & (name < FoldedText(literal(words + LAST)))


def _within(name: ColumnElement[str], words: str) -> Condition:
    """A word in the middle that begins so."""
    return func.lower(name).contains(f" {words.lower()}", autoescape=True)


def _has_contact(words: str) -> Condition:
    named = or_(_prefixed(FoldedText(contacts.c.name), words), _within(contacts.c.name, words))
    return exists().where(_ITS, named)


_ITS = and_(contacts.c.line == contracts.c.line, contacts.c.contract == contracts.c.number)


# Contracts found by whatever is known of them, with bounded work among any number of them.


AT_ONCE = 10_000
"""Contracts that are compared in one piece."""

PATIENCE = 0.1
"""Seconds after which a first page is given with what was found so far."""

MORE_PATIENCE = 1.0
"""The same for whoever goes on."""

Place = tuple[int, str, str]
"""Where a page ends: the how manieth way is followed, and the last place along it."""

Along = tuple[str, str]
"""A place along a way."""


@dataclass(frozen=True, slots=True)
class ContractPage:
    """Some contracts. ``further`` is where the next page begins; ``cut`` is true when this one is
    not full although the search has not come to its end."""

    contracts: Sequence[Contract]
    further: Place | None = None
    cut: bool = False


def look_up(
    engine: Engine, sought: ContractFilter, after: Place | None = None, size: int = 50
) -> ContractPage:
    """The first contracts that fit, or as many of them as patience allows."""
    ends = time.monotonic() + (PATIENCE if after is None else MORE_PATIENCE)
    followed, start = ways(sought), after or (0, "", "")
    numbers: dict[str, None] = {}
    with reading(engine) as connection:
        for index in range(start[0], len(followed)):
            way, place = followed[index], start[1:] if after and index == start[0] else None
            while True:
                piece = _end(connection, sought, way, place)
                rows = connection.execute(_fitting(sought, way, place, piece, size)).all()
                for row in rows:
                    numbers[row.number] = None
                    place = (str(row.key), str(row.tie))
                    if len(numbers) == size:
                        return ContractPage(_read(connection, sought, numbers), (index, *place))
                if len(rows) == size:
                    continue  # some contracts came twice, by two of their contacts
                if piece is None:
                    break
                place = piece
                if time.monotonic() >= ends:
                    return ContractPage(
                        _read(connection, sought, numbers), (index, *place), cut=True
                    )
        return ContractPage(_read(connection, sought, numbers))


def _end(
    connection: Connection, sought: ContractFilter, way: IndexPath, after: Along | None
) -> Along | None:
    """Where the next piece of a way ends; None at its end, or where all that lies along it fits."""
    if not fits(sought, way):
        return None
    wanted = _along(way, after).offset(AT_ONCE - 1).limit(1)
    row = connection.execute(wanted).first()
    return None if row is None else (str(row.key), str(row.tie))


def _fitting(
    sought: ContractFilter, way: IndexPath, after: Along | None, until: Along | None, size: int
) -> Select[Any]:
    """The first contracts of a piece that fit."""
    found = _along(way, after).add_columns(contracts.c.number).where(*fits(sought, way))
    if until is not None:
        here, place = _places(way, until)
        found = found.where(here >= place if way.backwards else here <= place)
    return found.limit(size)


def _along(way: IndexPath, after: Along | None) -> Select[Any]:
    """Whatever lies along a way, each with its place."""
    found = select(way.key.label("key"), way.tie.label("tie")).select_from(way.source)
    found = found.where(*way.bounds)
    if after is not None:
        here, place = _places(way, after)
        found = found.where(here < place if way.backwards else here > place)
    order = (way.key.desc(), way.tie.desc()) if way.backwards else (way.key, way.tie)
    return found.order_by(*order)


def _places(way: IndexPath, place: Along) -> tuple[Any, Any]:
    return tuple_(way.key, way.tie), (way.read(place[0]), way.read_tie(place[1]))


def _read(
    connection: Connection, sought: ContractFilter, numbers: dict[str, None]
) -> list[Contract]:
    named = and_(contracts.c.line == sought.line, contracts.c.number.in_(numbers))
    known = {one.number: one for one in read_contracts(connection, contracts_that(named))}
    return [known[number] for number in numbers if number in known]


# The contracts of a company, found by what somebody remembers of its name.


LAST = "\U0010ffff"
"""Stands behind every character that a name can have."""

NAMES = 50_000
"""So many names at most are read for a word in their middle."""


def contracts_of(engine: Engine, line: str, words: str, most: int) -> Mapping[str, str]:
    """Company names by contract number, ``most`` of them: the contract of this number, else names
    that begin so, else names with a word that begins so."""
    with reading(engine) as connection:
        return (
            _find(connection, line, contracts.c.number == words, most)
            or _find(connection, line, _begins(words), most)
            or _companies_within(connection, line, words, most)
        )


def _begins(words: str) -> ColumnElement[bool]:
    name = FoldedText(contracts.c.customer)
    return (name >= FoldedText(literal(words))) & (name < FoldedText(literal(words + LAST)))


def _find(
    connection: Connection, line: str, which: ColumnElement[bool], most: int
) -> Mapping[str, str]:
    wanted = (
        select(contracts.c.number, contracts.c.customer)
        .where(contracts.c.line == line, which)
        .order_by(FoldedText(contracts.c.customer))
        .limit(most)
    )
    return {row.number: row.customer for row in connection.execute(wanted)}


def _companies_within(
    connection: Connection, line: str, words: str, most: int
) -> Mapping[str, str]:
    names = select(contracts.c.number, contracts.c.customer).where(contracts.c.line == line)
    some = names.order_by(FoldedText(contracts.c.customer)).limit(NAMES).subquery()
    has = func.lower(some.c.customer).contains(f" {words.lower()}", autoescape=True)
    wanted = select(some.c.number, some.c.customer).where(has).limit(most)
    return {row.number: row.customer for row in connection.execute(wanted)}


def customers(engine: Engine, line: str, numbers: Sequence[str]) -> Mapping[str, str]:
    """Company names by contract number, of those contracts that there still are."""
    wanted = select(contracts.c.number, contracts.c.customer)
    mine = wanted.where(contracts.c.line == line, contracts.c.number.in_(numbers))
    with reading(engine) as connection:
        return {row.number: row.customer for row in connection.execute(mine)}

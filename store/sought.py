"""What is known of the contracts that somebody looks for, and the indexes that lead to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, literal, or_, true

from store.companies import LAST
from store.inside import Folded, LastDay, Surname
from store.tables import contact_phones, contacts, contracts

Condition = ColumnElement[bool]

SOON = dt.timedelta(days=60)


class Validity(StrEnum):
    """Which contracts: those that can be used or will be, those that end soon, those that ended."""

    VALID = "valid"
    SOON = "soon"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Sought:
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
class Way:
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


def ways(sought: Sought) -> list[Way]:
    """The ways to follow one after the other; what was asked for that leads to fewest comes first,
    and no contract lies along two of them in the same place."""
    mine = contracts.c.line == sought.line
    if sought.phone:
        return [_of_phone(sought)]
    if sought.number:
        bounds = (mine, *_begins_with(sought.number))
        return [Way("number", bounds, contracts.c.number)]
    if sought.contact:
        return _of_contact(sought)
    name = Folded(contracts.c.customer)
    if sought.company:
        begins = _prefixed(name, sought.company)
        later = (~begins, _within(contracts.c.customer, sought.company))
        ahead = Way("company", (mine, begins), name)
        return [ahead, Way("within", (mine,), contracts.c.number, later)]
    if sought.validity is None:
        return [Way("all", (mine,), contracts.c.number)]
    ended = sought.validity is Validity.ENDED
    bounds = (mine, _lasts(sought))
    return [Way("validity", bounds, LastDay(), read=dt.date.fromisoformat, backwards=ended)]


def fits(sought: Sought, way: Way) -> list[Condition]:
    """All that was asked for and that the way does not bring by itself; nothing where it does."""
    conditions = [*way.compared]
    if sought.number and way.name != "number":
        conditions += _begins_with(sought.number)
    if sought.contact and way.name not in ("contact", "surname"):
        conditions.append(_has_contact(sought.contact))
    if sought.company and way.name not in ("company", "within"):
        begins = _prefixed(Folded(contracts.c.customer), sought.company)
        conditions.append(or_(begins, _within(contracts.c.customer, sought.company)))
    if sought.validity is not None and way.name != "validity":
        conditions.append(_lasts(sought))
    return conditions


def _of_phone(sought: Sought) -> Way:
    found = contact_phones.join(contacts, contact_phones.c.contact == contacts.c.id)
    bounds = (contact_phones.c.phone == sought.phone, contacts.c.line == sought.line)
    return Way("phone", bounds, contracts.c.number, source=found.join(contracts, _ITS))


def _of_contact(sought: Sought) -> list[Way]:
    name, mine = Folded(contacts.c.name), contacts.c.line == sought.line
    begins = _prefixed(name, sought.contact)
    last = _prefixed(Surname(), sought.contact.split()[-1])
    later = (~begins, _within(contacts.c.name, sought.contact))
    people, tie = contacts.join(contracts, _ITS), contacts.c.id
    return [
        Way("contact", (mine, begins), name, source=people, tie=tie, read_tie=int),
        Way("surname", (mine, last), Surname(), later, people, tie, read_tie=int),
    ]


def _lasts(sought: Sought) -> Condition:
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
    return (name >= Folded(literal(words))) & (name < Folded(literal(words + LAST)))


def _within(name: ColumnElement[str], words: str) -> Condition:
    """A word in the middle that begins so."""
    return func.lower(name).contains(f" {words.lower()}", autoescape=True)


def _has_contact(words: str) -> Condition:
    named = or_(_prefixed(Folded(contacts.c.name), words), _within(contacts.c.name, words))
    return exists().where(_ITS, named)


_ITS = and_(contacts.c.line == contracts.c.line, contacts.c.contract == contracts.c.number)

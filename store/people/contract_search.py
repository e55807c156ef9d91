"""Searches contracts by their details, and company names by their words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, and_, exists, or_, select

from routing.contracts import Contract
from store.db import search
from store.db.engine import reading
from store.db.sql_types import FoldedText, LastDay, Surname
from store.people.contracts import build_contracts, select_contracts
from store.tables.people import contact_phones, contacts, contracts

SOON = dt.timedelta(days=60)

AT_ONCE = 10_000
"""Contracts that are compared in one piece."""

Place = tuple[int, str, str]
"""A cursor as text: the number of a path, and the key on it."""


class Validity(StrEnum):
    """Contracts that are valid now or later, that end soon, or that have ended."""

    VALID = "valid"
    SOON = "soon"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ContractFilter:
    """The beginning of the number, of the company's name or of a contact's name (or of a later word
    of a name), a contact's phone in E.164, the id of a plan, and the validity as of ``today``."""

    line: str
    today: dt.date
    number: str = ""
    company: str = ""
    contact: str = ""
    phone: str = ""
    plan: str = ""
    validity: Validity | None = None


@dataclass(frozen=True, slots=True)
class ContractPage:
    """A page of contracts. ``further`` is where the next one begins; ``cut`` is True when this page
    is not full although the search has not reached its end."""

    contracts: Sequence[Contract]
    further: Place | None = None
    cut: bool = False


@dataclass(frozen=True)
class _Lead:
    """A path, the details that need no comparison on it, and how its keys are read from text."""

    path: search.IndexPath
    served: tuple[str, ...]
    read_key: Callable[[str], Any] = str
    read_tie: Callable[[str], Any] = str


def search_contracts(
    engine: Engine,
    wanted: ContractFilter,
    after: Place | None = None,
    size: int = 50,
    seconds: float | None = None,
) -> ContractPage:
    """The next contracts that match, or as many of them as are found within these seconds."""
    if seconds is None:
        seconds = search.FIRST_PATIENCE if after is None else search.PATIENCE
    leads = _list_leads(wanted)
    paths = [_compare(lead, wanted) for lead in leads]
    with reading(engine) as connection:
        limits = search.SearchLimits(size, AT_ONCE, seconds)
        hits = search.find_page(connection, paths, _read_cursor(leads, after), limits)
        found = _read(connection, wanted.line, hits.idents)
    if hits.following is None:
        return ContractPage(found)
    number, key, tie = hits.following
    return ContractPage(found, (number, str(key), str(tie)), hits.cut)


def _list_leads(wanted: ContractFilter) -> list[_Lead]:
    """The paths to follow one after the other: those of the detail that fewest contracts match."""
    of_line = contracts.c.line == wanted.line
    if wanted.phone:
        return [_lead_by_phone(wanted)]
    if wanted.number:
        begins = search.number_begins_with(contracts.c.number, wanted.number)
        return [_Lead(_path(contracts.c.number, and_(of_line, begins)), ("number",))]
    if wanted.contact:
        return _leads_by_contact(wanted)
    if wanted.company:
        return _leads_by_company(wanted)
    if not wanted.plan and wanted.validity is None:
        return [_Lead(_path(contracts.c.number, of_line), ())]
    return [_lead_by_last_day(wanted)]


def _lead_by_last_day(wanted: ContractFilter) -> _Lead:
    """The contracts of a plan, or of the line, that end first."""
    which = [contracts.c.line == wanted.line]
    if wanted.plan:
        which.append(contracts.c.plan == wanted.plan)
    if wanted.validity is not None:
        which.append(_is_valid(wanted))
    path = _path(LastDay(), and_(*which))
    path = replace(path, descending=wanted.validity is Validity.ENDED)
    return _Lead(path, ("plan", "validity"), read_key=dt.date.fromisoformat)


def _lead_by_phone(wanted: ContractFilter) -> _Lead:
    phones = contact_phones.join(contacts, contact_phones.c.contact == contacts.c.id)
    has_phone = and_(contact_phones.c.phone == wanted.phone, contacts.c.line == wanted.line)
    path = replace(
        _path(contracts.c.number, has_phone), source=phones.join(contracts, _OF_CONTRACT)
    )
    return _Lead(path, ())


def _leads_by_contact(wanted: ContractFilter) -> list[_Lead]:
    """First the contacts whose name begins so, then those with a later word that begins so, found
    by their surname."""
    of_line, surname = contacts.c.line == wanted.line, wanted.contact.split()[-1]
    begins = search.begins_with(contacts.c.name, wanted.contact)
    later = search.has_later_word(contacts.c.name, wanted.contact)
    people = contacts.join(contracts, _OF_CONTRACT)
    first = search.IndexPath(
        key=(FoldedText(contacts.c.name), contacts.c.id),
        ident=contracts.c.number,
        source=people,
        branches=(and_(of_line, begins),),
    )
    second = search.IndexPath(
        key=(Surname(), contacts.c.id),
        ident=contracts.c.number,
        source=people,
        branches=(and_(of_line, search.folded_begins_with(Surname(), surname)),),
        compared=(~begins, later),
    )
    return [_Lead(path, ("contact",), read_tie=int) for path in (first, second)]


def _leads_by_company(wanted: ContractFilter) -> list[_Lead]:
    """First the names that begin so, then those with a later word that begins so."""
    of_line, name = contracts.c.line == wanted.line, contracts.c.customer
    begins = search.begins_with(name, wanted.company)
    first = _path(FoldedText(name), and_(of_line, begins))
    second = replace(
        _path(contracts.c.number, of_line),
        compared=(~begins, search.has_later_word(name, wanted.company)),
    )
    return [_Lead(path, ("company",)) for path in (first, second)]


def _path(key: Any, branch: search.Condition) -> search.IndexPath:
    number = contracts.c.number
    return search.IndexPath(key=(key, number), ident=number, source=contracts, branches=(branch,))


def _compare(lead: _Lead, wanted: ContractFilter) -> search.IndexPath:
    """The path of a lead, compared with the details that it does not serve."""
    more: list[search.Condition] = []
    if wanted.number and "number" not in lead.served:
        more.append(search.number_begins_with(contracts.c.number, wanted.number))
    if wanted.contact and "contact" not in lead.served:
        more.append(_has_contact(wanted.contact))
    if wanted.company and "company" not in lead.served:
        more.append(_has_name(contracts.c.customer, wanted.company))
    if wanted.plan and "plan" not in lead.served:
        more.append(contracts.c.plan == wanted.plan)
    if wanted.validity is not None and "validity" not in lead.served:
        more.append(_is_valid(wanted))
    return replace(lead.path, compared=(*lead.path.compared, *more))


def _is_valid(wanted: ContractFilter) -> search.Condition:
    last, today = LastDay(), wanted.today
    if wanted.validity is Validity.ENDED:
        return last < today
    if wanted.validity is Validity.SOON:
        return (last >= today) & (last <= today + SOON)
    return last >= today


def _has_contact(words: str) -> search.Condition:
    other = contacts.alias("other")  # a path by phone lists the contacts themselves
    same = and_(other.c.line == contracts.c.line, other.c.contract == contracts.c.number)
    return exists().where(same, _has_name(other.c.name, words))


def _has_name(name: Any, words: str) -> search.Condition:
    return or_(search.begins_with(name, words), search.has_later_word(name, words))


_OF_CONTRACT = and_(contacts.c.line == contracts.c.line, contacts.c.contract == contracts.c.number)


def _read_cursor(leads: Sequence[_Lead], after: Place | None) -> search.Cursor | None:
    if after is None:
        return None
    number, key, tie = after
    return number, leads[number].read_key(key), leads[number].read_tie(tie)


def _read(connection: Connection, line: str, numbers: Sequence[str]) -> list[Contract]:
    named = and_(contracts.c.line == line, contracts.c.number.in_(numbers))
    known = {
        one.number: one for one in build_contracts(connection.execute(select_contracts(named)))
    }
    return [known[number] for number in numbers if number in known]


NAMES = 50_000
"""The most company names that are read to find a later word."""


def find_companies(engine: Engine, line: str, words: str, most: int) -> Mapping[str, str]:
    """Company names by contract number, ``most`` of them: the contract of this number, else names
    that begin so, else names with a later word that begins so."""
    begins = search.begins_with(contracts.c.customer, words)
    with reading(engine) as connection:
        return (
            _find_names(connection, line, contracts.c.number == words, most)
            or _find_names(connection, line, begins, most)
            or _find_later_words(connection, line, words, most)
        )


def _find_names(
    connection: Connection, line: str, which: search.Condition, most: int
) -> Mapping[str, str]:
    wanted = (
        select(contracts.c.number, contracts.c.customer)
        .where(contracts.c.line == line, which)
        .order_by(FoldedText(contracts.c.customer))
        .limit(most)
    )
    return {row.number: row.customer for row in connection.execute(wanted)}


def _find_later_words(
    connection: Connection, line: str, words: str, most: int
) -> Mapping[str, str]:
    names = select(contracts.c.number, contracts.c.customer).where(contracts.c.line == line)
    some = names.order_by(FoldedText(contracts.c.customer)).limit(NAMES).subquery()
    has_word = search.has_later_word(some.c.customer, words)
    wanted = select(some.c.number, some.c.customer).where(has_word).limit(most)
    return {row.number: row.customer for row in connection.execute(wanted)}


def read_company_names(engine: Engine, line: str, numbers: Sequence[str]) -> Mapping[str, str]:
    """Company names by contract number, of the contracts that exist."""
    with reading(engine) as connection:
        return _find_names(connection, line, contracts.c.number.in_(numbers), len(numbers))

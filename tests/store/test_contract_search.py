"""Contracts are found by whatever is known of them, each by an index, among any number."""

from __future__ import annotations

import datetime as dt
import re
import shutil

import pytest
from sqlalchemy import Engine, event

from routing.contracts import Contact, Contract
from store.db.engine import open_engine, writing
from store.people.contract_search import ContractFilter, Validity, search_contracts
from store.people.contracts import add_contracts

TODAY = dt.date(2026, 3, 2)


def contract(
    number: str, customer: str, *names: str, until: str | None = None, plan: str = "msa_plus"
) -> Contract:
    called = f"+3161234{number[-3:]}"
    people = tuple(Contact(name, (f"{called}{at}",), "hash") for at, name in enumerate(names))
    last = dt.date.fromisoformat(until) if until else None
    return Contract(number, customer, plan, valid_until=last, contacts=people)


BOOK = [
    contract("100234", "Bakkerij Jansen BV", "Pieter Jansen", "Anna de Vries", until="2026-12-31"),
    contract("100251", "Fietsenmaker Smit", "Joost Smit", until="2026-04-01"),
    contract("100252", "Vertaalbureau Noord", "Karin Noord", "Alice Noord", until="2026-03-01"),
    contract("100199", "De Oude Bakkerij", "Jan Pieters"),
    contract("199", "100% Noord", "Noor", until="2026-03-02", plan="standard"),
]


@pytest.fixture
def book(engine: Engine) -> Engine:
    with writing(engine) as connection:
        add_contracts(connection, "main", BOOK, "import")
        add_contracts(connection, "other", [BOOK[0]], "import")
    return engine


def found(engine: Engine, **known) -> list[str]:
    return [
        one.number
        for one in search_contracts(engine, ContractFilter("main", TODAY, **known)).contracts
    ]


@pytest.mark.parametrize(
    ("known", "numbers"),
    [
        ({}, ["100199", "100234", "100251", "100252", "199"]),
        ({"number": "1002"}, ["100234", "100251", "100252"]),
        ({"number": "19"}, ["199"]),
        ({"number": "100199"}, ["100199"]),
        ({"number": "9"}, []),
        ({"company": "bakkerij"}, ["100234", "100199"]),
        ({"company": "BAKKERIJ J"}, ["100234"]),
        ({"company": "100%"}, ["199"]),
        ({"company": "%"}, []),
        ({"company": "kerij"}, []),
        ({"contact": "pieter"}, ["100199", "100234"]),
        ({"contact": "pieter jansen"}, ["100234"]),
        ({"contact": "vries"}, ["100234"]),
        ({"contact": "de vries"}, ["100234"]),
        ({"contact": "noor"}, ["199", "100252"]),
        ({"contact": "nobody"}, []),
        ({"phone": "+31612342340"}, ["100234"]),
        ({"phone": "+31612342341"}, ["100234"]),
        ({"phone": "+31699999999"}, []),
        ({"validity": Validity.ENDED}, ["100252"]),
        ({"validity": Validity.SOON}, ["199", "100251"]),
        ({"validity": Validity.VALID}, ["199", "100251", "100234", "100199"]),
        ({"company": "bakkerij", "contact": "anna"}, ["100234"]),
        ({"company": "noord", "validity": Validity.ENDED}, ["100252"]),
        ({"number": "100", "contact": "jan"}, ["100199", "100234"]),
        ({"number": "100252", "contact": "jan"}, []),
        ({"phone": "+31612342340", "company": "smit"}, []),
        ({"plan": "standard"}, ["199"]),
        ({"plan": "gold"}, []),
        ({"plan": "msa_plus", "contact": "noor"}, ["100252"]),
        ({"plan": "standard", "company": "100%"}, ["199"]),
        ({"plan": "msa_plus", "phone": "+31612342341"}, ["100234"]),
        ({"plan": "standard", "phone": "+31612342341"}, []),
        ({"plan": "msa_plus", "validity": Validity.SOON}, ["100251"]),
    ],
)
def test_contracts_are_found_by_what_is_known(book, known, numbers):
    assert sorted(found(book, **known)) == sorted(numbers)
    if "company" in known or "validity" in known or not known:
        assert found(book, **known) == numbers


KNOWN = [{}, {"company": "b"}, {"contact": "j"}, {"validity": Validity.VALID}, {"number": "1"}]


@pytest.mark.parametrize("known", KNOWN, ids=str)
@pytest.mark.parametrize("size", [1, 2, 7])
def test_pages_follow_each_other_without_a_gap_or_anything_twice(engine, known, size):
    names = ["Jan Jansen", "jaap B", "Jansen"]
    many = [
        contract(f"1{at:03}", f"B {at % 3}", names[at % 3], until="2027-01-01") for at in range(20)
    ]
    with writing(engine) as connection:
        add_contracts(connection, "main", many, "import")
    sought, seen, after = ContractFilter("main", TODAY, **known), [], None
    while True:
        page = search_contracts(engine, sought, after, size)
        seen += [one.number for one in page.contracts]
        after = page.further
        if after is None:
            break
    assert sorted(seen) == [one.number for one in many]


def test_a_search_that_was_cut_short_goes_on_where_it_was(book, monkeypatch):
    monkeypatch.setattr("store.people.contract_search.AT_ONCE", 1)
    sought, seen, after, pages = ContractFilter("main", TODAY, company="noord"), [], None, 0
    while True:
        page = search_contracts(book, sought, after, seconds=0)
        seen += [one.number for one in page.contracts]
        after, pages = page.further, pages + 1
        if after is None:
            break
        assert page.cut
    assert sorted(seen) == ["100252", "199"]
    assert pages > 3


INDEXES = {
    "number": ("1002", "sqlite_autoindex_contracts_1 (line=? AND number>"),
    "company": ("bak", "ix_contracts_line_company (line=? AND <expr>>"),
    "contact": ("jan", "ix_contacts_line_name (line=? AND <expr>>"),
    "phone": ("+31612342340", "ix_contact_phones_phone (phone=?"),
    "validity": (Validity.SOON, "ix_contracts_line_until (line=? AND <expr>>"),
}


def plans(engine: Engine, sought: ContractFilter, after=None) -> list[str]:
    """How SQLite goes through what it reads, statement by statement."""
    taken: list[str] = []

    def explain(connection, cursor, statement, parameters, context, executemany):
        if "AS tie" in statement:
            rows = connection.connection.cursor()
            rows.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            taken.append("; ".join(row[3] for row in rows.fetchall()))

    event.listen(engine, "after_cursor_execute", explain)
    search_contracts(engine, sought, after)
    event.remove(engine, "after_cursor_execute", explain)
    return taken


@pytest.fixture
def sqlite(tmp_path, migrated_file):
    shutil.copy(migrated_file, tmp_path / "plans.db")
    engine = open_engine(f"sqlite:///{tmp_path}/plans.db")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", INDEXES)
def test_each_thing_that_is_known_goes_through_its_own_index(sqlite, name):
    value, index = INDEXES[name]
    first = plans(sqlite, ContractFilter("main", TODAY, **{name: value}))
    assert index in first[0]
    assert not [plan for plan in first if re.search("SCAN cont", plan)], first


def test_a_surname_goes_through_its_own_index(sqlite):
    later = plans(sqlite, ContractFilter("main", TODAY, contact="de vries"))[1:]
    assert later
    assert all("ix_contacts_line_surname (line=? AND <expr>>" in plan for plan in later)


def test_a_contract_that_many_of_its_contacts_lead_to_hides_none_behind_it(engine):
    crowd = contract("1", "B", *(f"Jan {at}" for at in range(9)))
    others = [contract(str(number), "B", "Jan Z") for number in range(2, 6)]
    with writing(engine) as connection:
        add_contracts(connection, "main", [crowd, *others], "import")
    seen, after = [], None
    while True:
        page = search_contracts(engine, ContractFilter("main", TODAY, contact="jan"), after, 2)
        seen += [one.number for one in page.contracts]
        after = page.further
        if after is None:
            break
    assert set(seen) == {"1", "2", "3", "4", "5"}


@pytest.mark.parametrize(
    ("known", "after"),
    [
        ({}, (0, "100234", "100234")),
        ({"company": "b"}, (0, "bakkerij", "100234")),
        ({"contact": "j"}, (0, "jan", "7")),
        ({"validity": Validity.SOON}, (0, "2026-04-01", "100234")),
        ({"plan": "standard"}, (0, "2026-04-01", "100234")),
        ({"plan": "standard", "validity": Validity.ENDED}, (0, "2026-01-01", "100234")),
    ],
)
def test_a_later_page_begins_within_the_index_and_is_not_sorted_as_a_whole(sqlite, known, after):
    plan, *_ = plans(sqlite, ContractFilter("main", TODAY, **known), after)
    assert "SEARCH" in plan.split(";")[0]
    assert "SCAN" not in plan
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan

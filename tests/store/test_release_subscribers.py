"""Who asked to hear of releases is read piece by piece, and never anybody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routing.contracts import Contact, Contract
from routing.line import Channel
from routing.message import CONTACT, DUTY_MANAGER, Message
from routing.page import PageResult
from routing.ports import CallRepository, LineRepository
from store.db.engine import open_engine
from store.memory.lines import MemoryLineRepository
from store.people.lines import SUBSCRIBERS_AT_ONCE, SqlLineRepository, apply_line
from tests.conftest import DATABASES, fresh_database
from tests.store.cast import LINE, NOW

TODAY = dt.date(2026, 3, 2)
DAY = dt.timedelta(days=1)


def contract(number: str, plan: str = "msa_plus", **changes: Any) -> Contract:
    """A contract whose one contact asked; some changes are the contact's."""
    contact = Contact(f"Contact {number}", (f"+3161{number}",), "1", hears_of_releases=True)
    theirs = {name: changes.pop(name) for name in ("ends", "hears_of_releases") if name in changes}
    return Contract(number, "", plan, contacts=(replace(contact, **theirs),), **changes)


CONTRACTS = (
    contract("0000001", valid_from=TODAY, valid_until=TODAY),
    contract("0000002", valid_until=TODAY - DAY),
    contract("0000003", valid_from=TODAY + DAY),
    contract("0000004", hears_of_releases=False),
    contract("0000005", ends=TODAY - DAY),
    contract("0000006", ends=TODAY),
    contract("0000007", "standard"),
)


@pytest.fixture(params=["memory", *DATABASES])
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LineRepository]:
    """A line with these contracts, and as many more as take two readings."""
    many = [contract(f"9{number:06}") for number in range(SUBSCRIBERS_AT_ONCE + 5)]
    if request.param == "memory":
        yield MemoryLineRepository(LINE, (*CONTRACTS, *many))
        return
    engine = open_engine(fresh_database(request.param, request, tmp_path))
    apply_line(engine, LINE, (*CONTRACTS, *many), NOW)
    yield SqlLineRepository(engine)
    engine.dispose()


def everybody(people: LineRepository, plan: str) -> list[tuple[str, Contact]]:
    found, last = [], 0
    while some := people.find_subscribers("main", [plan], TODAY, last):
        found += [(one.contract, one.contact) for one in some]
        last = some[-1].id
    return found


def test_everybody_is_read_once_with_all_that_is_known_of_them(people: LineRepository) -> None:
    found = everybody(people, "msa_plus")
    assert len({number for number, _ in found}) == len(found) == SUBSCRIBERS_AT_ONCE + 7
    assert found[0] == ("0000001", CONTRACTS[0].contacts[0])


def test_only_those_who_asked_and_whose_contract_holds_today(people: LineRepository) -> None:
    found = [number for number, _ in everybody(people, "msa_plus") if number < "9"]
    assert found == ["0000001", "0000006"]


def test_each_plan_by_itself_and_each_line(people: LineRepository) -> None:
    assert [number for number, _ in everybody(people, "standard")] == ["0000007"]
    assert people.find_subscribers("other", ["standard"], TODAY) == []


def test_a_letter_to_a_contact_waits_until_something_has_become_of_it(book: CallRepository) -> None:
    def letter(name: str, reader: str) -> Message:
        to = ("+31612345678", "nl", "release_news")
        return Message(name, "main", NOW, reader, Channel.SMS, *to, incident="i")

    book.messages.send([letter("manager", DUTY_MANAGER)], NOW)
    assert not book.messages.find_unsent_to_contact("i")
    book.messages.send([letter("contact", CONTACT)], NOW)
    assert book.messages.find_unsent_to_contact("i")
    assert not book.messages.find_unsent_to_contact("another")
    book.messages.record_result("contact", PageResult.SENT)
    assert not book.messages.find_unsent_to_contact("i")

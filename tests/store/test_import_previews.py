"""What an import would change waits for an hour, for whoever chose the file and nobody else."""

import datetime as dt

import pytest

from routing.contracts import ContractChange
from store.log.erasure import DataSubject, erase_contact
from store.log.retention import delete_traces
from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry
from store.people.contract_store import ImportPreviews
from store.people.import_preview import ImportPreview, WrongRow
from tests.store.cast import BAKERY, NOW

WRONG = WrongRow(3, (("plan", "is empty"),), {"contact": "Bob"})
FOUND = ImportPreview((ContractChange(None, BAKERY),), (WRONG,))


@pytest.fixture
def of(engine):
    """The previews of somebody."""
    deed = AuditEntry(NOW, "root", "cli", "accounts.add")

    def hire(name):
        return ImportPreviews(engine, Accounts(engine).add(Account(0, name, Role.MANAGER), deed).id)

    return hire


def test_what_was_found_is_found_again_by_whoever_chose_the_file(of):
    ruud, anna = of("ruud"), of("anna")
    key = ruud.keep("main", FOUND, NOW)
    assert ruud.find(key, "main", NOW) == FOUND
    assert anna.find(key, "main", NOW) is None
    assert ruud.find(key, "other", NOW) is None
    assert ruud.find("another key", "main", NOW) is None


def test_after_an_hour_it_is_over_and_then_gone(of, engine):
    ruud = of("ruud")
    key, hour = ruud.keep("main", FOUND, NOW), dt.timedelta(hours=1)
    assert ruud.find(key, "main", NOW + hour - dt.timedelta(seconds=1)) is not None
    assert ruud.find(key, "main", NOW + hour) is None
    delete_traces(engine, NOW + dt.timedelta(minutes=59))
    assert ruud.find(key, "main", NOW) is not None
    delete_traces(engine, NOW + dt.timedelta(minutes=61))
    assert ruud.find(key, "main", NOW) is None


def test_another_file_takes_the_place_of_the_one_before(of):
    ruud = of("ruud")
    first, second = ruud.keep("main", FOUND, NOW), ruud.keep("main", FOUND, NOW)
    assert ruud.find(first, "main", NOW) is None
    ruud.drop(second, "main")
    assert ruud.find(second, "main", NOW) is None


def test_whoever_is_forgotten_is_not_brought_back_by_a_confirmation(of, engine):
    ruud = of("ruud")
    key = ruud.keep("main", FOUND, NOW)
    erase_contact(engine, "main", DataSubject(names=frozenset({"Pieter Jansen"})), BAKERY.number)
    assert ruud.find(key, "main", NOW) is None

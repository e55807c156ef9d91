"""Customers at the portal of the sample line, whose contracts are of the file and imported."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.contracts import ContractChange, ContractOrigin
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore
from tests.ivr_app.console.conftest import *  # noqa: F403 - its fixtures
from tests.ivr_app.console.contracts.conftest import *  # noqa: F403 - its fixtures
from tests.ivr_app.portal.customers import Customer, Post

KARIN, ALICE, JOOST = "Karin Noord", "Alice Noord", "Joost Smit"
NOORD, SMIT, BAKERY = "100252", "100251", "100234"


@pytest.fixture(autouse=True)
def cast(sample, board):
    """The contracts of the sample; Karin has a mail address and administers that of Noord."""
    change_contact(board, NOORD, 0, email="karin@example.org", admin=True)


def change_contact(board, number, place, **values):
    """Change a contact, as the console does; ``None`` instead of values removes them."""
    store = ContractStore(board.engine, "main", ContractOrigin.IMPORT)
    before = store.read(number).contract
    contacts = list(before.contacts)
    contacts[place] = replace(contacts[place], **values)
    change_contract(board, number, contacts=tuple(contacts))


def change_contract(board, number, **values):
    """Change a contract, as the console does."""
    store = ContractStore(board.engine, "main", ContractOrigin.IMPORT)
    before = store.read(number).contract
    entry = AuditEntry(board.call_service.clock(), "ruud", "console", "contracts.change")
    store.put([ContractChange(before, replace(before, **values))], entry)


@pytest.fixture
def post(board):
    """The worker that sends codes."""
    return Post.of(board)


@pytest.fixture
def portal(app):
    """The application of the portal; what is not expected fails the test."""
    made = app.extensions["portal"].app
    made.testing = True
    return made


@pytest.fixture
def customer(app, portal):
    """Somebody at the door: ``customer()``, or ``customer("en")``."""
    return lambda language="nl": Customer(app.test_client(), language)


@pytest.fixture
def karin(customer, board):
    """Karin, who administers the contract of Noord, signed in."""
    return customer().come_in(board, NOORD, KARIN)


@pytest.fixture
def joost(customer, board):
    """Joost of another company, signed in."""
    return customer().come_in(board, SMIT, JOOST)

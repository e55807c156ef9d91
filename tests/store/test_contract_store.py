"""Whoever changes a contract saw it as it is, or is told; each change stands in the audit log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from routing.contracts import ContractChange, ContractOrigin
from store.people.audit import AuditEntry, AuditLog
from store.people.contract_store import ContractStore, StaleError, StoredContract
from store.people.lines import apply_line
from tests.store.cast import BAKERY, LINE, NOW

DEED = AuditEntry(NOW, "ruud", "console", "contracts.change")
MILL = replace(BAKERY, number="200001", customer="Fietsenmaker Smit")


@pytest.fixture
def register(engine: Engine) -> ContractStore:
    apply_line(engine, LINE, [], NOW)
    return ContractStore(engine, "main", ContractOrigin.CONSOLE)


def read(register: ContractStore, number: str = "100234"):
    kept = register.read(number)
    return kept and kept.contract


def deeds(engine: Engine, number: str = "100234"):
    return [row.entry for row in AuditLog(engine).page(thing=("contract", f"main/{number}"))]


def test_what_is_put_is_read_with_where_it_came_from(register):
    register.put([ContractChange(None, BAKERY)], DEED)
    kept = register.read("100234")
    assert (kept.contract, kept.origin, kept.of_the_file) == (BAKERY, "console", False)
    assert register.read("100999") is None


def test_a_change_keeps_where_the_contract_came_from(register, engine):
    ContractStore(engine, "main", ContractOrigin.IMPORT).put([ContractChange(None, BAKERY)], DEED)
    register.put([ContractChange(BAKERY, replace(BAKERY, contacts=BAKERY.contacts[1:]))], DEED)
    kept = register.read("100234")
    assert (kept.contract.contacts, kept.origin) == (BAKERY.contacts[1:], "import")


@pytest.mark.parametrize("other", [replace(BAKERY, customer="New"), replace(BAKERY, contacts=())])
def test_whoever_saw_another_contract_changes_nothing(register, other):
    register.put([ContractChange(None, other)], DEED)
    with pytest.raises(StaleError):
        register.put([ContractChange(BAKERY, replace(BAKERY, premium_incidents=3))], DEED)
    assert read(register) == other


def test_what_is_added_twice_is_added_once(register):
    register.put([ContractChange(None, BAKERY)], DEED)
    with pytest.raises(StaleError):
        register.put([ContractChange(None, replace(BAKERY, customer="New"))], DEED)
    assert read(register) == BAKERY


def test_all_changes_are_made_or_none_and_every_stale_one_is_named(register, engine):
    register.put([ContractChange(None, BAKERY)], DEED)
    changes = [
        ContractChange(None, MILL),
        ContractChange(None, BAKERY),
        ContractChange(replace(MILL, number="7"), replace(MILL, number="7")),
    ]
    with pytest.raises(StaleError) as stale:
        register.put(changes, DEED, summary=DEED.on("line", "main"))
    assert stale.value.numbers == ("100234", "7")
    assert read(register, MILL.number) is None
    assert deeds(engine, MILL.number) == []
    assert AuditLog(engine).page(thing=("line", "main")) == []


def test_what_stands_in_the_file_is_nobodys_to_change_here(register, engine):
    apply_line(engine, LINE, [BAKERY], NOW)
    with pytest.raises(StaleError):
        register.put([ContractChange(BAKERY, replace(BAKERY, customer="New"))], DEED)
    assert read(register) == BAKERY


def test_the_mark_is_another_after_any_change():
    pieter, anna = BAKERY.contacts
    others = [
        replace(BAKERY, valid_until=None),
        replace(BAKERY, contacts=(anna, pieter)),
        replace(BAKERY, contacts=(replace(pieter, pin_hash="another"), anna)),
    ]
    marks = {StoredContract(contract, ContractOrigin.IMPORT).mark for contract in [BAKERY, *others]}
    assert len(marks) == 4
    assert (
        StoredContract(BAKERY, ContractOrigin.CONSOLE).mark
        == StoredContract(replace(BAKERY), ContractOrigin.FILE).mark
    )


def test_the_audit_log_tells_what_changed_and_names_nobody(register, engine):
    pieter, anna = BAKERY.contacts
    after = replace(
        BAKERY,
        customer="Jansen & Zoon",
        premium_incidents=24,
        contacts=(replace(pieter, phones=("+31612345600",), pin_hash="another hash"), anna),
    )
    register.put([ContractChange(None, BAKERY)], replace(DEED, action="contracts.add"))
    register.put([ContractChange(BAKERY, after)], DEED)
    changed, added = deeds(engine)
    assert (added.action, added.before, added.after["plan"]) == ("contracts.add", None, "msa_plus")
    assert added.after["contacts"] == 2
    assert changed.before == {"premium_incidents": None}
    assert changed.after == {
        "premium_incidents": 24,
        "customer_changed": 1,
        "contacts_changed": 1,
        "pins_changed": 1,
    }
    told = str([(deed.before, deed.after) for deed in (changed, added)])
    assert not any(word in told for word in ("Jansen", "Pieter", "+316", "hash"))


def test_of_many_who_change_a_contract_at_once_one_does(register):
    register.put([ContractChange(None, BAKERY)], DEED)

    def change(number: int) -> bool:
        try:
            register.put([ContractChange(BAKERY, replace(BAKERY, premium_incidents=number))], DEED)
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(8) as people:
        made = list(people.map(change, range(20, 28)))
    assert made.count(True) == 1
    assert read(register).premium_incidents == 20 + made.index(True)


def test_of_many_who_add_a_contract_at_once_one_does(register):
    def add(number: int) -> bool:
        try:
            register.put([ContractChange(None, replace(BAKERY, premium_incidents=number))], DEED)
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(8) as people:
        made = list(people.map(add, range(20, 28)))
    assert made.count(True) == 1
    assert len(read(register).contacts) == 2

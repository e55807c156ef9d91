"""Programs add, patch and end contracts; a PIN is drawn, said once and stored nowhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select

from routing.contracts import Contact, Contract, ContractChange, ContractOrigin
from service.bootstrap import Services
from store.db.engine import reading
from store.people.audit import AuditEntry, AuditLog
from store.people.contract_store import ContractStore
from store.people.hashing import Argon2PinVerifier
from store.tables.work import idempotency_keys
from tests.ivr_app.api.conftest import Program
from tests.store.cast import BAKERY, NOW

SMIT = replace(BAKERY, number="100251", customer="Fietsenmaker Smit")
EMMA = {"name": "Emma Jansen", "phones": ["+31612345690"], "language": "nl"}
NEW = {"contract": "100252", "customer": "Fietsenmaker Smit", "plan": "msa_plus"}


@pytest.fixture
def register(board: Services) -> ContractStore:
    """An imported contract."""
    store = ContractStore(board.engine, "main", ContractOrigin.IMPORT)
    store.put([ContractChange(None, SMIT)], AuditEntry(NOW, "root", "cli", "contracts.import"))
    return store


def read(register: ContractStore, number: str = "100251") -> Contract:
    found = register.read(number)
    assert found is not None
    return found.contract


def list_actions(board: Services, number: str) -> list[str]:
    return [row.entry.action for row in AuditLog(board.engine).page(thing=("contract", number))]


def test_a_contract_is_added_and_its_pin_is_said_once(
    board: Services, register: ContractStore, changer: Program
) -> None:
    body = NEW | {"valid_from": "2026-01-01", "contacts": [EMMA]}
    first = changer.post("/contracts", body, key="new-1")
    assert first.status_code == 201
    assert first.headers["Location"] == "/api/v1/contracts/100252"
    assert first.json is not None
    ((place, pin),) = [(each["place"], each["pin"]) for each in first.json["pins"]]
    (emma,) = read(register, "100252").contacts
    assert place == 0
    assert Argon2PinVerifier(board.settings.pin_pepper).find(pin, [emma]) == emma
    assert list_actions(board, "main/100252") == ["contracts.add"]

    again = changer.post("/contracts", body, key="new-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first.json | {"pins": []}
    with reading(board.engine) as connection:
        assert pin not in str(connection.execute(select(idempotency_keys)).all())
    assert changer.post("/contracts", body).json["code"] == "contract_exists"  # type: ignore[index]
    shown = changer.get("/contracts/100252").text
    assert pin not in shown
    assert emma.pin_hash not in shown


def test_a_contact_is_added_and_given_another_pin(
    board: Services, register: ContractStore, changer: Program
) -> None:
    added = changer.post("/contracts/100251/contacts", EMMA).json
    again = changer.post("/contracts/100251/contacts/2/pin").json
    assert added is not None
    assert again is not None
    emma, verifier = read(register).contacts[2], Argon2PinVerifier(board.settings.pin_pepper)
    assert verifier.find(again["pins"][0]["pin"], [emma]) == emma
    assert verifier.find(added["pins"][0]["pin"], [emma]) is None
    assert list_actions(board, "main/100251")[:2] == ["contacts.pin", "contacts.add"]
    twice = changer.post("/contracts/100251/contacts", EMMA | {"name": "EMMA  jansen"})
    assert (twice.status_code, twice.json["code"]) == (409, "contact_exists")  # type: ignore[index]


def test_a_merge_patch_changes_what_it_names_and_null_is_the_default(
    register: ContractStore, changer: Program
) -> None:
    patch = {"valid_until": None, "premium_incidents": 4}
    assert changer.ask("PATCH", "/contracts/100251", json=patch).status_code == 200
    assert read(register) == replace(SMIT, valid_until=None, premium_incidents=4)
    how = {"data": b'{"premium_incidents":null}', "content_type": "application/merge-patch+json"}
    assert changer.ask("PATCH", "/contracts/100251", **how).status_code == 200
    assert read(register) == replace(SMIT, valid_until=None)
    contact = {"language": None, "ends": "2026-12-31", "phones": ["+31612345690"]}
    assert changer.ask("PATCH", "/contracts/100251/contacts/0", json=contact).status_code == 200
    pieter, anna = SMIT.contacts
    changed = replace(pieter, language=None, ends=dt.date(2026, 12, 31), phones=("+31612345690",))
    assert read(register).contacts == (changed, anna)


@pytest.mark.parametrize(
    ("path", "patch", "status"),
    [
        ("/contracts/100251", {"customer": None}, 422),
        ("/contracts/100251", {"contract": "1"}, 422),
        ("/contracts/100251", {"contacts": []}, 422),
        ("/contracts/100251", {"plan": "gold"}, 409),
        ("/contracts/100251", {"valid_until": "2025-01-01"}, 409),
        ("/contracts/100234", {"plan": "standard"}, 409),
        ("/contracts/100999", {"plan": "standard"}, 404),
        ("/contracts/100251/contacts/0", {"phones": None}, 422),
        ("/contracts/100251/contacts/0", {"phones": ["+31000"]}, 409),
        ("/contracts/100251/contacts/0", {"pin": "482913"}, 422),
        ("/contracts/100251/contacts/7", {"language": "nl"}, 404),
        ("/contracts/100234/contacts/0", {"language": "nl"}, 409),
    ],
)
def test_a_wrong_patch_changes_nothing(
    register: ContractStore, changer: Program, path: str, patch: dict[str, object], status: int
) -> None:
    assert changer.ask("PATCH", path, json=patch).status_code == status
    assert read(register) == SMIT


def test_nobody_changes_a_version_that_they_did_not_see(
    register: ContractStore, changer: Program
) -> None:
    seen = {"If-Match": changer.get("/contracts/100251").headers["ETag"]}
    one, other = {"premium_incidents": 4}, {"premium_incidents": 5}
    path = "/contracts/100251"
    assert changer.ask("PATCH", path, json=one, headers=seen).status_code == 200
    stale = changer.ask("PATCH", path, json=other, headers=seen)
    assert (stale.status_code, stale.json["code"]) == (412, "changed")  # type: ignore[index]
    assert changer.ask("PATCH", path, json=other, headers={"If-Match": "*"}).status_code == 200
    weak = {"If-Match": f"W/{changer.get(path).headers['ETag']}"}
    assert changer.ask("PATCH", path, json=one, headers=weak).status_code == 412
    assert read(register).premium_incidents == 5


def test_a_contract_ends_today_or_on_a_day(
    board: Services, register: ContractStore, changer: Program
) -> None:
    assert changer.post("/contracts/100251/end").status_code == 200
    assert read(register).valid_until == NOW.date()
    assert changer.post("/contracts/100251/end", {"last_day": "2026-11-30"}).status_code == 200
    assert read(register).valid_until == dt.date(2026, 11, 30)
    assert changer.post("/contracts/100251/end", {"last_day": "2025-01-01"}).status_code == 409
    assert list_actions(board, "main/100251")[0] == "contracts.end"


def test_a_new_contact_is_as_a_file_would_have_it(
    register: ContractStore, changer: Program
) -> None:
    for wrong in ({"phones": ["+31000"]}, {"phones": ["+319001234567"]}):
        assert changer.post("/contracts/100251/contacts", EMMA | wrong).status_code == 409
    assert changer.post("/contracts/100251/contacts", EMMA | {"pin": "482913"}).status_code == 422
    assert read(register) == SMIT
    assert changer.post("/contracts/100251/contacts", EMMA | {"admin": True}).status_code == 201
    added = read(register).contacts[2]
    assert added == Contact("Emma Jansen", ("+31612345690",), added.pin_hash, "nl", admin=True)

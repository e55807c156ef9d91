"""Programs change contracts: what they name, and nothing else; PINs are none of theirs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from routing.contracts import Contract, ContractChange, ContractOrigin
from service.bootstrap import Services
from store.people.audit import AuditEntry, AuditLog
from store.people.contract_store import ContractStore
from store.people.lines import apply_line
from tests.ivr_app.api.conftest import Program
from tests.store.cast import BAKERY, LINE, NOW

PIETER = {"name": "Pieter Jansen"}
SMIT = replace(BAKERY, number="100251", customer="Fietsenmaker Smit")


@pytest.fixture
def smit(board: Services) -> ContractStore:
    """A contract that was imported."""
    register = ContractStore(board.engine, "main", ContractOrigin.IMPORT)
    register.put([ContractChange(None, SMIT)], AuditEntry(NOW, "root", "cli", "contracts.import"))
    return register


def kept(register: ContractStore) -> Contract:
    found = register.read("100251")
    assert found is not None
    return found.contract


def test_what_is_named_changes_and_all_else_stays(
    smit: ContractStore, changer: Program, board: Services
) -> None:
    pieter = {"name": "Pieter Jansen", "phones": ["+31612345690"], "ends": "2026-12-31"}
    answer = changer.post("/contracts/100251", {"valid_until": "2027-12-31", "contacts": [pieter]})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["contacts"][0]["phones"] == ["+31612345690"]
    before, anna = SMIT.contacts
    changed = replace(before, phones=("+31612345690",), ends=dt.date(2026, 12, 31))
    assert kept(smit) == replace(SMIT, valid_until=dt.date(2027, 12, 31), contacts=(changed, anna))
    (deed, _) = (
        row.entry for row in AuditLog(board.engine).page(thing=("contract", "main/100251"))
    )
    assert (deed.who, deed.way, deed.action) == ("tickets", "api", "contracts.change")
    assert deed.after == {"valid_until": "2027-12-31", "contacts_changed": 1}


def test_a_plan_is_one_of_the_line(smit: ContractStore, changer: Program) -> None:
    refused = changer.post("/contracts/100251", {"plan": "gold"})
    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["code"] == "no_plan"
    assert refused.json["detail"] == "The plan must be one of msa_plus, standard."
    assert changer.post("/contracts/100251", {"plan": "standard"}).status_code == 200
    assert kept(smit).plan == "standard"


def test_a_contact_is_known_in_any_spelling_and_keeps_their_own(
    smit: ContractStore, changer: Program
) -> None:
    pieter = {"name": "PIETER  jansen", "phones": ["+31612345690"]}
    assert changer.post("/contracts/100251", {"contacts": [pieter]}).status_code == 200
    before, anna = SMIT.contacts
    assert kept(smit).contacts == (replace(before, phones=("+31612345690",)), anna)


def test_nothing_named_changes_nothing_and_is_no_deed(
    smit: ContractStore, changer: Program, board: Services
) -> None:
    assert changer.post("/contracts/100251", {}).status_code == 200
    assert kept(smit) == SMIT
    assert len(AuditLog(board.engine).page(thing=("contract", "main/100251"))) == 1


@pytest.mark.parametrize(
    ("number", "said", "status", "code"),
    [
        ("100999", {}, 404, None),
        ("number", {}, 404, None),
        ("100234", {"customer": "New"}, 409, "of_the_file"),
        ("100251", {"valid_until": "2025-01-01"}, 409, "ends_too_early"),
        ("100251", {"contacts": [{"name": "Nobody"}]}, 409, "no_contact"),
        ("100251", {"contacts": [{"name": "Pieter Jansen", "phones": ["06 12345690"]}]}, 422, None),
        (
            "100251",
            {"contacts": [{"name": "Pieter Jansen", "phones": ["+31000"]}]},
            409,
            "no_phone",
        ),
        ("100251", {"contacts": [{"name": "Pieter Jansen", "pin": "482913"}]}, 422, None),
        ("100251", {"customer": " "}, 422, None),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    smit: ContractStore, changer: Program, number: str, said: dict[str, Any], status: int, code: str
) -> None:
    answer = changer.post(f"/contracts/{number}", said)
    assert answer.json is not None
    assert (answer.status_code, answer.json.get("code")) == (status, code)
    assert "482913" not in answer.get_data(as_text=True)
    assert kept(smit) == SMIT


def test_who_may_look_changes_no_contract(smit: ContractStore, reader: Program) -> None:
    assert reader.post("/contracts/100251", {"customer": "New"}).status_code == 403
    assert kept(smit) == SMIT


@pytest.mark.parametrize("unseen", ["\x10", "\x7f", "\x85", "\x9f", "\ufeff"])
def test_what_cannot_be_seen_is_no_name_and_in_no_address(
    smit: ContractStore, changer: Program, unseen: str
) -> None:
    new = {"phones": ["+31612345690"], "language": "nl"}
    for contact in (PIETER | {"email": f"p{unseen}@bakkerij.example"}, new | {"name": unseen}):
        answer = changer.post("/contracts/100251", {"contacts": [contact]})
        assert answer.status_code == 422
        assert answer.json is not None
        assert "should match pattern" in str(answer.json["errors"])
    assert kept(smit) == SMIT


@pytest.mark.parametrize("number", ["+881612345678", "+447012345678", "+4930901820"])
def test_a_program_gives_a_contact_no_number_that_is_not_dialled(
    smit: ContractStore, changer: Program, number: str
) -> None:
    pieter = PIETER | {"phones": ["+31612345690", number]}
    answer = changer.post("/contracts/100251", {"contacts": [pieter]})
    assert answer.status_code == 409
    assert "undialled_phone" in answer.text
    assert kept(smit) == SMIT


def test_a_key_belongs_to_one_method_and_its_parameters(
    smit: ContractStore, changer: Program, board: Services
) -> None:
    """Otherwise the second request is not performed, and its answer is that of the first."""
    key = {"Idempotency-Key": "one-key"}
    there = replace(LINE, id="other", number="+31201234599", texts_from="+31201234599")
    apply_line(board.engine, there, [], NOW)
    body, path = {"valid_until": "2027-12-31"}, "/contracts/100251"
    patched = changer.ask("PATCH", f"{path}?line=main", json=body, headers=key)
    assert patched.status_code == 200
    elsewhere = changer.ask("PATCH", f"{path}?line=other", json=body, headers=key)
    assert elsewhere.status_code == 422
    assert elsewhere.json is not None
    assert elsewhere.json["code"] == "key_reused"
    posted = changer.ask("POST", path, json=body, headers=key)
    assert (posted.status_code, "Idempotent-Replayed" in posted.headers) == (200, False)
    again = changer.ask("PATCH", f"{path}?line=main", json=body, headers=key)
    assert again.headers["Idempotent-Replayed"] == "true"

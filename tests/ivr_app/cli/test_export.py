"""`export` writes the line back, and `apply` finds nothing changed in it."""

from __future__ import annotations

from pathlib import Path

from routing.contracts import Contract, ContractChange, ContractOrigin
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore

EXAMPLE = Path(__file__).parents[3] / "docs" / "line.example.yaml"
CSV = (
    "contract,customer,plan,valid_from,valid_until,premium_incidents,contact,phone,pin,language\n"
    "100251,Fietsenmaker Smit,standard,2026-01-01,,4,Karin Smit,+31612345690;+31612345691,193847,"
    "nl\n"
    "100251,Fietsenmaker Smit,standard,2026-01-01,,4,Joost Smit,+31612345692,564738,\n"
)


def test_apply_finds_nothing_changed_in_what_was_exported(type_in, tmp_path, board):
    type_in("apply", EXAMPLE)
    (tmp_path / "contracts.csv").write_text(CSV)
    type_in("contracts", "import", tmp_path / "contracts.csv")
    before = ContractStore(board.engine, "main", ContractOrigin.CONSOLE).read("100251")

    result = type_in("export", "--contracts", tmp_path / "again.csv")
    (tmp_path / "again.yaml").write_text(result.stdout)
    assert "482913" not in result.stdout
    assert "193847" not in (tmp_path / "again.csv").read_text()
    assert type_in("apply", tmp_path / "again.yaml").stdout == "line main: nothing changed\n"
    imported = type_in("contracts", "import", tmp_path / "again.csv")
    assert imported.stdout == "line main: contracts 1 unchanged\n"
    assert ContractStore(board.engine, "main", ContractOrigin.CONSOLE).read("100251") == before


def test_contracts_beside_the_file_are_mentioned(type_in, tmp_path):
    type_in("apply", EXAMPLE)
    assert type_in("export").stderr == ""
    (tmp_path / "contracts.csv").write_text(CSV)
    type_in("contracts", "import", tmp_path / "contracts.csv")
    assert type_in("export").stderr == "Some contracts are not in the line.yaml: see --contracts.\n"


def test_a_contract_of_a_drill_is_in_no_file(type_in, tmp_path, board):
    type_in("apply", EXAMPLE)
    drill = ContractChange(None, Contract("100999", "Drill", "msa_plus"))
    entry = AuditEntry(board.call_service.clock(), "root", "cli", "drill")
    ContractStore(board.engine, "main", ContractOrigin.DRILL).put([drill], entry)
    assert type_in("export").stderr == ""


def test_a_person_needs_a_contract(type_in, tmp_path):
    type_in("apply", EXAMPLE)
    assert type_in("export", "Pieter Jansen").exit_code == 2
    assert type_in("export", "--contract", "100234").exit_code == 2
    assert '"Pieter Jansen"' in type_in("export", "Pieter Jansen", "--contract", "100234").stdout

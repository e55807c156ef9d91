"""What a preview shows is what an import then does, whatever stands in the file."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.contracts import read_rows
from config.line import parse_line_file
from routing.contracts import ContractChange, ContractOrigin
from service.contract_import import ContractImport, DirectImport, ImportResult, PreviewImport
from store.db.engine import open_engine
from store.people.audit import AuditEntry, AuditLog
from store.people.contract_store import ContractStore
from store.people.lines import apply_line
from tests.ivr_app.cli.conftest import PAPER

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
DEED = AuditEntry(NOW, "ruud", "console", "contracts.import")
HEAD = (
    "contract,customer,plan,valid_from,valid_until,premium_incidents,contact,phone,pin,language\n"
)
NUMBERS = ["100234", "100251", "100252", "100253"]
"""The first stands in the file of the line."""
PEPPER = "a pepper"

rows = st.builds(
    "{},{},{},2026-01-01,{},{},{},{},{},nl\n".format,
    st.sampled_from(NUMBERS),
    st.sampled_from(["Fietsenmaker Smit", "Vertaalbureau Noord"]),
    st.sampled_from(["msa_plus", "standard", "msa_plus", "standard", "gold"]),
    st.sampled_from(["", "2027-12-31", "2025-12-31"]),
    st.sampled_from(["12", "3"]),
    st.sampled_from(["Joost Smit", "Karin Noord", "Alice Noord"]),
    st.sampled_from(["+31612345681", "+31612345682;+31208881102", "0612"]),
    st.sampled_from(["294771", "508316", "50831"]),
)
files = st.lists(rows, max_size=6).map(lambda some: (HEAD + "".join(some)).encode())


class Line:
    """A line in a database of its own, into which files are imported."""

    def __init__(self, template: Path, folder: str) -> None:
        if template != Path(folder) / "line.db":
            shutil.copy(template, f"{folder}/line.db")
        self.engine = open_engine(f"sqlite:///{folder}/line.db")
        paper = parse_line_file(PAPER, lambda pin, owner: f"hash of {owner}")
        apply_line(self.engine, paper.line, paper.contracts, NOW)
        self.line = paper.line
        self.register = ContractStore(self.engine, "main", ContractOrigin.IMPORT)

    def take(self, ledger, file: bytes):
        intake = ContractImport(ledger, self.line, PEPPER, NOW)
        lines = file.splitlines(keepends=True)
        return list(intake.import_rows(read_rows(lines, self.line, intake.hash)))

    def contracts(self):
        return [kept and kept.contract for kept in map(self.register.read, NUMBERS)]


@pytest.fixture
def line(migrated_file, tmp_path):
    made = Line(migrated_file, str(tmp_path))
    yield made
    made.engine.dispose()


@settings(max_examples=20)
@given(before=files, file=files)
def test_the_preview_is_what_the_import_does(migrated_file, before, file):
    """Confirmed after a preview, and typed at the command line, to two databases that are alike."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        line = Line(migrated_file, one)
        line.take(DirectImport(line.register, DEED), before)
        kept = line.contracts()
        shutil.copytree(one, other, dirs_exist_ok=True)
        twin = Line(Path(other) / "line.db", other)
        sheet = PreviewImport(line.register, ContractOrigin.IMPORT)
        shown = line.take(sheet, file)
        assert line.contracts() == kept, "a preview changes nothing"
        line.register.put(sheet.changes, DEED)
        done = twin.take(DirectImport(twin.register, DEED), file)
        assert shown == done
        assert line.contracts() == twin.contracts()
        changed = {change.after.number: change for change in sheet.changes}
        for number, was, now in zip(NUMBERS, kept, line.contracts(), strict=True):
            assert (
                was == now if number not in changed else changed[number] == ContractChange(was, now)
            )
        line.engine.dispose()
        twin.engine.dispose()


def test_confirmed_or_typed_at_the_command_line_a_file_does_the_same(line):
    file = (Path(__file__).parents[2] / "contracts.csv").read_bytes()
    sheet = PreviewImport(line.register, ContractOrigin.IMPORT)
    line.take(sheet, file)
    line.register.put(sheet.changes, DEED)
    confirmed = line.contracts()
    assert [contract.number for contract in confirmed if contract] == ["100234", "100251", "100252"]
    done = line.take(DirectImport(line.register, DEED), file)
    assert [taken.change for taken in done if isinstance(taken, ImportResult)] == ["unchanged"] * 2
    assert line.contracts() == confirmed


def test_rows_of_a_contract_that_stand_apart_are_one_change(line):
    head, joost, karin, alice = (
        (Path(__file__).parents[2] / "contracts.csv").read_text().splitlines()
    )
    sheet = PreviewImport(line.register, ContractOrigin.IMPORT)
    line.take(sheet, "\n".join([head, karin, joost, alice]).encode())
    noord, smit = sheet.changes
    assert [contact.name for contact in noord.after.contacts] == ["Karin Noord", "Alice Noord"]
    assert (noord.before, smit.before) == (None, None)


def test_each_contract_that_an_import_changes_is_a_deed(line):
    file = (Path(__file__).parents[2] / "contracts.csv").read_bytes()
    line.take(DirectImport(line.register, DEED), file)
    told = {row.entry.thing: row.entry for row in AuditLog(line.engine).page()}
    assert set(told) == {"main/100251", "main/100252"}
    assert told["main/100252"].after["contacts"] == 2
    assert "Noord" not in str(told)


def test_who_changes_a_contract_during_an_import_loses_nothing(line):
    """The import reads it again and decides anew, instead of writing over it."""
    row = b"100251,Fietsenmaker Smit,standard,,,12,Joost Smit,+31612345681,294771,nl\n"
    other = row.replace(b"Joost", b"Emma").replace(b"294771", b"508316").replace(b"681,", b"689,")
    line.take(DirectImport(line.register, DEED), HEAD.encode() + row)
    meanwhile = [HEAD.encode() + other]

    class Interrupted(DirectImport):
        def put(self, change):
            if meanwhile:
                line.take(DirectImport(line.register, DEED), meanwhile.pop())
            super().put(change)

    changed = HEAD.encode() + row.replace(b"standard", b"msa_plus").replace(b",12,", b",6,")
    line.take(Interrupted(line.register, DEED), changed)
    contract = line.register.read("100251").contract
    assert contract.premium_incidents == 6
    assert [contact.name for contact in contract.contacts] == ["Joost Smit", "Emma Smit"]

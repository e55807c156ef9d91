"""A field of a contract or contact is listed once, and every view derives from that list."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from config.contracts import VALUE_READERS
from ivr_app.api.contracts import VALUE_TYPES
from ivr_app.web.i18n import load_catalogue
from routing.contracts import CONTACT_FIELDS, CONTRACT_FIELDS, Contact, Contract, ValueKind
from store.tables.people import contact_phones, contacts, contracts

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def names(of: type) -> set[str]:
    return {field.name for field in dataclasses.fields(of)}


def test_the_table_has_every_field_of_the_dataclass() -> None:
    assert {each.name for each in CONTRACT_FIELDS} == names(Contract) - {"contacts"}
    assert {each.name for each in CONTACT_FIELDS} == names(Contact)


def test_the_database_has_a_column_for_every_field() -> None:
    of_contract = {each.name for each in CONTRACT_FIELDS} | {"line", "origin"}
    assert set(contracts.c.keys()) == of_contract
    of_contact = {each.name for each in CONTACT_FIELDS} | {"line", "contract", "id"}
    assert set(contacts.c.keys()) == of_contact - {"phones"}
    assert "phone" in contact_phones.c


def test_every_view_knows_every_kind_of_value() -> None:
    assert set(VALUE_READERS) == set(ValueKind)
    assert set(VALUE_TYPES) == set(ValueKind) - {ValueKind.PIN}


def test_every_field_has_words_and_every_mistake_a_sentence() -> None:
    keys = {f"contracts.field.{each.name}" for each in CONTRACT_FIELDS}
    keys |= {f"contacts.field.{each.name}" for each in CONTACT_FIELDS}
    keys |= {f"contracts.field.{each.name}_changed" for each in CONTRACT_FIELDS if each.personal}
    assert keys <= set(load_catalogue())


def test_the_columns_of_contracts_csv_stay() -> None:
    columns = [column for each in (*CONTRACT_FIELDS, *CONTACT_FIELDS) for column in each.columns]
    own = "contract,customer,plan,valid_from,valid_until,premium_incidents,openid,email_level_1"
    theirs = "contact,phone,pin,pin_hash,language,email,ends,hears_of_releases,admin"
    assert ",".join(columns) == f"{own},{theirs}"


def test_the_documentation_of_the_api_names_every_field_that_it_changes() -> None:
    text = (ROOT / "docs" / "integrate" / "api.md").read_text(encoding="utf-8")
    changeable = [each.key for each in (*CONTRACT_FIELDS, *CONTACT_FIELDS) if each.changeable]
    assert [key for key in changeable if f"`{key}`" not in text] == []


@pytest.mark.timeout(180)
def test_a_field_added_to_the_table_is_in_every_view() -> None:
    """In a process of its own, where the table has a field more in each of the two lists."""
    plugin = "tests.ivr_app.contract_fields.added"
    command = [sys.executable, "-m", "pytest", "-q", "-p", plugin, "-p", "no:cacheprovider"]
    inner = subprocess.run(
        [*command, str(HERE / "views.py")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert inner.returncode == 0, inner.stdout[-4000:] + inner.stderr[-1000:]

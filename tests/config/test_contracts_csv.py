"""``contracts.csv``: every row a contact, as strict as the line and however long the file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.contracts import ContractRow, read_rows
from config.line import read_line_file
from config.reader import Finding

HEAD = (
    "contract,customer,plan,valid_from,valid_until,premium_incidents,"
    "contact,phone,pin,language,email,ends"
)
PIETER = (
    "100234,Bakkerij Jansen BV,msa_plus,2026-01-01,2026-12-31,12,"
    "Pieter Jansen,+31612345678;020 123 4567,482913,nl,pieter@example.org,"
)
PROJECT = Path(__file__).parents[2]


def hashed(pin, owner):
    """Stands for the slow hash of a PIN."""
    return f"hash for {owner.splitlines()[-1]}"


SAMPLE = read_line_file(PROJECT / "line.yaml", hashed).line


@pytest.fixture
def rows():
    """Reads lines of text as the rows of a file."""

    def read_them(*lines, encoding="utf-8"):
        source = (f"{text}\r\n".encode(encoding) for text in lines)
        return list(read_rows(source, SAMPLE, lambda pin, owner: f"hash-of-{len(pin)}-digits"))

    return read_them


def test_a_row_is_a_contract_with_a_contact(rows):
    (row,) = rows(HEAD, PIETER)
    contract = row.contract
    (pieter,) = contract.contacts
    assert row.line == 2
    assert (contract.number, contract.customer) == ("100234", "Bakkerij Jansen BV")
    assert (contract.plan, contract.premium_incidents) == ("msa_plus", 12)
    assert (str(contract.valid_from), str(contract.valid_until)) == ("2026-01-01", "2026-12-31")
    assert pieter.phones == ("+31612345678", "+31201234567")
    assert (pieter.pin_hash, pieter.language, pieter.ends) == ("hash-of-6-digits", "nl", None)


def test_what_spreadsheets_do_is_understood(rows):
    quoted = PIETER.replace("Bakkerij Jansen BV", '"Bakkerij ""Jansen"", BV"')
    (row,) = rows("\ufeff" + HEAD, "", quoted, ",,,,,,,,,,,")
    assert row.contract.customer == 'Bakkerij "Jansen", BV'


def test_what_excel_saves_with_semicolons_is_read(rows):
    phones = PIETER.split(",")[7]
    pieter = PIETER.replace(",", ";").replace(phones, f'"{phones}"')
    (row,) = rows("\ufeff" + HEAD.replace(",", ";"), pieter)
    assert [row] == rows(HEAD, PIETER)


def test_what_is_remarked_of_wrong_rows_is_not_read(rows):
    assert rows(f"line,reason,{HEAD}", f"7,pin: must be 6 digits,{PIETER}") == rows(HEAD, PIETER)


def test_the_last_two_columns_may_be_missing_and_a_hash_may_stand_for_the_pin(rows):
    head = HEAD.removesuffix(",email,ends").replace("pin", "pin_hash")
    pieter = PIETER.removesuffix(",pieter@example.org,").replace("482913", "$argon2id$v=19$abc")
    (row,) = rows(head, pieter)
    assert row.contract.contacts[0].pin_hash == "$argon2id$v=19$abc"


@pytest.mark.parametrize(
    ("old", "new", "column", "message"),
    [
        ("100234", "", "contract", "is empty"),
        ("100234", "A100", "contract", "at most 20 digits"),
        ("Bakkerij Jansen BV", "", "customer", "is empty"),
        ("msa_plus", "gold", "plan", "one of msa_plus, standard"),
        ("2026-01-01", "01-01-2026", "valid_from", "2026-12-31"),
        ("2026-12-31", "2025-12-31", "valid_until", "end before it begins"),
        (",12,", ",many,", "premium_incidents", "whole number"),
        ("Pieter Jansen", "", "contact", "is empty"),
        (";020 123 4567", ";", "phone", "is empty"),
        ("020 123 4567", "020 123", "phone", "not a phone number"),
        ("482913", "", "pin", "either pin or pin_hash"),
        ("482913", "82913", "pin", "must be 6 digits"),
        (",nl,", ",Dutch,", "language", "nl or en"),
        ("pieter@example.org", "pieter", "email", "e-mail address"),
        ("example.org,", "example.org,soon", "ends", "2026-12-31"),
        ("example.org,", "example.org", "file", "has 11 columns, not 12"),
    ],
)
def test_a_mistake_is_found_at_its_row_and_column(rows, old, new, column, message):
    (found,) = rows(HEAD, "", PIETER.replace(old, new))
    assert (found.line, found.field) == (3, column)
    assert message in found.message


def test_a_pin_is_hashed_for_line_and_contract():
    owners = []
    source = [f"{HEAD}\n".encode(), PIETER.encode()]
    list(read_rows(source, SAMPLE, lambda pin, owner: owners.append(owner) or "hash"))
    assert owners == ["main\n100234"]


def test_a_contact_has_one_row(rows):
    (found,) = rows(HEAD, PIETER, PIETER.replace("482913", "482914"))[1:]
    assert (found.line, found.field) == (3, "contact")


def test_rows_of_one_contract_must_agree_and_have_different_pins(rows):
    emma = PIETER.replace("Pieter", "Emma").replace("msa_plus", "standard")
    found = rows(HEAD, PIETER, "", emma)[1:]
    assert [(f.line, f.field) for f in found] == [(4, "contract"), (4, "pin")]


@pytest.mark.parametrize(
    ("lines", "line", "field"),
    [
        ([], 1, "file"),
        ([PIETER], 1, "file"),
        ([HEAD.replace(",", "\t")], 1, "file"),
        ([HEAD.replace("email", "mail")], 1, "column 11"),
        ([HEAD.replace("email", "")], 1, "column 11"),
        ([HEAD.replace("email", "phone")], 1, "phone"),
        ([HEAD.replace("customer,", "")], 1, "customer"),
        ([HEAD.replace("pin,", "")], 1, "pin"),
        ([HEAD, '1,"Bakkerij'], 2, "file"),
    ],
)
def test_a_file_of_another_kind_is_refused(rows, lines, line, field):
    (found,) = rows(*lines)
    assert (found.line, found.field) == (line, field)


def test_a_file_in_another_encoding_is_refused_at_its_row(rows):
    found = rows(HEAD, PIETER, PIETER.replace("Bakkerij", "Café"), encoding="latin-1")
    assert found[1:] == [Finding(3, "file", "is not UTF-8; save it as CSV UTF-8")]


@pytest.mark.parametrize("written", ["31-12-2026", "12/31/2026", "1-1-26", "46387", "31 dec 2026"])
def test_a_day_in_the_order_of_somebodys_country_is_refused(rows, written):
    (found,) = rows(HEAD, PIETER.replace("2026-12-31", written))
    assert found == Finding(2, "valid_until", "must be a date such as 2026-12-31, the year first")


def test_a_day_may_come_with_its_midnight(rows):
    (row,) = rows(HEAD, PIETER.replace("2026-12-31", "2026-12-31 00:00:00"))
    assert str(row.contract.valid_until) == "2026-12-31"


def test_invisible_signs_are_left_out_of_names_numbers_and_pins(rows):
    odd = PIETER.replace("Pieter", "\u200bPieter\u00a0").replace("482913", "4829\u200b13\ufeff")
    odd = odd.replace("+31612345678", "\u202a+31\u00a06\u201112345678\u202c")
    (row,) = rows(HEAD, odd.replace("100234", "\u2060100234"))
    assert row == rows(HEAD, PIETER)[0]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [("482913", "４８２９１３", "pin"), ("100234", "１００２３４", "contract")],
)
def test_wide_figures_are_refused_where_callers_key_them(rows, old, new, column):
    (found,) = rows(HEAD, PIETER.replace(old, new))
    assert (found.field, "digits" in found.message) == (column, True)


def test_the_sample_rows_of_the_project_are_right():
    with (PROJECT / "contracts.csv").open("rb") as file:
        found = list(read_rows(file, SAMPLE, hashed))
    assert [row.contract.number for row in found] == ["100251", "100252", "100252"]


def test_rows_are_read_as_they_come():
    def endless():
        yield HEAD.encode() + b"\n"
        while True:
            yield PIETER.encode() + b"\n"

    assert isinstance(next(read_rows(endless(), SAMPLE, hashed)), ContractRow)


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_no_bytes_on_earth_raise(lines):
    for found in read_rows([HEAD.encode() + b"\n", *lines], SAMPLE, hashed):
        assert isinstance(found, Finding)


def test_the_last_column_says_who_hears_of_releases(rows):
    head, yes, left = f"{HEAD},hears_of_releases", f"{PIETER},true", f"{PIETER},"
    found = [row.contract.contacts[0].hears_of_releases for row in rows(head, yes)]
    assert found == [True]
    assert [row.contract.contacts[0].hears_of_releases for row in rows(head, left)] == [False]
    (wrong,) = rows(head, f"{PIETER},yes")
    assert wrong == Finding(2, "hears_of_releases", "must be one of true, false")

"""A PIN is hashed on the way in and is never printed, whatever else is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.line import parse_line_file
from config.reader import FileError, ReaderContext, read_yaml

CONTACT = '{name: Pieter Jansen, phone: "+31612345678", pin: "482913", language: nl}'


def second(contact):
    return f"{CONTACT}\n      - {contact}"


def test_a_pin_is_read_as_it_stands(example, read):
    hashed = []
    text = example.replace('pin: "482913"', "pin: 012345")
    parse_line_file(text, lambda *kept: hashed.append(kept) or "hash")
    assert hashed == [("012345", "main\n100234")]


def test_a_hash_may_stand_for_the_pin(example, read):
    text = example.replace('pin: "482913"', "pin_hash: $argon2id$v=19$m=19456$abc")
    (contract,) = read(text).contracts
    assert contract.contacts[0].pin_hash == "$argon2id$v=19$m=19456$abc"


def test_contacts_of_a_contract_have_different_pins(wrong):
    emma = '{name: Emma Jansen, phone: "+31612345679", pin: 482913}'
    ((line, field, message),) = wrong(CONTACT, second(emma))
    assert (line, field) == (1, "contracts[0].contacts[1].pin")
    assert "PIN of another contact" in message


def test_contacts_of_two_contracts_may_have_the_same_pin(example, read):
    other = f"{{contract: 7, customer: Drukkerij, plan: standard, contacts: [{CONTACT}]}}"
    assert len(read(f"{example.rstrip()}\n  - {other}").contracts) == 2


def test_nothing_is_hashed_once_something_is_wrong(example):
    hashed = []
    with pytest.raises(FileError):
        parse_line_file(
            example.replace("repeat: 3", "repeat: no"), lambda *kept: hashed.append(kept)
        )
    assert hashed == []


@pytest.mark.parametrize(
    "contact",
    [
        "{name: Emma, phone: 482913, pin: 482913}",
        "{name: Emma, phone: +31612345678, pin: [482913]}",
        "{name: Emma, phone: +31612345678, pin: {482913: 482913}}",
        "{name: Emma, phone: +31612345678, pin: 4829133}",
        "{name: Emma, phone: +31612345678, pin: *482913}",
        "{name: Emma, phone: +31612345678, pin: !482913 x}",
        "{name: Emma, phone: +31612345678, pin: '482913}",
        '{name: Emma, phone: +31612345678, pin: "482913" "482913"}',
        "{name: Emma, phone: +31612345678, 482913}",
        "{name: Emma, phone: +31612345678, email: 482913, language: 482913, pin_hash: 482913}",
    ],
)
def test_no_mistake_prints_a_pin(example, read, contact):
    with pytest.raises(FileError) as caught:
        read(example.replace(CONTACT, second(contact)))
    assert "482913" not in f"{caught.value} {caught.value!r} {caught.value.findings}"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12))
def test_a_word_comes_back_as_it_was_written(text):
    quoted = text.replace("'", "''")
    sheet = read_yaml(f"pin: '{quoted}'\nno: 1:30")
    assert (sheet.text("pin"), sheet.text("no")) == (text, "1:30")


def test_terms_and_sheets_show_no_pin(example):
    assert "482913" not in repr(read_yaml(example)) + repr(ReaderContext(str))


def test_equal_pins_are_hashed_for_whom_they_belong_to(example):
    owners = []
    other = f"{{contract: 7, customer: Drukkerij, plan: standard, contacts: [{CONTACT}]}}"
    text = example.replace("id: main", "id: second")
    parse_line_file(
        f"{text.rstrip()}\n  - {other}", lambda pin, owner: owners.append(owner) or "hash"
    )
    assert owners == ["second\n100234", "second\n7"]

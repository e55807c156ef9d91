"""PINs that the line makes are nobody's first guess and nobody else's."""

from dataclasses import replace

import pytest

from service import contract_import
from store.people.hashing import Argon2PinVerifier
from tests.store.cast import BAKERY


@pytest.mark.parametrize("pin", ["000000", "777777", "123456", "890123", "654321", "098765"])
def test_what_is_tried_first_is_guessed(pin):
    assert contract_import.is_guessable(pin)


@pytest.mark.parametrize("pin", ["000001", "123457", "482913", "112233"])
def test_what_has_no_pattern_is_not(pin):
    assert not contract_import.is_guessable(pin)


def test_a_pin_is_drawn_until_it_is_nobodys(monkeypatch):
    locksmith = Argon2PinVerifier("a pepper")
    pieter = replace(BAKERY.contacts[0], pin_hash=locksmith.hash("4829", "contract"))
    digits = iter("123448295083")
    monkeypatch.setattr(contract_import.secrets, "choice", lambda _: next(digits))
    assert contract_import.generate_pin(4, [pieter], locksmith) == "5083"


def test_a_pin_has_as_many_digits_as_the_line_wants():
    drawn = {contract_import.generate_pin(6, [], Argon2PinVerifier("a pepper")) for _ in range(50)}
    assert all(pin.isdigit() and len(pin) == 6 for pin in drawn)
    assert len(drawn) > 45

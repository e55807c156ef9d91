"""A PIN is kept so that only who knows PIN and pepper can tell."""

from __future__ import annotations

from routing.contract import Contact
from store.pins import Argon2Locksmith

LOCKSMITH = Argon2Locksmith("a pepper")


def kept(pin: str, owner: str = "main 100234 Pieter") -> Contact:
    return Contact("Pieter Jansen", (), LOCKSMITH.hash(pin, owner))


def test_the_right_pin_fits_and_another_does_not() -> None:
    assert LOCKSMITH.fits("482913", kept("482913"))
    assert not LOCKSMITH.fits("482914", kept("482913"))
    assert not LOCKSMITH.fits("", kept("482913"))


def test_the_hash_is_argon2id_with_the_parameters_we_chose_and_no_pin_in_it() -> None:
    hashed = kept("482913").pin_hash
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "482913" not in hashed


def test_another_pepper_proves_nothing() -> None:
    assert not Argon2Locksmith("another pepper").fits("482913", kept("482913"))


def test_the_same_file_read_twice_gives_the_same_hash_and_another_owner_another() -> None:
    assert kept("482913") == kept("482913")
    assert kept("482913") != kept("482913", "main 100234 Anna")


def test_what_is_no_hash_fits_nothing() -> None:
    assert not LOCKSMITH.fits("482913", Contact("Pieter Jansen", (), "482913"))


def test_dallying_says_nothing() -> None:
    LOCKSMITH.dally()

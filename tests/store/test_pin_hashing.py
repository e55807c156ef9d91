"""A PIN is kept so that only who knows PIN and pepper can tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from routing.contracts import Contact
from store.people import hashing
from store.people.hashing import Argon2PinVerifier

LOCKSMITH = Argon2PinVerifier("a pepper")
CONTRACT = "main\n100234"


def kept(pin: str, owner: str = CONTRACT, name: str = "Pieter Jansen") -> Contact:
    return Contact(name, (), LOCKSMITH.hash(pin, owner))


def fits(pin: str, contact: Contact, locksmith: Argon2PinVerifier = LOCKSMITH) -> bool:
    return locksmith.find(pin, [contact]) is contact


def test_the_right_pin_fits_and_another_does_not() -> None:
    assert fits("482913", kept("482913"))
    assert not fits("482914", kept("482913"))
    assert not fits("", kept("482913"))


def test_the_hash_is_argon2id_with_the_parameters_we_chose_and_no_pin_in_it() -> None:
    hashed = kept("482913").pin_hash
    assert hashed.startswith("$argon2id$v=19$m=128,t=1,p=1$")
    assert "482913" not in hashed


def test_a_hash_at_the_earlier_cost_still_fits_until_its_file_is_applied_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    earlier = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    with monkeypatch.context() as then:
        then.setattr(hashing, "_PIN_HASHER", earlier)
        stored = kept("482913")
    assert stored.pin_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert fits("482913", stored)
    assert not fits("482914", stored)
    assert kept("482913") != stored


def test_another_pepper_proves_nothing() -> None:
    assert not fits("482913", kept("482913"), Argon2PinVerifier("another pepper"))


def test_the_same_file_read_twice_gives_the_same_hash_and_another_contract_another() -> None:
    assert kept("482913") == kept("482913")
    assert kept("482913") != kept("482913", "main\n100240")


@pytest.mark.parametrize("hashed", ["482913", "", "$", "$argon2id$v=19$m=8,t=1,p=1$?$?", "a$b$c"])
def test_what_is_no_hash_fits_nothing(hashed: str) -> None:
    assert not fits("482913", Contact("Pieter Jansen", (), hashed))
    pieter = kept("482913")
    assert LOCKSMITH.find("482913", [Contact("Nobody", (), hashed), pieter]) is pieter


def computations(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is hashed from here on."""
    done: list[bytes] = []
    real: Callable[..., bytes] = hashing.hash_secret

    def counted(secret: bytes, salt: bytes, **costs: int) -> bytes:
        done.append(salt)
        return real(secret, salt, **costs)

    monkeypatch.setattr(hashing, "hash_secret", counted)
    return done


@pytest.mark.parametrize("contacts", [0, 1, 30])
@pytest.mark.parametrize("pin", ["100007", "999999"])
def test_a_try_costs_one_computation_whatever_the_number_of_contacts(
    monkeypatch: pytest.MonkeyPatch, contacts: int, pin: str
) -> None:
    many = [kept(f"{100000 + n}", name=f"Contact {n}") for n in range(contacts)]
    done = computations(monkeypatch)
    found = LOCKSMITH.find(pin, many)
    assert found is (many[7] if contacts == 30 and pin == "100007" else None)
    assert len(done) == 1


def test_a_hash_that_was_made_elsewhere_works_and_costs_one_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    costs = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    secret = LOCKSMITH._keyed("pin 615204")
    elsewhere = Contact("Anna", (), costs.hash(secret))
    everybody = [kept("482913"), elsewhere, kept("771155", name="Bob")]
    done = computations(monkeypatch)
    assert LOCKSMITH.find("615204", everybody) is elsewhere
    assert len(done) == 2


def test_a_mark_says_nothing_of_the_digits_and_is_the_same_again() -> None:
    assert LOCKSMITH.mark("555555") == LOCKSMITH.mark("555555") != LOCKSMITH.mark("555556")
    assert "555" not in LOCKSMITH.mark("555555")

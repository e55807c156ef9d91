"""PINs made by the line itself, for somebody to be told once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from routing.contract import Contact
from store.pins import Argon2Locksmith

_UP = "01234567890123456789"


def draw(length: int, others: Iterable[Contact], locksmith: Argon2Locksmith) -> str:
    """So many digits that nobody guesses first, and that no other contact of the contract has."""
    taken = tuple(others)
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(length))
        if not guessed(pin) and locksmith.find(pin, taken) is None:
            return pin


def guessed(pin: str) -> bool:
    """True for what is tried first: one digit again and again, or digits in a row."""
    return len(set(pin)) == 1 or pin in _UP or pin in _UP[::-1]

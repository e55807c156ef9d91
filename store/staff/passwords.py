"""Keeps passwords so that nobody can read them: argon2id over a hash keyed with the pepper."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_KIB = 19 * 1024  # OWASP's least for argon2id
SHORTEST, LONGEST = 12, 200
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and figures that are mistaken for each other."""


class Passwords:
    """Hashes and compares passwords."""

    def __init__(self, pepper: str) -> None:
        """``pepper`` is the secret without which the hashes prove nothing."""
        self._pepper = pepper.encode()
        self._hasher = PasswordHasher(time_cost=2, memory_cost=_KIB, parallelism=1)
        self._nobodys = self.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        """What is kept of a password; never the same twice."""
        return self._hasher.hash(self._keyed(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """True when this is the password; takes as long when there is none."""
        try:
            fits = self._hasher.verify(kept or self._nobodys, self._keyed(password))
        except (VerificationError, InvalidHashError):
            return False
        return fits and kept is not None

    def _keyed(self, password: str) -> bytes:
        return hmac.digest(self._pepper, f"password {password}".encode(), hashlib.sha256)


def made_up(letters: int = 20) -> str:
    """A password for the first time somebody signs in, in groups of five."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(letters))
    return "-".join(drawn[at : at + 5] for at in range(0, letters, 5))

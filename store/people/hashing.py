"""Hashes of PINs and passwords: argon2id over a hash keyed with the pepper.

The PINs of one contract share a salt, so that one computation compares a keyed PIN with those of
all its contacts. A hash from elsewhere has its own salt and costs one more computation.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import HashingError, InvalidHashError, VerificationError
from argon2.low_level import hash_secret

from routing.contracts import Contact
from routing.ports import PinVerifier

# A PIN has a million possibilities at most, so only the pepper protects it: see ADR 90.
_PIN_HASHER = PasswordHasher(time_cost=1, memory_cost=128, parallelism=1)

_PASSWORD_KIB = 19 * 1024  # OWASP's minimum for argon2id: about 22 ms; the library's default: 180


class Argon2PinVerifier(PinVerifier):
    """Hashes and compares PINs."""

    def __init__(self, pepper: str) -> None:
        """``pepper`` is the secret that keys every hash."""
        self._pepper = pepper.encode()
        self._nobodys = _PIN_HASHER.hash(self._keyed("nobody"), salt=self._keyed("salt")[:16])

    def hash(self, pin: str, owner: str) -> str:
        """The stored hash of a PIN; ``owner`` names line and contract. The same owner and PIN give
        the same hash, so that a file applied twice changes nothing."""
        salt = self._keyed(f"salt {owner}")[:16]
        return _PIN_HASHER.hash(self._keyed(f"pin {pin}"), salt=salt)

    def find(self, pin: str, contacts: Sequence[Contact]) -> Contact | None:
        """The contact with this PIN; one computation for each salt among their hashes, and one if
        there is none."""
        secret = self._keyed(f"pin {pin}")
        made: dict[str, str | None] = {}
        found: Contact | None = None
        for contact in contacts:
            way = contact.pin_hash.rpartition("$")[0]
            if way not in made:
                made[way] = _hashed_alike(secret, contact.pin_hash)
            if _same(made[way], contact.pin_hash) and found is None:
                found = contact
        if not any(made.values()):
            _hashed_alike(secret, self._nobodys)
        return found

    def mark(self, digits: str) -> str:
        """A name for keyed digits that does not reveal them without the pepper."""
        return self._keyed(f"mark {digits}").hex()[:16]

    def _keyed(self, text: str) -> bytes:
        return hmac.digest(self._pepper, text.encode(), hashlib.sha256)


def _hashed_alike(secret: bytes, kept: str) -> str | None:
    """The hash of this secret with the salt and costs of a stored one; None for an invalid one."""
    try:
        costs, salt = extract_parameters(kept), _bytes_of(kept.split("$")[-2])
        return hash_secret(
            secret,
            salt,
            time_cost=costs.time_cost,
            memory_cost=costs.memory_cost,
            parallelism=costs.parallelism,
            hash_len=costs.hash_len,
            type=costs.type,
            version=costs.version,
        ).decode()
    except (InvalidHashError, HashingError, binascii.Error, ValueError):
        return None


def _bytes_of(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _same(made: str | None, kept: str) -> bool:
    return made is not None and hmac.compare_digest(made, kept)


SHORTEST, LONGEST = 12, 200
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike."""


class Passwords:
    """Hashes and compares passwords."""

    def __init__(self, pepper: str) -> None:
        """``pepper`` is the secret that keys every hash."""
        self._pepper = pepper.encode()
        self._hasher = PasswordHasher(time_cost=2, memory_cost=_PASSWORD_KIB, parallelism=1)
        self._nobodys = self.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        """The stored hash of a password, with a salt of its own."""
        return self._hasher.hash(self._keyed(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """True when this is the password; takes the same time when there is none."""
        try:
            fits = self._hasher.verify(kept or self._nobodys, self._keyed(password))
        except (VerificationError, InvalidHashError):
            return False
        return fits and kept is not None

    def _keyed(self, password: str) -> bytes:
        return hmac.digest(self._pepper, f"password {password}".encode(), hashlib.sha256)


def generate_password(letters: int = 20) -> str:
    """A random password in groups of five characters."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(letters))
    return "-".join(drawn[at : at + 5] for at in range(0, letters, 5))

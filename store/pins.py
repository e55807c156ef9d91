"""Keeps PINs so that nobody can read them: argon2id over a hash keyed with the pepper."""

from __future__ import annotations

import hashlib
import hmac
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from routing.contract import Contact
from routing.ports import Locksmith

_KIB = 19 * 1024  # OWASP's least for argon2id; about 22 ms, the library's own default takes 180
_HASHER = PasswordHasher(time_cost=2, memory_cost=_KIB, parallelism=1)


class Argon2Locksmith(Locksmith):
    """Hashes and compares PINs; keeps what the port promises."""

    def __init__(self, pepper: str) -> None:
        """``pepper`` is the secret without which the hashes prove nothing."""
        self._pepper = pepper.encode()
        _nobodys()  # now, or the first wrong number would take longer than the second

    def hash(self, pin: str, owner: str) -> str:
        """What is kept of this PIN. The same owner and PIN give the same hash, so that a file
        applied twice changes nothing; ``owner`` names line, contract and contact."""
        salt = self._keyed(f"salt {owner}")[:16]
        return _HASHER.hash(self._keyed(f"pin {pin}"), salt=salt)

    def fits(self, pin: str, contact: Contact) -> bool:
        """True when this is the contact's PIN."""
        try:
            return _HASHER.verify(contact.pin_hash, self._keyed(f"pin {pin}"))
        except (VerificationError, InvalidHashError):
            return False

    def dally(self) -> None:
        """Take as long as a comparison does, so that a wrong contract number costs the same."""
        self.fits("", Contact("nobody", (), _nobodys()))

    def _keyed(self, text: str) -> bytes:
        return hmac.digest(self._pepper, text.encode(), hashlib.sha256)


@cache
def _nobodys() -> str:
    """A hash that no PIN fits, whatever the pepper."""
    return _HASHER.hash(b"nobody", salt=bytes(16))

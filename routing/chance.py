"""Random ids and digits as a function of one seed, so that a decision can be taken again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chance:
    """A source of chance: the same seed and label always give the same draw."""

    seed: bytes

    def _drawn(self, label: str) -> bytes:
        return hashlib.blake2b(label.encode(), key=self.seed[:64], digest_size=16).digest()

    def token(self, label: str) -> str:
        """A fresh id of 32 hexadecimal digits, unguessable as long as the seed is."""
        return self._drawn(label).hex()

    def digit(self, label: str, but: str = "") -> str:
        """A digit from 1 to 9 that does not occur in ``but``."""
        choices = [d for d in "123456789" if d not in but]
        return choices[int.from_bytes(self._drawn(label), "big") % len(choices)]

    def number(self, label: str, among: Sequence[int]) -> int:
        """One of these numbers."""
        return among[int.from_bytes(self._drawn(label), "big") % len(among)]

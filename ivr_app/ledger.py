"""Where an import reads and writes contracts: the register itself, or a sheet laid over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from store.preview import Change
from store.register import Kept, Register
from store.staff.audit import Deed


class Ledger(Protocol):
    """The contracts of a line, as an import sees them."""

    def read(self, number: str) -> Kept | None:
        """The contract of this number as it is by now."""

    def put(self, change: Change) -> None:
        """Write it. Raises StaleError, having changed nothing."""


@dataclass(frozen=True)
class Written:
    """Every change is written at once, and stands in the audit log as ``deed``."""

    register: Register
    deed: Deed

    def read(self, number: str) -> Kept | None:
        """As it is kept."""
        return self.register.read(number)

    def put(self, change: Change) -> None:
        """Write it."""
        self.register.put([change], self.deed)


@dataclass
class Sheet:
    """Nothing is written: what would change lies over what is kept."""

    register: Register
    origin: str
    before: dict[str, Kept | None] = field(default_factory=dict)
    after: dict[str, Kept] = field(default_factory=dict)

    def read(self, number: str) -> Kept | None:
        """As it would be by now."""
        if number not in self.before:
            self.before[number] = self.register.read(number)
        return self.after.get(number, self.before[number])

    def put(self, change: Change) -> None:
        """Lay it over what is kept."""
        self.after[change.after.number] = Kept(change.after, self.origin)

    @property
    def changes(self) -> Sequence[Change]:
        """What would be written, each contract once, in the order of the rows."""
        changed = ((self.before[number], kept.contract) for number, kept in self.after.items())
        return [Change(before.contract if before else None, after) for before, after in changed]

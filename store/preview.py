"""What an import would change, contract by contract, and which rows of it are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.contract import Contract


@dataclass(frozen=True, slots=True)
class Change:
    """A contract as it is, if it is there, and as somebody wants it."""

    before: Contract | None
    after: Contract

    @property
    def kind(self) -> str:
        """What it comes to: added, changed or unchanged."""
        if self.before is None:
            return "added"
        return "unchanged" if self.before == self.after else "changed"


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that is not taken in: on which line it begins, and why, field by field. ``cells`` is
    what it says, without its PIN; nothing where that cannot be told apart."""

    line: int
    reasons: tuple[tuple[str, str], ...]
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found in a file; ``odd`` are remarks that stop nothing."""

    changes: tuple[Change, ...] = ()
    wrong: tuple[WrongRow, ...] = ()
    odd: tuple[tuple[str, str], ...] = ()

"""What an import would change, contract by contract, and which rows of it are wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.contracts import ContractChange


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that is not taken in: on which line it begins, and why, field by field. ``cells`` is
    what it says, its PIN left out; nothing where that cannot be told apart."""

    line: int
    reasons: tuple[tuple[str, str], ...]
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How many rows of a file are processed, and when that was last reported."""

    done: int
    total: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What was found in a file: how many contracts stay as they are, and the numbers of those
    with more contacts than were sold. ``done`` once the changes were made; with a ``progress``
    the file is still being looked through, and nothing is known yet."""

    changes: tuple[ContractChange, ...] = ()
    wrong: tuple[WrongRow, ...] = ()
    unchanged: int = 0
    crowded: tuple[str, ...] = ()
    done: bool = False
    progress: ImportProgress | None = None

    def count(self, kind: str) -> int:
        """How many contracts are added, or changed."""
        return sum(change.kind == kind for change in self.changes)

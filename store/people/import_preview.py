"""The preview of an import: its changes, contract by contract, and its invalid rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.contracts import ContractChange


@dataclass(frozen=True, slots=True)
class WrongRow:
    """An invalid row: the line on which it begins, and the mistakes by field. ``cells`` are its
    values without the PIN; empty if the row has another number of columns than the file."""

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
    """The preview of one file. ``unchanged`` counts contracts, ``crowded`` are the numbers of those
    with too many contacts. ``done`` is True once the changes were made. A preview with ``progress``
    is of a file that is still being processed."""

    changes: tuple[ContractChange, ...] = ()
    wrong: tuple[WrongRow, ...] = ()
    unchanged: int = 0
    crowded: tuple[str, ...] = ()
    done: bool = False
    progress: ImportProgress | None = None

    def count(self, kind: str) -> int:
        """How many contracts are added, or changed."""
        return sum(change.kind == kind for change in self.changes)

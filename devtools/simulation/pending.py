"""The errands that are not done, found by what they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from routing.jobs import Command
from store.memory.state import MemoryRows


class Pending:
    """An index that reads each errand once, however often it is asked."""

    def __init__(self, rows: MemoryRows) -> None:
        """Of these errands, and those to come."""
        self._rows, self._read = rows, 0
        self._about: defaultdict[tuple[type, Any], list[str]] = defaultdict(list)

    def due(self, kind: type, about: str, **named: object) -> bool:
        """True while an errand of this kind, about this call, leg or incident, is not done."""
        found = self._of(kind, about)
        return any(all(getattr(deed, k) == v for k, v in named.items()) for deed in found)

    def _of(self, kind: type, about: str) -> Iterator[Command]:
        errands = self._rows.jobs
        while (key := f"e{self._read}") in errands:
            deed = errands[key].command
            self._about[type(deed), getattr(deed, type(deed).__match_args__[0])].append(key)
            self._read += 1
        keys = self._about.get((kind, about), ())
        return (errands[key].command for key in keys if key in self._rows.pending)

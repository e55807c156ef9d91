"""Notes on incidents, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from routing.memo import Memo
from store.memory.rows import Rows


class MemoryMemos:
    """The notes on every incident."""

    rows: Rows

    def memos(self, incident: str) -> Sequence[Memo]:
        """The notes on an incident, oldest first."""
        theirs = [memo for memo in self.rows.memos.values() if memo.incident == incident]
        return sorted(theirs, key=lambda memo: (memo.at, memo.id))

    def jotted(self, memo: str) -> bool:
        """True when a note of this id is kept, on whatever incident."""
        return memo in self.rows.memos

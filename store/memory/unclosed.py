"""What a contract may call about again, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from routing.incident import Incident, State
from store.memory.rows import Rows


class MemoryUnclosed:
    """The incidents of each contract that are not closed."""

    rows: Rows

    def unclosed(self, line: str, contract: str, most: int) -> Sequence[Incident]:
        """At most so many of a contract, those responded to last, newest first."""
        kept = self.rows.incidents.values()
        theirs = [i for i in kept if (i.line, i.contract) == (line, contract)]
        newest = sorted(theirs, key=lambda i: (i.opened_at, i.number), reverse=True)
        unclosed = [i for i in newest if i.state is not State.CLOSED]
        return sorted(unclosed, key=lambda i: i.state is State.RESPONDED)[:most]

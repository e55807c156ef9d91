"""Which incidents count as premium, in memory."""

from __future__ import annotations

import datetime as dt

from store.memory.rows import Rows


class MemoryEntitlement:
    """The part of the book that bundles are read from."""

    rows: Rows

    def premium_used(self, line: str, contract: str, year: dt.date) -> tuple[int, int]:
        """How many incidents count in this contract year, and the highest place given in it."""
        theirs = self.rows.counted(line, contract, year)
        places = [i.counted.place for i in theirs if i.counted is not None]
        return sum(incident.premium for incident in theirs), max(places, default=0)

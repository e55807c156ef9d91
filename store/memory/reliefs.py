"""The reliefs of the book in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from routing.errands import Errand
from routing.matter import LostRaceError
from routing.relief import Relief
from routing.roster import Roster, Telling
from store.memory.rows import Rows


class MemoryReliefs(Roster):
    """Keeps what ``routing.roster.Roster`` promises."""

    rows: Rows
    _lock: Lock

    def plan(self, errands: Sequence[Errand], at: dt.datetime) -> Sequence[str]:
        """Write errands that have a name, each name once; gives back those due."""
        with self._lock:
            known = {errand.name for errand in self.rows.errands.values()}
            return self.rows.post([e for e in errands if e.name not in known], at)

    def relieve(self, telling: Telling, at: dt.datetime) -> Sequence[str]:
        """Write a new relief with all that follows, unless it is there already."""
        new = telling.relief
        with self._lock:
            theirs = [r for r in self.rows.reliefs.values() if _whose(r) == _whose(new)]
            if any((r.schedule, r.at) == (new.schedule, new.at) for r in theirs):
                return ()
            if new.waits and any(r.waits and r.lasts(at) and r.code == new.code for r in theirs):
                raise LostRaceError(f"{new.engineer} has been given this code just now")
            return self._write(telling, at)

    def relief(self, relief_id: str) -> Relief | None:
        """The relief of this id."""
        return self.rows.reliefs.get(relief_id)

    def reliefs_of(self, line: str, engineer: str, now: dt.datetime) -> Sequence[Relief]:
        """The reliefs of this person that are not over by now, oldest first."""
        theirs = (r for r in self.rows.reliefs.values() if _whose(r) == (line, engineer))
        return sorted((r for r in theirs if r.lasts(now)), key=_order)

    def relief_became(self, telling: Telling, at: dt.datetime) -> Sequence[str]:
        """Write a changed relief with all that follows; LostRaceError when somebody was first."""
        before = telling.relief
        with self._lock:
            kept = self.rows.reliefs.get(before.id)
            if kept is None or kept.version != before.version:
                raise LostRaceError(f"relief {before.id} was changed by somebody else")
            after = replace(before, version=before.version + 1)
            return self._write(replace(telling, relief=after), at)

    def reliefs(self, line: str, start: dt.datetime, end: dt.datetime) -> Sequence[Relief]:
        """The reliefs of the line from one moment to just before another, oldest first."""
        ours = (r for r in self.rows.reliefs.values() if r.line == line)
        return sorted((r for r in ours if start <= r.at < end), key=_order)

    def _write(self, telling: Telling, at: dt.datetime) -> Sequence[str]:
        rows = self.rows
        rows.reliefs[telling.relief.id] = telling.relief
        fresh = [letter for letter in telling.letters if letter.id not in rows.letters]
        rows.letters |= {letter.id: letter for letter in fresh}
        sent = [Errand(letter.at, letter.sending) for letter in fresh]
        return rows.post([*sent, *telling.errands], at)


def _whose(relief: Relief) -> tuple[str, str]:
    return relief.line, relief.engineer


def _order(relief: Relief) -> tuple[dt.datetime, str, str]:
    return relief.at, relief.schedule, relief.engineer

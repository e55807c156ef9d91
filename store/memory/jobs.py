"""Due work in memory: the same leases as in the database, and as strict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Lock

from routing.jobs import Command, Lane
from store.memory.state import HeldJob, MemoryRows
from store.work.jobs import CALENDAR, QUEUED_FOR, STRAY, Lease, lease_duration

_RANK = {lane: rank for rank, lane in enumerate(Lane)}


class MemoryJobQueue:
    """Keeps what ``store.due.DueWork`` keeps; ``rows`` shows who holds what."""

    def __init__(self, rows: MemoryRows) -> None:
        """The errands of a book in memory."""
        self.rows = rows
        self._lock = Lock()

    def unclaimed(self, now: dt.datetime, limit: int = 500) -> Sequence[Lease]:
        """What was queued and not begun in time: its job may still wait in line, or be lost."""
        waking = [
            (key, held) for key, held in self.rows.undone.waking(now) if held.state == "queued"
        ]
        return [Lease(key, held.attempt) for key, held in waking[:limit]]

    def extend(self, leases: Iterable[Lease], now: dt.datetime) -> None:
        """Leave these in line a while longer."""
        for lease in leases:
            self._change(lease, "queued", wakes_at=now + QUEUED_FOR)

    def waking(self, now: dt.datetime) -> bool:
        """True when there is something to lease or to extend."""
        first = self.rows.undone.first_wakes_at()
        return first is not None and first <= now

    def lanes(self, now: dt.datetime, due_by: dt.datetime) -> Sequence[Lane]:
        """The lanes of what waits and has been due since then, most urgent first."""
        errands = (self.rows.errands[key] for key, _ in self.rows.undone.waking(now))
        found = {errand.command.lane for errand in errands if errand.due_at <= due_by}
        return [lane for lane in Lane if lane in found]

    def lease(
        self,
        now: dt.datetime,
        limit: int = 100,
        due_by: dt.datetime | None = None,
        lane: Lane | None = None,
    ) -> Sequence[Lease]:
        """Take what is due, and what was leased to somebody who did not finish: what rings before
        texts, texts before the rest, and the oldest first. Only what has been due since
        ``due_by``, and is of this ``lane``, when that is given."""
        by, errands, undone = due_by or now, self.rows.errands, self.rows.undone

        def rank(key: str) -> int:
            return _RANK[errands[key].command.lane]

        with self._lock:
            wanted = [one for one in undone.waking(now) if errands[one[0]].due_at <= by]
            if lane is not None:
                wanted = [one for one in wanted if errands[one[0]].command.lane is lane]
            taken = sorted(wanted, key=lambda one: (rank(one[0]), one[1].wakes_at))[:limit]
            for key, held in taken:
                again = held.attempt + 1
                undone.change(key, state="queued", attempt=again, wakes_at=now + QUEUED_FOR)
        ordered = sorted(taken, key=lambda one: (rank(one[0]), errands[one[0]].due_at, one[0]))
        return [Lease(key, held.attempt) for key, held in ordered]

    def claim(self, lease: Lease, now: dt.datetime) -> Command | None:
        """Begin this attempt; None when it is somebody else's by now, or done."""
        begun = self._change(lease, "queued", state="running", wakes_at=self._ends(lease, now))
        return self.rows.errands[lease.errand].command if begun else None

    def hold(self, lease: Lease, now: dt.datetime) -> bool:
        """Keep on with this attempt as if it began now; False when it had been taken away."""
        return self._change(lease, "running", wakes_at=self._ends(lease, now))

    def done(self, lease: Lease, now: dt.datetime) -> bool:
        """It has been done; False when the attempt had been taken away."""
        return self._end(lease, "done")

    def retry(self, lease: Lease, at: dt.datetime, reason: str) -> bool:
        """It failed and is to be tried again at this time."""
        return self._change(lease, "running", state="pending", wakes_at=at, last_error=reason)

    def put_back(self, lease: Lease, at: dt.datetime) -> bool:
        """It was not begun and is to be done at this time: no attempt was made."""
        before = lease.attempt - 1
        return self._change(lease, "running", state="pending", wakes_at=at, attempt=before)

    def give_up(self, lease: Lease, now: dt.datetime, reason: str) -> bool:
        """It failed and is not worth another try."""
        return self._end(lease, "given_up", last_error=reason)

    def oldest_due(self, now: dt.datetime) -> dt.timedelta | None:
        """For how long the most overdue errand has been due, None when nothing is due."""
        due = (self.rows.errands[key].due_at for key in self.rows.undone)
        oldest = min((at for at in due if at <= now), default=None)
        return None if oldest is None else now - oldest

    def _ends(self, lease: Lease, now: dt.datetime) -> dt.datetime:
        return now + lease_duration(self.rows.errands[lease.errand].command.lane)

    def _change(self, lease: Lease, was: str, **values: object) -> bool:
        with self._lock:
            held = self.rows.undone.get(lease.errand)
            if held is None or (held.attempt, held.state) != (lease.attempt, was):
                return False
            self.rows.undone.change(lease.errand, **values)
            return True

    def _end(self, lease: Lease, state: str, **values: object) -> bool:
        ended = self._change(lease, "running", state=state, **values)
        if ended:
            self.rows.held_then[lease.errand] = self.rows.undone.pop(lease.errand)
        return ended


# A clock that was set back, for what is kept in memory: as ``store.setback`` does it.


def correct_clock_rollback(rows: MemoryRows, now: dt.datetime) -> int:
    """Let errands of a clock that was ahead count anew, and end its leases; gives back how many."""
    stray = [key for key, held in rows.undone.items() if _stray(rows, key, held, now + STRAY)]
    for key in stray:
        held, errand = rows.undone[key], rows.errands[key]
        back = max(held.created_at - now, dt.timedelta())
        wakes_at = now if held.attempt else held.wakes_at - back
        rows.errands[key] = replace(errand, due_at=errand.due_at - back)
        rows.undone.change(key, created_at=held.created_at - back, wakes_at=wakes_at)
    return len(stray)


def _stray(rows: MemoryRows, key: str, held: HeldJob, ahead: dt.datetime) -> bool:
    future = held.created_at > ahead or held.attempt > 0
    return held.wakes_at > ahead and future and rows.errands[key].command.kind not in CALENDAR

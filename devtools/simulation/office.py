"""What the processes stand on: the book, the errands and the bell, each of which can fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from devtools.simulation.machines import Machines
from devtools.simulation.witness import Entry
from routing.decision import Case, Decision, LostRaceError
from routing.jobs import Lane, Lease
from store.memory.call_repository import MemoryCallRepository
from store.memory.state import MemoryJobQueue, correct_clock_rollback
from store.work.jobs import ANY_TIME, EACH_LANE, ClaimedJob

EXPECTED = ("UnsureError", "NotDoneError", "RecordingNotFoundError", "OperationalError")


class UnreliableBook(MemoryCallRepository):
    """The book in memory; saving may fail before and after, and may lose a race."""

    def __init__(self, machines: Machines) -> None:
        """An empty book."""
        super().__init__()
        self._machines = machines
        self.noted: dict[int, Entry] = {}

    def matter_as_kept(self, sid: str) -> Case | None:
        """What the book has of a call, whatever fails."""
        call = next((c for c in self.rows.calls.values() if c.sid == sid), None)
        return super().find_by_call(call.id) if call is not None else None

    def find_by_call(self, call_id: str) -> Case | None:
        """As the book has it, if the database answers."""
        self._machines.statement()
        return super().find_by_call(call_id)

    def find_by_sid(self, sid: str) -> Case | None:
        """As the book has it, if the database answers."""
        self._machines.statement()
        return super().find_by_sid(sid)

    def find_by_page(self, page_id: str) -> Case | None:
        """As the book has it, if the database answers."""
        self._machines.statement()
        return super().find_by_page(page_id)

    def save(
        self, before: Case, decision: Decision, at: dt.datetime, finishes: Lease | None = None
    ) -> tuple[Case, Sequence[str]]:
        """All or nothing, whatever comes before and after."""
        machines = self._machines
        machines.seam("before a save")
        machines.statement()
        if machines.world.likely(machines.weather.conflict):
            raise LostRaceError("somebody else was first")
        saved = super().save(before, decision, at, finishes)
        self.saved(before, saved[0], decision)
        for other, following in decision.also:
            self.saved_too(other, following.case, following)
        machines.seam("after a save")
        if machines.world.likely(machines.weather.away):
            machines.statement()
        return saved

    def saved(self, before: Case, after: Case, decision: Decision) -> None:
        """Told after each save."""

    def saved_too(self, before: Case, after: Case, decision: Decision) -> None:
        """Told of each other case that was saved with it."""


class UnreliableDue(MemoryJobQueue):
    """The errands in memory; whoever acts on them may die before and after."""

    def __init__(self, book: MemoryCallRepository, machines: Machines) -> None:
        """The errands of this book."""
        super().__init__(book.rows)
        self._machines = machines
        self.oddities: list[str] = []

    def find_next(self, due_by: dt.datetime = ANY_TIME) -> Mapping[Lane, dt.datetime]:
        """As kept, if the database answers."""
        self._machines.statement()
        return super().find_next(due_by)

    def set_right(self, now: dt.datetime) -> int:
        """What was written by a clock that was ahead counts anew, if the database answers."""
        self._machines.statement()
        return correct_clock_rollback(self.rows, now)

    def claim(
        self,
        now: dt.datetime,
        free: Mapping[Lane, int] = EACH_LANE,
        due_by: dt.datetime = ANY_TIME,
    ) -> Sequence[ClaimedJob]:
        """As kept, with a moment before and after."""
        self._machines.statement()
        claimed = super().claim(now, free, due_by)
        if claimed:
            self._machines.seam(f"having claimed {len(claimed)} jobs")
        return claimed

    def done(self, lease: Lease, now: dt.datetime) -> bool:
        """As kept, with a moment before."""
        self._machines.seam("before it says that it is done")
        self._machines.statement()
        return super().done(lease, now)

    def retry(self, lease: Lease, at: dt.datetime, reason: str) -> bool:
        """As kept; an error that no fault explains is remembered."""
        self._machines.statement()
        if not reason.startswith(EXPECTED):
            self.oddities.append(f"{self.rows.jobs[lease.job].command.kind}: {reason}")
        return super().retry(lease, at, reason)


class UnreliableBell:
    """Redis: a bell that may be away, with all that was rung."""

    def __init__(self, machines: Machines) -> None:
        """Nobody listens yet."""
        self._machines = machines
        self.rings = 0
        machines.wiped = self._wipe

    def notify(self, job_ids: Sequence[str]) -> None:
        """Wake a worker."""
        self._machines.seam("before the bell rings")
        if job_ids and not self._machines.redis_away:
            self.rings += 1
            self.rung()

    def rung(self) -> None:
        """Somebody may come and look."""

    def _wipe(self) -> None:
        self.rings = 0

"""What the processes stand on: the book, the errands and the bell, each of which can fail."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Sequence

from devtools.simulation.machines import Machines
from devtools.simulation.witness import Entry
from routing.decision import Case, Decision, LostRaceError
from routing.jobs import Command, Lease
from store.memory.call_repository import MemoryCallRepository
from store.memory.state import MemoryJobQueue, correct_clock_rollback

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

    def waking(self, now: dt.datetime) -> bool:
        """As kept, if the database answers."""
        self._machines.statement()
        return super().waking(now)

    def set_right(self, now: dt.datetime) -> int:
        """What was written by a clock that was ahead counts anew, if the database answers."""
        self._machines.statement()
        return correct_clock_rollback(self.rows, now)

    def claim(self, lease: Lease, now: dt.datetime) -> Command | None:
        """As kept, with a moment before and after."""
        self._machines.statement()
        claimed = super().claim(lease, now)
        if claimed is not None:
            self._machines.seam(f"having claimed {claimed.kind}")
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
    """Redis: a row of jobs that may be gone, with all that was in it."""

    def __init__(self, machines: Machines) -> None:
        """Nobody waits for a job yet."""
        self._machines = machines
        self.jobs: deque[Lease] = deque()
        machines.wiped = self.jobs.clear

    def notify(self, job_ids: Sequence[str]) -> None:
        """Wake a worker for each of these errands."""
        self._machines.seam("before the bell rings")
        self.tell([Lease(errand, 1) for errand in job_ids])

    def tell(self, leases: Sequence[Lease]) -> bool:
        """Put a job in line for each of these; False when Redis did not take them."""
        if self._machines.redis_away and leases:
            return False
        self.jobs.extend(leases)
        for _ in leases:
            self.rung()
        return True

    def rung(self) -> None:
        """Somebody may come and take a job."""

    @property
    def reachable(self) -> bool:
        """False while Redis does not answer."""
        return not self._machines.redis_away

    def in_line(self) -> frozenset[Lease] | None:
        """The errands whose jobs wait for a worker, None when Redis is away."""
        return None if self._machines.redis_away else frozenset(self.jobs)

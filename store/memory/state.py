"""What the book in memory holds, and how a decision is compared and set there."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from routing.call import Call
from routing.decision import Case, LostRaceError, replace_fields
from routing.incident import Incident
from routing.jobs import Command, Job, Lane
from routing.journal import JournalEntry
from routing.line import Handover
from routing.message import IncidentNote, Message, ReceivedText
from routing.notify.webhook import WebhookEvent
from routing.page import Page
from routing.recording import Recording
from store.work.jobs import CALENDAR, QUEUED_FOR, STRAY, Lease, lease_duration


class MemoryRows:
    """Plain attributes that tests may read."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.lock = Lock()
        self.calls: dict[str, Call] = {}
        self.incidents: dict[str, Incident] = {}  # with their live pages
        self.pages: dict[str, tuple[Incident, Page]] = {}
        self.live: dict[str, tuple[Incident, Page]] = {}  # of the pages
        self.pages_of: dict[str, dict[str, Page]] = {}  # by incident
        self.pages_to: dict[tuple[str, str], dict[str, tuple[str, Page]]] = {}  # line, engineer
        self.rung: set[str] = set()
        self.journal: list[tuple[dt.datetime, Case, JournalEntry]] = []
        self.errands: dict[str, Job] = {}
        self.undone = PendingJobs()
        self.held_then: dict[str, HeldJob] = {}  # of those that are done or given up
        self.letters: dict[str, Message] = {}
        self.recordings: dict[str, Recording] = {}
        self.sounds: dict[str, bytes] = {}
        self.reliefs: dict[str, Handover] = {}
        self.memos: dict[str, IncidentNote] = {}
        self.dispatches: list[WebhookEvent] = []
        self.texts: dict[str, ReceivedText] = {}
        self.slips: list[tuple[str, dt.datetime]] = []

    def send(self, messages: Sequence[Message], at: dt.datetime) -> list[str]:
        """Write messages, each once, with the jobs that send them; return the ids of the jobs
        due."""
        fresh = [message for message in messages if message.id not in self.letters]
        self.letters |= {message.id: message for message in fresh}
        return self.post([Job(message.at, message.sending) for message in fresh], at)

    def post(self, errands: Sequence[Job], at: dt.datetime) -> list[str]:
        """Write these errands; gives back the ids of those due."""
        posted = {f"e{len(self.errands) + i}": errand for i, errand in enumerate(errands)}
        self.errands |= posted
        for key, errand in posted.items():
            self.undone.post(key, errand, at)
        return [key for key, errand in posted.items() if errand.due_at <= at]

    def next_call(self, before: Call | None, after: Call | None) -> Call | None:
        """The call as it would be written; raises LostRaceError when it may not be."""
        seen = before or after
        kept = self.calls.get(seen.id) if seen else None
        if seen and seen.version != (kept.version if kept else 0):
            raise LostRaceError(f"call {seen.id} was changed by somebody else")
        if kept is None and after and after.sid in [call.sid for call in self.calls.values()]:
            raise LostRaceError(f"call {after.sid} exists")
        if after is None or after == before:
            return before
        return replace_fields(after, version=after.version + 1)

    def next_incident(self, before: Incident | None, after: Incident | None) -> Incident | None:
        """The incident as it would be written; raises LostRaceError when it may not be."""
        seen = before or after
        kept = self.incidents.get(seen.key) if seen else None
        if seen and seen.version != (kept.version if kept else 0):
            raise LostRaceError(f"incident {seen.key} was changed by somebody else")
        if after is None or after == before:
            return before
        self._refuse_second_leg(after)
        self._refuse_second_place(after)
        return replace_fields(
            after,
            number=after.number or 1001 + len(self.incidents),
            version=after.version + 1,
        )

    def refuse_second_note(self, memos: Sequence[IncidentNote]) -> None:
        """Raises LostRaceError when a note of one of these ids is kept already."""
        if any(memo.id in self.memos for memo in memos):
            raise LostRaceError("a note of this id exists")

    def keep(self, incident: Incident) -> None:
        """Write the incident and its pages."""
        theirs = self.pages_of.setdefault(incident.key, {})
        for page in incident.pages:
            self.pages[page.id] = (incident, page)
            theirs[page.id] = page
            to = self.pages_to.setdefault((incident.line, page.engineer), {})
            to[page.id] = (incident.key, page)
            self.live.pop(page.id, None)
            if page.live:
                self.live[page.id] = (incident, page)
        live = sorted((p for p in theirs.values() if p.live), key=_order)
        self.incidents[incident.key] = replace_fields(incident, pages=tuple(live))

    def with_pages(self, key: str, also: str | None = None) -> Incident:
        """The incident with its live pages, and with page ``also`` even when it has ended."""
        incident = self.incidents[key]
        if also is None or incident.page(also) is not None:
            return incident
        with_it = sorted((*incident.pages, self.pages_of[key][also]), key=_order)
        return replace_fields(incident, pages=tuple(with_it))

    def counted(self, line: str, contract: str | None, year: dt.date) -> list[Incident]:
        """The incidents that were ever counted in this year of the contract."""
        theirs = [i for i in self.incidents.values() if (i.line, i.contract) == (line, contract)]
        return [i for i in theirs if i.counted is not None and i.counted.year == year]

    def _refuse_second_place(self, after: Incident) -> None:
        if (mine := after.counted) is None:
            return
        others = self.counted(after.line, after.contract, mine.year)
        taken = [i.counted.place for i in others if i.counted and i.key != after.key]
        if mine.place in taken:
            raise LostRaceError("two incidents would have the same place in a contract year")

    def _refuse_second_leg(self, after: Incident) -> None:
        pages = self.live | {page.id: (after, page) for page in after.pages}
        held = [
            page.holds
            for incident, page in pages.values()
            if incident.line == after.line and page.live
        ]
        if len(held) != len(set(held)):
            raise LostRaceError("an engineer would have two live legs")


def _order(page: Page) -> tuple[dt.datetime, str]:
    return page.at, page.id


# The errands in memory that are not done: who holds each, and which is looked at next.


@dataclass
class HeldJob:
    """Who holds an errand: ``wakes_at`` is when it is looked at next."""

    state: str
    attempt: int
    wakes_at: dt.datetime
    created_at: dt.datetime
    last_error: str | None = None


class PendingJobs(dict[str, HeldJob]):
    """By id; a second list knows the order in which they wake."""

    def __init__(self) -> None:
        """Nothing is to be done."""
        super().__init__()
        self._wakes: list[tuple[dt.datetime, str]] = []

    def post(self, key: str, errand: Job, at: dt.datetime) -> None:
        """A new errand: in line at once when it is due by now."""
        due = errand.due_at <= at
        self[key] = HeldJob("queued" if due else "pending", int(due), errand.due_at, at)
        self.change(key, wakes_at=at + QUEUED_FOR if due else errand.due_at)

    def change(self, key: str, **values: object) -> None:
        """Who holds it now, and until when."""
        held = self[key]
        for name, value in values.items():
            setattr(held, name, value)
        if "wakes_at" in values:
            heapq.heappush(self._wakes, (held.wakes_at, key))

    def first_wakes_at(self) -> dt.datetime | None:
        """When the next one is to be looked at, None when all are done."""
        while self._wakes:
            at, key = self._wakes[0]
            if key in self and self[key].wakes_at == at:
                return at
            heapq.heappop(self._wakes)
        return None

    def waking(self, now: dt.datetime) -> Sequence[tuple[str, HeldJob]]:
        """Those to be looked at by now, in the order in which they were posted."""
        first = self.first_wakes_at()
        if first is None or first > now:
            return ()
        return [(key, held) for key, held in list(self.items()) if held.wakes_at <= now]


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

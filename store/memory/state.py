"""The rows of the repositories in memory, and the job queue on them."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from routing.call import Call
from routing.correspondence import CustomerMessage, IncidentFile
from routing.decision import Case, Decision, LostRaceError, replace_fields
from routing.incident import Incident
from routing.jobs import UNHURRIED, Job, Lane, Lease, LeaseLostError
from routing.journal import JournalEntry
from routing.line import Handover
from routing.message import IncidentNote, Message, ReceivedText
from routing.notify.webhook import WebhookEvent
from routing.page import Page
from routing.recording import Recording
from store.work.jobs import (
    ANY_TIME,
    CALENDAR,
    EACH_LANE,
    STRAY,
    ClaimedJob,
    lease_duration,
)


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
        self.jobs: dict[str, Job] = {}
        self.pending = PendingJobs()
        self.finished: dict[str, HeldJob] = {}  # of those that are done or given up
        self.messages: dict[str, Message] = {}
        self.recordings: dict[str, Recording] = {}
        self.sounds: dict[str, bytes] = {}
        self.handovers: dict[str, Handover] = {}
        self.notes: dict[str, IncidentNote] = {}
        self.customer_messages: dict[str, CustomerMessage] = {}
        self.files: dict[str, IncidentFile] = {}
        self.contents: dict[str, bytes] = {}  # of the files
        self.written_files = 0
        self.webhook_events: list[WebhookEvent] = []
        self.received_texts: dict[str, ReceivedText] = {}
        self.failed_pins: list[tuple[str, dt.datetime]] = []

    def write_messages(self, messages: Sequence[Message], at: dt.datetime) -> list[str]:
        """Write messages, each once, with the jobs that send them; return the ids of the jobs
        due."""
        fresh = [message for message in messages if message.id not in self.messages]
        self.messages |= {message.id: message for message in fresh}
        return self.write_jobs([Job(message.at, message.sending) for message in fresh], at)

    def write_jobs(self, jobs: Sequence[Job], at: dt.datetime) -> list[str]:
        """Write jobs; return the ids of those due."""
        written = {f"e{len(self.jobs) + i}": job for i, job in enumerate(jobs)}
        self.jobs |= written
        for key, job in written.items():
            self.pending.add(key, job, at)
        return [key for key, job in written.items() if job.due_at <= at]

    def refuse_lost(self, lease: Lease) -> None:
        """Raises LeaseLostError unless this attempt of the job is under way."""
        held = self.pending.get(lease.job)
        if held is None or (held.attempt, held.state) != (lease.attempt, "running"):
            raise LeaseLostError

    def end_job(self, key: str, state: str) -> None:
        """Record that a job is done or given up."""
        self.pending.change(key, state=state)
        self.finished[key] = self.pending.pop(key)

    def next_call(self, before: Call | None, after: Call | None) -> Call | None:
        """The call as it would be saved; raises LostRaceError when it may not be."""
        seen = before or after
        if seen is None:
            return None
        kept = self.calls.get(seen.id)
        _refuse_changed(seen, kept)
        if kept is None and seen.sid in [call.sid for call in self.calls.values()]:
            raise LostRaceError(f"call {seen.sid} exists")
        if after is None or after == before:
            return before
        return replace_fields(after, version=after.version + 1)

    def next_incident(self, before: Incident | None, after: Incident | None) -> Incident | None:
        """The incident as it would be saved; raises LostRaceError when it may not be."""
        seen = before or after
        if seen is None:
            return None
        _refuse_changed(seen, self.incidents.get(seen.key))
        if after is None or after == before:
            return before
        self._refuse_second_leg(after)
        self._refuse_second_place(after)
        return replace_fields(
            after,
            number=after.number or 1001 + len(self.incidents),
            version=after.version + 1,
        )

    def refuse_changed(self, before: Case) -> None:
        """Raises LostRaceError when a value of this case was changed since it was read."""
        if before.call is not None:
            _refuse_changed(before.call, self.calls.get(before.call.id))
        if before.incident is not None:
            _refuse_changed(before.incident, self.incidents.get(before.incident.key))

    def refuse_second_words(self, decision: Decision) -> None:
        """Raises LostRaceError when a note or a customer message of one of these ids is kept
        already, or a file is gone or attached."""
        if any(note.id in self.notes for note in decision.incident_notes):
            raise LostRaceError("a note of this id exists")
        if any(message.id in self.customer_messages for message in decision.customer_messages):
            raise LostRaceError("a customer message of this id exists")
        for file_id in decision.attached_files:
            file = self.files.get(file_id)
            if file is None or file.incident is not None:
                raise LostRaceError("a file is gone, or belongs to an incident already")

    def keep_correspondence(self, decision: Decision, incident: Incident | None) -> None:
        """Write the messages of a decision, and attach its files."""
        written = decision.customer_messages
        self.customer_messages |= {message.id: message for message in written}
        if incident is not None:
            for file_id in decision.attached_files:
                self.files[file_id] = replace(self.files[file_id], incident=incident.key)

    def keys_of(self, key: str) -> tuple[str, ...]:
        """The key of an incident, and the keys of those that were merged into it."""
        incident = self.incidents.get(key)
        if incident is None:
            return (key,)
        return (key, *incident.merged)

    def keep(self, incident: Incident) -> None:
        """Write the incident and its pages."""
        theirs = self.pages_of.setdefault(incident.key, {})
        for page in incident.pages:
            if page.id in self.pages:
                self._take_away(page.id, incident.key)
            self.pages[page.id] = (incident, page)
            theirs[page.id] = page
            to = self.pages_to.setdefault((incident.line, page.engineer), {})
            to[page.id] = (incident.key, page)
            self.live.pop(page.id, None)
            if page.live:
                self.live[page.id] = (incident, page)
        live = sorted((p for p in theirs.values() if p.live), key=_order)
        self.incidents[incident.key] = replace_fields(incident, pages=tuple(live))

    def _take_away(self, page_id: str, key: str) -> None:
        """A page that belonged to another incident than this one belongs to it no more."""
        before = self.pages[page_id][0].key
        if before != key:
            del self.pages_of[before][page_id]
            was = self.incidents[before]
            left = tuple(page for page in was.pages if page.id != page_id)
            self.incidents[before] = replace_fields(was, pages=left)

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


def _refuse_changed(seen: Call | Incident, kept: Call | Incident | None) -> None:
    version = 0
    if kept is not None:
        version = kept.version
    if seen.version != version:
        raise LostRaceError("the call or the incident was changed by another process")


def _order(page: Page) -> tuple[dt.datetime, str]:
    return page.at, page.id


@dataclass
class HeldJob:
    """The state of a job; ``wakes_at`` is when it is looked at next."""

    state: str
    attempt: int
    wakes_at: dt.datetime
    created_at: dt.datetime
    result: str | None = None


class PendingJobs(dict[str, HeldJob]):
    """By id; a second list knows the order in which they wake."""

    def __init__(self) -> None:
        """Nothing is to be done."""
        super().__init__()
        self._wakes: list[tuple[dt.datetime, str]] = []

    def add(self, key: str, job: Job, at: dt.datetime) -> None:
        """Add a new job."""
        self[key] = HeldJob("pending", 0, job.due_at, at)
        self.change(key, wakes_at=job.due_at)

    def change(self, key: str, **values: object) -> None:
        """Change the state of a job."""
        held = self[key]
        for name, value in values.items():
            setattr(held, name, value)
        if "wakes_at" in values:
            heapq.heappush(self._wakes, (held.wakes_at, key))

    def first_wakes_at(self) -> dt.datetime | None:
        """When the next job is looked at; None when there is none."""
        while self._wakes:
            at, key = self._wakes[0]
            if key in self and self[key].wakes_at == at:
                return at
            heapq.heappop(self._wakes)
        return None

    def waking(self, now: dt.datetime) -> Sequence[tuple[str, HeldJob]]:
        """The jobs to look at now, in the order in which they were written."""
        first = self.first_wakes_at()
        if first is None or first > now:
            return ()
        return [(key, held) for key, held in list(self.items()) if held.wakes_at <= now]


class MemoryJobQueue:
    """The job queue of ``store.work.jobs`` in memory; ``rows`` holds the leases."""

    def __init__(self, rows: MemoryRows) -> None:
        """The jobs among these rows."""
        self.rows = rows
        self._lock = Lock()

    def find_next(self, due_by: dt.datetime = ANY_TIME) -> Mapping[Lane, dt.datetime]:
        """When the next job of each lane is to be looked at, of those due by then."""
        found: dict[Lane, dt.datetime] = {}
        for key, held in list(self.rows.pending.items()):
            job = self.rows.jobs[key]
            if job.due_at <= due_by:
                lane = job.command.lane
                found[lane] = min(found.get(lane, held.wakes_at), held.wakes_at)
        return found

    def claim(
        self,
        now: dt.datetime,
        free: Mapping[Lane, int] = EACH_LANE,
        due_by: dt.datetime = ANY_TIME,
    ) -> Sequence[ClaimedJob]:
        """Begin the next attempt of due jobs, and of those whose lease has ended: at most so many
        of each lane, the oldest first, by lane. Only those due by ``due_by``."""
        with self._lock:
            waking = self.rows.pending.waking(now)
            wanted = [key for key, _ in waking if self.rows.jobs[key].due_at <= due_by]
            oldest_first = sorted(wanted, key=lambda key: self.rows.pending[key].wakes_at)
            claimed: list[ClaimedJob] = []
            for lane, most in free.items():
                theirs = [key for key in oldest_first if self.rows.jobs[key].command.lane is lane]
                claimed += [self._begin(key, now) for key in theirs[:most]]
            return claimed

    def _begin(self, key: str, now: dt.datetime) -> ClaimedJob:
        command, lease = self.rows.jobs[key].command, Lease(key, self.rows.pending[key].attempt + 1)
        ends = self._ends(lease, now)
        self.rows.pending.change(key, state="running", attempt=lease.attempt, wakes_at=ends)
        return ClaimedJob(lease, command.lane, command)

    def hold(self, lease: Lease, now: dt.datetime) -> bool:
        """Extend this attempt as if it started now; False when the lease was lost."""
        return self._change(lease, wakes_at=self._ends(lease, now))

    def done(self, lease: Lease, now: dt.datetime) -> bool:
        """Record that the job is done; False when the lease was lost."""
        return self._end(lease, "done")

    def retry(self, lease: Lease, at: dt.datetime, reason: str) -> bool:
        """Record a failure, and try again at this time; False when the lease was lost."""
        return self._change(lease, state="pending", wakes_at=at, result=reason)

    def put_back(self, lease: Lease, at: dt.datetime) -> bool:
        """Do it at this time instead; no attempt was made. False when the lease was lost."""
        before = lease.attempt - 1
        return self._change(lease, state="pending", wakes_at=at, attempt=before)

    def give_up(self, lease: Lease, now: dt.datetime, reason: str) -> bool:
        """Record a failure that is not tried again; False when the lease was lost."""
        return self._end(lease, "given_up", result=reason)

    def oldest_due(self, now: dt.datetime) -> dt.timedelta | None:
        """How long the most overdue job has been due; None when none is due."""
        pending = (self.rows.jobs[key] for key in self.rows.pending)
        due = (job.due_at for job in pending if job.command.lane not in UNHURRIED)
        oldest = min((at for at in due if at <= now), default=None)
        if oldest is None:
            return None
        return now - oldest

    def _ends(self, lease: Lease, now: dt.datetime) -> dt.datetime:
        return now + lease_duration(self.rows.jobs[lease.job].command.lane)

    def _change(self, lease: Lease, **values: object) -> bool:
        with self._lock:
            held = self.rows.pending.get(lease.job)
            if held is None or (held.attempt, held.state) != (lease.attempt, "running"):
                return False
            self.rows.pending.change(lease.job, **values)
            return True

    def _end(self, lease: Lease, state: str, **values: object) -> bool:
        ended = self._change(lease, **values)
        if ended:
            self.rows.end_job(lease.job, state)
        return ended


# A clock that was set back, for what is kept in memory: as ``store.setback`` does it.


def correct_clock_rollback(rows: MemoryRows, now: dt.datetime) -> int:
    """Correct jobs from before the clock was set back, and end leases; return how many."""
    stray = [key for key, held in rows.pending.items() if _stray(rows, key, held, now + STRAY)]
    for key in stray:
        held, job = rows.pending[key], rows.jobs[key]
        back = max(held.created_at - now, dt.timedelta())
        wakes_at = held.wakes_at - back
        if held.attempt:
            wakes_at = now
        rows.jobs[key] = replace(job, due_at=job.due_at - back)
        rows.pending.change(key, created_at=held.created_at - back, wakes_at=wakes_at)
    return len(stray)


def _stray(rows: MemoryRows, key: str, held: HeldJob, ahead: dt.datetime) -> bool:
    future = held.created_at > ahead or held.attempt > 0
    return held.wakes_at > ahead and future and rows.jobs[key].command.kind not in CALENDAR

"""What the book in memory holds, and how a decision is compared and set there."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from routing.call import Call
from routing.decision import Case, LostRaceError, replace_fields
from routing.incident import Incident
from routing.jobs import Job
from routing.journal import JournalEntry
from routing.line import Handover
from routing.message import IncidentNote, Message, ReceivedText
from routing.notify.webhook import WebhookEvent
from routing.page import Page
from routing.recording import Recording
from store.work.jobs import QUEUED_FOR


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

"""The book of calls and incidents in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from threading import Lock

from routing.incident import Incident, Page, State
from routing.line import Channel
from routing.place import turn_of
from routing.ports import Book, Decision, Matter, Notices
from store.memory.entitlement import MemoryEntitlement
from store.memory.inbox import MemoryInbox
from store.memory.letters import MemoryLetters
from store.memory.memos import MemoryMemos
from store.memory.recordings import MemoryRecordings
from store.memory.reliefs import MemoryReliefs
from store.memory.row import MemoryRow
from store.memory.rows import Rows
from store.memory.strangers import MemoryStrangers
from store.memory.unclosed import MemoryUnclosed
from store.record import hunted

_UNDONE = (State.OPEN, State.ACKNOWLEDGED)


class MemoryBook(
    MemoryStrangers,
    MemoryLetters,
    MemoryRecordings,
    MemoryEntitlement,
    MemoryReliefs,
    MemoryRow,
    MemoryMemos,
    MemoryUnclosed,
    MemoryInbox,
    Book,
):
    """Keeps what ``routing.ports.Book`` promises; ``rows`` shows what was written."""

    def __init__(self) -> None:
        """An empty book."""
        self.rows = Rows()
        self._lock = Lock()

    def moment(self) -> AbstractContextManager[None]:
        """Nothing else happens in the meantime."""
        return nullcontext()

    def matter_of_call(self, call_id: str) -> Matter | None:
        """The call of our id, with its incident if it has one."""
        call = self.rows.calls.get(call_id)
        if call is None:
            return None
        return Matter(call, self.rows.with_pages(call.incident) if call.incident else None)

    def matter_of_sid(self, sid: str) -> Matter | None:
        """The same, found by the carrier's id of the inbound call."""
        calls = self.rows.calls.values()
        return next((self.matter_of_call(call.id) for call in calls if call.sid == sid), None)

    def matter_of_leg(self, page_id: str) -> Matter | None:
        """The incident of this page, that page included, and the incident's latest call."""
        found = self.rows.pages.get(page_id)
        return self._of_incident(found[0].key, page_id) if found else None

    def matter_of_incident(self, key: str) -> Matter | None:
        """The incident with its live pages, and its latest call."""
        return self._of_incident(key) if key in self.rows.incidents else None

    def matter_of_number(self, number: int) -> Matter | None:
        """The incident of this number with its live pages, and its latest call."""
        numbered = (i.key for i in self.rows.incidents.values() if i.number == number)
        return next((self._of_incident(key) for key in numbered), None)

    def save(
        self, before: Matter, decision: Decision, at: dt.datetime
    ) -> tuple[Matter, Sequence[str]]:
        """Write what was decided, all or nothing; raises LostRaceError when it must be redone."""
        rows, after = self.rows, decision.matter
        with self._lock:
            call = rows.next_call(before.call, after.call)
            incident = rows.next_incident(before.incident, after.incident)
            rows.refuse_second_memo(decision.memos)
            if call is not None:
                rows.calls[call.id] = call
            if incident is not None:
                rows.keep(incident)
                if hunted(incident):
                    rows.rung.add(incident.key)
            saved = Matter(call, incident)
            rows.journal += [(at, saved, note) for note in decision.notes]
            rows.letters |= {letter.id: letter for letter in decision.letters}
            rows.recordings |= {r.id: r for r in decision.recordings}
            rows.memos |= {memo.id: memo for memo in decision.memos}
            rows.dispatches += decision.dispatches
            return saved, rows.post(decision.errands, at)

    def busy(self, line: str, but: str = "") -> frozenset[str]:
        """What live legs for other incidents than ``but`` hold: engineers, and numbers of the last
        resort."""
        there = [(i, page) for i, page in self.rows.live.values() if i.line == line]
        pages = [page for i, page in there if i.key != but]
        return frozenset(page.holds for page in pages)

    def last_leg(self, line: str, engineer: str) -> Page | None:
        """The latest leg of this engineer, live or ended."""
        pages = self.rows.pages_to.get((line, engineer), {}).values()
        legs = [page for _, page in pages if page.channel is Channel.CALL]
        return max(legs, key=lambda leg: leg.at, default=None)

    def notices(self, line: str, engineer: str, since: dt.datetime) -> Notices:
        """The texts and mails to this engineer since, newest first."""
        pages = self.rows.pages_to.get((line, engineer), {}).values()
        told = [(key, p) for key, p in pages if p.channel is not Channel.CALL and p.at >= since]
        return sorted(told, key=lambda one: (one[1].at, one[1].id), reverse=True)

    def hunted(self, line: str) -> Sequence[str]:
        """Keys of incidents still being hunted for, by level, plan and age."""
        sought = [i for i in self.rows.incidents.values() if i.line == line and hunted(i)]
        return [i.key for i in sorted(sought, key=turn_of)]

    def wanted(self, line: str, turn: str) -> frozenset[str]:
        """The engineers who are missed by a hunt whose turn comes before this one."""
        sought = [i for i in self.rows.incidents.values() if i.line == line and hunted(i)]
        first = [i for i in sought if i.hunt.missed and turn_of(i) < turn]
        return frozenset(person for i in first for person in i.hunt.missed)

    def open_incidents(self, line: str) -> Sequence[Incident]:
        """Incidents of the line that are open or acknowledged, oldest first."""
        undone = [i for i in self.rows.incidents.values() if i.line == line and i.state in _UNDONE]
        oldest_first = sorted(undone, key=lambda i: (i.opened_at, i.number))
        return [self.rows.with_pages(incident.key) for incident in oldest_first]

    def _of_incident(self, key: str, page_id: str | None = None) -> Matter:
        incident = self.rows.with_pages(key, page_id)
        return Matter(self.rows.calls.get(incident.call or ""), incident)

"""The row of those who wait for the desk, in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from routing.call import Call
from routing.incident import Kind
from routing.place import MOST_TALKS, place_of, talk_of
from store.memory.rows import Rows


class MemoryRow:
    """The part of the book that the desk's row is read from."""

    rows: Rows

    def row(self, line: str, kind: Kind | None = Kind.INCIDENT) -> Sequence[str]:
        """Keys of the incidents of this kind, or of any, that wait for their desk, in the order of
        service."""
        kinds = tuple(Kind) if kind is None else (kind,)
        ours = [i for i in self.rows.incidents.values() if i.line == line and i.kind in kinds]
        places = [(place_of(i), i.key) for i in ours]
        return [key for _, key in sorted((place, key) for place, key in places if place)]

    def desk_talks(
        self, line: str, since: dt.datetime, kind: Kind = Kind.INCIDENT
    ) -> Sequence[dt.timedelta]:
        """How long the latest talks of this kind, level 1 apart, took since; twenty at most."""
        calls = [c for c in self.rows.calls.values() if c.line == line and c.started_at >= since]
        latest = sorted(calls, key=lambda call: call.started_at, reverse=True)
        talks = [talk_of(call) for call in latest if self._at_the_desk(call, kind)]
        return [talk for talk in talks if talk is not None][:MOST_TALKS]

    def _at_the_desk(self, call: Call, kind: Kind) -> bool:
        incident = self.rows.incidents.get(call.incident or "")
        return incident is not None and incident.urgency > 1 and incident.kind is kind

"""What is happening on a line at this moment: who is on it, what is open, whom it rings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select, text

from routing.call import Call
from routing.incident import Incident, IncidentState
from routing.line import Channel
from routing.page import Page
from store.db.engine import reading
from store.tables.log import UNRESOLVED, calls, incidents, pages

MOST = 100
"""Rows of each kind that are read; a line with more of them needs people, not a page."""


@dataclass(frozen=True)
class LiveState:
    """The calls that live, the incidents that are not answered yet, both oldest first, and the
    live legs of each incident by its key."""

    calls: Sequence[Call]
    incidents: Sequence[Incident]
    legs: Mapping[str, Sequence[Page]]

    def incident_of(self, call: Call) -> Incident | None:
        """The incident that a call is about, while it is not answered."""
        return next((one for one in self.incidents if one.key == call.incident), None)


def read_live_state(engine: Engine, line: str) -> LiveState:
    """The line as it is now; costs the same however long its log has become."""
    live = select(calls.c.value).where(calls.c.line == line, calls.c.ended_at.is_(None)).limit(MOST)
    unanswered = (
        select(incidents.c.value)
        .where(incidents.c.line == line, text(UNRESOLVED))
        .order_by(incidents.c.opened_at)
        .limit(MOST)
    )
    with reading(engine) as connection:
        found = connection.scalars(unanswered).all()
        # sorted here: asked to sort, SQLite would walk through every call there ever was
        callers = sorted(connection.scalars(live), key=lambda call: call.started_at)
        keys = {one.key for one in found} | {one.incident for one in callers if one.incident}
        return LiveState(callers, found, _legs(connection, keys))


def _legs(connection: Connection, keys: set[str]) -> Mapping[str, Sequence[Page]]:
    wanted = (
        select(pages.c.incident, pages.c.value)
        .where(pages.c.incident.in_(keys), pages.c.live, pages.c.channel == Channel.CALL)
        .order_by(pages.c.at)
    )
    theirs: dict[str, list[Page]] = defaultdict(list)
    for row in connection.execute(wanted):
        theirs[row.incident].append(row.value)
    return theirs


# How much is open on a line, and how many are on the telephone, at this moment.


def count_open_incidents(engine: Engine, line: str) -> Mapping[str, int]:
    """Incidents that nobody has dealt with: by state, those of level 1, and those too late."""
    undone = (incidents.c.line == line, text(UNRESOLVED))
    with reading(engine) as connection:
        found = connection.scalars(select(incidents.c.value).where(*undone)).all()
    return {
        "open": sum(each.state is IncidentState.OPEN for each in found),
        "acknowledged": sum(each.state is IncidentState.ACKNOWLEDGED for each in found),
        "level_1": sum(each.urgency == 1 for each in found),
        "breached": sum(each.breached_at is not None for each in found),
    }


def count_callers(engine: Engine, line: str) -> int:
    """How many are on the telephone now."""
    live = (calls.c.line == line, calls.c.ended_at.is_(None))
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(calls).where(*live)) or 0

"""What the line's own log says when all is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, func, select

from devtools.bench.chaos.verdict import Kept, Span
from devtools.processes.truths import being_rung, forgotten
from routing.incident import Incident, IncidentState
from store.db.engine import reading
from store.tables.log import calls, incidents
from store.tables.work import jobs


def kept(engine: Engine) -> Mapping[str, Kept]:
    """What is kept of each call, by its sid."""
    with reading(engine) as connection:
        known: list[Incident] = list(connection.scalars(select(incidents.c.value)))
        rows = connection.execute(select(calls.c.sid, calls.c.incident)).all()
        undone = connection.scalars(select(jobs.c.command).where(jobs.c.done_at.is_(None))).all()
        rung = set(being_rung(connection, (i for i in known if i.state is IncidentState.OPEN)))
    due = {(deed.incident, deed.mark) for deed in undone if deed.kind == "continue_escalation"}
    standing = {i.key: _standing(i, i.key in rung, due) for i in known}
    return {row.sid: standing.get(row.incident, Kept.RECORD) for row in rows}


def _standing(incident: Incident, rings: bool, due: set[tuple[str, int]]) -> Kept:
    if incident.state is not IncidentState.OPEN:
        return Kept.TAKEN
    return Kept.FORGOTTEN if any(forgotten(incident, rings, due)) else Kept.PAGED


def steps(engine: Engine) -> Sequence[Span]:
    """When each errand was due and when it was done, of those that were done."""
    done = select(jobs.c.due_at, jobs.c.done_at).where(jobs.c.done_at.is_not(None))
    with reading(engine) as connection:
        rows = connection.execute(done).all()
        return [(row.due_at.timestamp(), row.done_at.timestamp()) for row in rows]


def overdue(engine: Engine, now: dt.datetime) -> int:
    """How many errands are due and not done."""
    due = select(func.count()).where(jobs.c.done_at.is_(None), jobs.c.due_at <= now)
    with reading(engine) as connection:
        return int(connection.scalar(due) or 0)


def open_incidents(engine: Engine) -> int:
    """How many incidents nobody has yet."""
    with reading(engine) as connection:
        found = select(func.count()).where(incidents.c.state == "open")
        return int(connection.scalar(found) or 0)

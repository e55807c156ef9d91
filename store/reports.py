"""The log: calls, incidents, and what happened to one of them, oldest first.

Read piece by piece, so that a long log neither fills memory nor holds a transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Engine, select, true, tuple_

from routing.incident import Incident, Page
from store.engine import reading
from store.entitlement import over_quota
from store.rows import Row, call_row, incident_row, recording_row
from store.tables import calls, incidents, pages, recordings
from store.timeline import timeline

AT_ONCE = 200


class Reports:
    """What the line has done, as rows of plain values."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def calls(self, line: str | None = None) -> Iterator[Row]:
        """Every call, of one line or of all."""
        place = tuple_(calls.c.started_at, calls.c.id)
        after: ColumnElement[bool] = true()
        while True:
            wanted = (
                select(calls.c.started_at, calls.c.id, calls.c.value, incidents.c.number)
                .join(incidents, calls.c.incident == incidents.c.key, isouter=True)
                .where(after, true() if line is None else calls.c.line == line)
                .order_by(calls.c.started_at, calls.c.id)
                .limit(AT_ONCE)
            )
            with reading(self._engine) as connection:
                found = connection.execute(wanted).all()
            yield from (call_row(row.value, row.number) for row in found)
            if len(found) < AT_ONCE:
                return
            after = place > (found[-1].started_at, found[-1].id)

    def incidents(self, line: str | None = None) -> Iterator[Row]:
        """Every incident with its calls and pages, of one line or of all."""
        last = 0
        while True:
            wanted = (
                select(incidents.c.value)
                .where(incidents.c.number > last)
                .where(true() if line is None else incidents.c.line == line)
                .order_by(incidents.c.number)
                .limit(AT_ONCE)
            )
            with reading(self._engine) as connection:
                found = connection.scalars(wanted).all()
                rows = with_pages_of(connection, found)
            yield from rows
            if len(found) < AT_ONCE:
                return
            last = found[-1].number

    def recordings(self, incident: int | None = None) -> list[Row] | None:
        """What was said, for every incident or for the one of this number; None when there is no
        such incident."""
        wanted = (
            select(recordings.c.value, incidents.c.number)
            .join(incidents, recordings.c.incident == incidents.c.key, isouter=True)
            .where(true() if incident is None else incidents.c.number == incident)
            .order_by(recordings.c.made_at, recordings.c.id)
        )
        there = select(incidents.c.key).where(incidents.c.number == incident)
        with reading(self._engine) as connection:
            if incident is not None and connection.scalar(there) is None:
                return None
            found = connection.execute(wanted).all()
        return [recording_row(row.value, row.number) for row in found]

    def incident(self, number: int) -> list[Row]:
        """The incident of this number as it stands among the others; none where there is none."""
        wanted = select(incidents.c.value).where(incidents.c.number == number)
        with reading(self._engine) as connection:
            return with_pages_of(connection, connection.scalars(wanted).all())

    def show(self, which: str) -> list[Row] | None:
        """What happened, and why, to the incident of this number or the call of this sid; None
        when there is no such."""
        with reading(self._engine) as connection:
            return timeline(connection, which)


def with_pages_of(connection: Connection, found: Sequence[Incident]) -> list[Row]:
    """These incidents with all their pages."""
    theirs: dict[str, list[Page]] = defaultdict(list)
    wanted = select(pages.c.incident, pages.c.value).order_by(pages.c.at, pages.c.id)
    keys = [incident.key for incident in found]
    for row in connection.execute(wanted.where(pages.c.incident.in_(keys))):
        theirs[row.incident].append(row.value)
    over = over_quota(connection, found)
    return [incident_row(i, theirs[i.key], over_quota=i.key in over) for i in found]

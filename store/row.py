"""The row of those who wait for the desk: its order, and how long its talks take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Engine, and_, select

from routing.call import Outcome
from routing.incident import Kind
from routing.place import MOST_TALKS, talk_of
from store.engine import reading
from store.tables import calls, incidents


class SqlRow:
    """The part of the book that the desk's row is read from."""

    _engine: Engine

    def row(self, line: str, kind: Kind | None = Kind.INCIDENT) -> Sequence[str]:
        """Keys of the incidents of this kind, or of any, that wait for their desk, in the order of
        service."""
        waits = and_(incidents.c.line == line, incidents.c.row_place.is_not(None))
        if kind is not None:
            waits = and_(waits, incidents.c.kind == kind)
        with reading(self._engine) as connection:
            found = select(incidents.c.key).where(waits).order_by(incidents.c.row_place)
            return connection.scalars(found).all()

    def desk_talks(
        self, line: str, since: dt.datetime, kind: Kind = Kind.INCIDENT
    ) -> Sequence[dt.timedelta]:
        """How long the latest talks of this kind, level 1 apart, took since; twenty at most."""
        recent = and_(calls.c.line == line, calls.c.started_at >= since)
        served = and_(incidents.c.urgency > 1, incidents.c.kind == kind)
        talked = and_(calls.c.outcome == Outcome.CONNECTED, served)
        latest = (
            select(calls.c.value)
            .join(incidents, incidents.c.key == calls.c.incident)
            .where(recent, talked)
            .order_by(calls.c.started_at.desc())
            .limit(MOST_TALKS)
        )
        with reading(self._engine) as connection:
            talks = [talk_of(call) for call in connection.scalars(latest)]
            return [talk for talk in talks if talk is not None]

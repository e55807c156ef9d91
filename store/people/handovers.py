"""Shift handovers in a database, each written once however many processes plan it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from routing.decision import LostRaceError
from routing.line import Handover
from routing.ports import HandoverDecision, HandoverRepository
from store.db.engine import reading, writing
from store.log.messages import send_messages
from store.tables.people import handovers
from store.work.jobs import write_jobs


class SqlHandoverRepository(HandoverRepository):
    """The handovers of every line."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def add(self, decision: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a new handover with all that follows, unless it exists."""
        new = decision.handover
        theirs = and_(handovers.c.line == new.line, handovers.c.engineer == new.engineer)
        same = and_(theirs, handovers.c.schedule == new.schedule, handovers.c.at == new.at)
        try:
            with writing(self._engine) as connection:
                if connection.scalar(select(handovers.c.id).where(same)) is not None:
                    return ()
                over = and_(theirs, handovers.c.ends_at <= at)
                connection.execute(update(handovers).where(over).values(open_code=None))
                connection.execute(insert(handovers), _row(new))
                return _follow(connection, decision, at)
        except IntegrityError as error:
            raise LostRaceError("this handover or its code was written just now") from error

    def update(self, decision: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a changed handover with all that follows; raises LostRaceError."""
        before = decision.handover
        after = replace(before, version=before.version + 1)
        same = and_(handovers.c.id == before.id, handovers.c.version == before.version)
        with writing(self._engine) as connection:
            changed = connection.execute(update(handovers).where(same).values(_row(after)))
            if changed.rowcount != 1:
                raise LostRaceError(f"handover {before.id} was changed by another process")
            return _follow(connection, decision, at)

    def find(self, handover_id: str) -> Handover | None:
        """The handover of this id."""
        with reading(self._engine) as connection:
            return connection.scalar(select(handovers.c.value).where(handovers.c.id == handover_id))

    def find_current(self, line: str, engineer: str, now: dt.datetime) -> Sequence[Handover]:
        """The handovers of this engineer whose duty is not over, oldest first."""
        lasts = or_(handovers.c.ends_at.is_(None), handovers.c.ends_at > now)
        return self._find(and_(handovers.c.line == line, handovers.c.engineer == engineer, lasts))

    def find_between(self, line: str, start: dt.datetime, end: dt.datetime) -> Sequence[Handover]:
        """The handovers of the line from one moment to just before another, oldest first."""
        return self._find(
            and_(handovers.c.line == line, handovers.c.at >= start, handovers.c.at < end)
        )

    def _find(self, which: ColumnElement[bool]) -> Sequence[Handover]:
        order = (handovers.c.at, handovers.c.schedule, handovers.c.engineer)
        with reading(self._engine) as connection:
            return connection.scalars(select(handovers.c.value).where(which).order_by(*order)).all()


def _follow(connection: Connection, decision: HandoverDecision, at: dt.datetime) -> Sequence[str]:
    due = send_messages(connection, decision.messages, at)
    return [*due, *write_jobs(connection, decision.jobs, at)]


def _row(handover: Handover) -> dict[str, Any]:
    return {
        "id": handover.id,
        "line": handover.line,
        "schedule": handover.schedule,
        "at": handover.at,
        "engineer": handover.engineer,
        "ends_at": handover.until,
        "open_code": handover.code if handover.waits else None,
        "version": handover.version,
        "value": handover,
    }

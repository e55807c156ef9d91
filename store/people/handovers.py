"""Reliefs: who came on at which handover, each written once however many processes plan it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from routing.decision import LostRaceError
from routing.jobs import Job
from routing.line import Handover
from routing.ports import HandoverDecision, HandoverRepository
from store.db.engine import reading, writing
from store.log.messages import send_letters
from store.tables.people import reliefs
from store.tables.work import errands
from store.work.jobs import post


class SqlHandoverRepository(HandoverRepository):
    """The reliefs of every line."""

    _engine: Engine

    def plan(self, wanted: Sequence[Job], at: dt.datetime) -> Sequence[str]:
        """Write errands that have a name, each name once; gives back those due."""
        names = [errand.name for errand in wanted]
        if not names:
            return ()
        known = select(errands.c.id).where(errands.c.id.in_(names))
        with reading(self._engine) as connection:
            found = set(connection.scalars(known))
        return [
            one for errand in wanted if errand.name not in found for one in self._once(errand, at)
        ]

    def relieve(self, telling: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a new relief with all that follows, unless it is there already."""
        new = telling.relief
        theirs = and_(reliefs.c.line == new.line, reliefs.c.engineer == new.engineer)
        same = and_(theirs, reliefs.c.schedule == new.schedule, reliefs.c.at == new.at)
        try:
            with writing(self._engine) as connection:
                if connection.scalar(select(reliefs.c.id).where(same)) is not None:
                    return ()
                over = and_(theirs, reliefs.c.ends_at <= at)
                connection.execute(update(reliefs).where(over).values(open_code=None))
                connection.execute(insert(reliefs), _row(new))
                return _follow(connection, telling, at)
        except IntegrityError as error:
            raise LostRaceError("this relief was written, or its code given, just now") from error

    def relief(self, relief_id: str) -> Handover | None:
        """The relief of this id."""
        with reading(self._engine) as connection:
            return connection.scalar(select(reliefs.c.value).where(reliefs.c.id == relief_id))

    def reliefs_of(self, line: str, engineer: str, now: dt.datetime) -> Sequence[Handover]:
        """The reliefs of this person that are not over by now, oldest first."""
        lasting = or_(reliefs.c.ends_at.is_(None), reliefs.c.ends_at > now)
        theirs = and_(reliefs.c.line == line, reliefs.c.engineer == engineer, lasting)
        return self._found(theirs)

    def relief_became(self, telling: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a changed relief with all that follows; LostRaceError when somebody was first."""
        before = telling.relief
        after = replace(before, version=before.version + 1)
        same = and_(reliefs.c.id == before.id, reliefs.c.version == before.version)
        with writing(self._engine) as connection:
            changed = connection.execute(update(reliefs).where(same).values(_row(after)))
            if changed.rowcount != 1:
                raise LostRaceError(f"relief {before.id} was changed by somebody else")
            return _follow(connection, telling, at)

    def reliefs(self, line: str, start: dt.datetime, end: dt.datetime) -> Sequence[Handover]:
        """The reliefs of the line from one moment to just before another, oldest first."""
        return self._found(and_(reliefs.c.line == line, reliefs.c.at >= start, reliefs.c.at < end))

    def _once(self, errand: Job, at: dt.datetime) -> Sequence[str]:
        try:
            with writing(self._engine) as connection:
                return post(connection, [errand], at)
        except IntegrityError:  # another process was quicker
            return ()

    def _found(self, which: Any) -> Sequence[Handover]:
        ordered = reliefs.c.at, reliefs.c.schedule, reliefs.c.engineer
        with reading(self._engine) as connection:
            found = select(reliefs.c.value).where(which).order_by(*ordered)
            return connection.scalars(found).all()


def _follow(connection: Connection, telling: HandoverDecision, at: dt.datetime) -> Sequence[str]:
    letters = send_letters(connection, telling.letters, at)
    return [*letters, *post(connection, telling.errands, at)]


def _row(relief: Handover) -> dict[str, Any]:
    found = {"id": relief.id, "line": relief.line, "schedule": relief.schedule, "at": relief.at}
    found |= {"engineer": relief.engineer, "ends_at": relief.until, "version": relief.version}
    return found | {"open_code": relief.code if relief.waits else None, "value": relief}

"""Signs of life: each process leaves one every few seconds."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, and_, delete, func, insert, select, update

from store.engine import reading, writing
from store.tables import beats

_FORGOTTEN = dt.timedelta(hours=1)


class Beats:
    """The last sign of life of every process, by kind: worker, clock."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def beat(self, kind: str, name: str, now: dt.datetime) -> None:
        """This process lives; others of its kind are forgotten after an hour."""
        this = and_(beats.c.kind == kind, beats.c.name == name)
        gone = and_(beats.c.kind == kind, beats.c.at < now - _FORGOTTEN)
        with writing(self._engine) as connection:
            if not connection.execute(update(beats).where(this).values(at=now)).rowcount:
                row = {"kind": kind, "name": name, "at": now}
                connection.execute(insert(beats), row)
                connection.execute(delete(beats).where(gone))

    def leave(self, kind: str, name: str) -> None:
        """This process ends, and says so."""
        with writing(self._engine) as connection:
            connection.execute(delete(beats).where(beats.c.kind == kind, beats.c.name == name))

    def last(self, kind: str) -> dt.datetime | None:
        """When a process of this kind last gave a sign of life."""
        with reading(self._engine) as connection:
            latest = select(func.max(beats.c.at)).where(beats.c.kind == kind)
            found: dt.datetime | None = connection.scalar(latest)
            return found

    def living(self, kind: str, since: dt.datetime) -> list[str]:
        """The names of those of this kind that gave a sign of life since then."""
        names = select(beats.c.name).where(beats.c.kind == kind, beats.c.at > since)
        with reading(self._engine) as connection:
            return list(connection.scalars(names.order_by(beats.c.name)))

    def newest(self, kind: str) -> tuple[str, dt.datetime] | None:
        """Who of this kind gave the last sign of life, and when."""
        latest = select(beats.c.name, beats.c.at).where(beats.c.kind == kind)
        with reading(self._engine) as connection:
            row = connection.execute(latest.order_by(beats.c.at.desc()).limit(1)).first()
            return None if row is None else (row.name, row.at)

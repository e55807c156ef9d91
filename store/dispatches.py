"""Dispatches: written with the decision that made them, sent until a program has heard them.

They are due work of their own, apart from the errands: a program that is away for hours neither
makes the line late nor stands before a telephone that must ring.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, and_, exists, insert, select, update

from routing.dispatch import Dispatch, body
from routing.incident import Incident
from store.engine import reading, writing
from store.tables import dispatches

LEASE = dt.timedelta(seconds=20)
"""Outlasts one attempt to send."""

DELIVERED, GIVEN_UP = "delivered", "given_up"
_WAITS = dispatches.c.done_at.is_(None)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A dispatch that is ours to send, once; ``tries`` counts this attempt too."""

    place: int
    id: str
    line: str
    hook: str
    body: str
    tries: int


def write_dispatches(
    connection: Connection, wanted: Sequence[Dispatch], incident: Incident | None
) -> None:
    """Write what programs are to hear of the incident as it has just been saved."""
    if incident is not None and wanted:
        connection.execute(insert(dispatches), [_row(each, incident) for each in wanted])


class Dispatches:
    """The dispatches of every line, as whoever sends them uses them."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def lease(self, now: dt.datetime) -> Parcel | None:
        """The next to be sent: of one incident and program always the oldest that waits."""
        with reading(self._engine) as connection:
            due = select(dispatches.c.place).where(_WAITS, dispatches.c.wakes_at <= now)
            if connection.scalar(due.limit(1)) is None:
                return None
        with writing(self._engine) as connection:
            ours = connection.scalar(_next(now).with_for_update(skip_locked=True))
            row = connection.execute(_leased(now).where(dispatches.c.place == ours)).first()
            return None if row is None else Parcel(**row._mapping)

    def delivered(self, parcel: Parcel, now: dt.datetime, answer: str) -> None:
        """The program has it."""
        self._change(parcel, done_at=now, result=DELIVERED, answer=answer)

    def put_off(self, parcel: Parcel, until: dt.datetime, answer: str) -> None:
        """The program did not take it: to be tried again then."""
        self._change(parcel, wakes_at=until, answer=answer)

    def give_up(self, parcel: Parcel, now: dt.datetime, answer: str) -> None:
        """It is not tried any more, unless somebody asks for that."""
        self._change(parcel, done_at=now, result=GIVEN_UP, answer=answer)

    def leave_alone(self, parcel: Parcel, until: dt.datetime) -> None:
        """Whatever else waits for this program waits until then: it does not answer at all."""
        its = and_(dispatches.c.line == parcel.line, dispatches.c.hook == parcel.hook)
        early = and_(_WAITS, its, dispatches.c.wakes_at < until)
        with writing(self._engine) as connection:
            connection.execute(update(dispatches).where(early).values(wakes_at=until))

    def _change(self, parcel: Parcel, **values: Any) -> None:
        held = and_(dispatches.c.place == parcel.place, dispatches.c.tries == parcel.tries, _WAITS)
        with writing(self._engine) as connection:
            connection.execute(update(dispatches).where(held).values(values))


def _next(now: dt.datetime) -> Any:
    earlier = dispatches.alias("earlier")
    same = [earlier.c[name] == dispatches.c[name] for name in ("line", "hook", "incident")]
    waits = (earlier.c.done_at.is_(None), earlier.c.place < dispatches.c.place)
    first = ~exists().where(*same, *waits)
    due = select(dispatches.c.place).where(_WAITS, dispatches.c.wakes_at <= now, first)
    return due.order_by(dispatches.c.wakes_at, dispatches.c.place).limit(1)


def _leased(now: dt.datetime) -> Any:
    again = {"tries": dispatches.c.tries + 1, "wakes_at": now + LEASE}
    given = (dispatches.c[name] for name in Parcel.__dataclass_fields__)
    return update(dispatches).values(again).returning(*given)


def _row(dispatch: Dispatch, incident: Incident) -> dict[str, Any]:
    return {
        "id": dispatch.id,
        "line": dispatch.line,
        "hook": dispatch.hook,
        "incident": dispatch.incident,
        "happening": dispatch.happening,
        "at": dispatch.at,
        "body": body(dispatch, incident),
        "tries": 0,
        "wakes_at": dispatch.at,
    }

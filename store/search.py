"""Calls found by whatever is known of them, newest first, with bounded work in a log of any length.

Of what was asked for, that which fewest calls have leads through its own index; the rest is
compared on the way. Whoever looks is told how far back a search has come.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from routing.call import Call
from store.asked import Asked, Way, along, plain, shortest
from store.engine import reading
from store.listing import Place
from store.tables import calls, incidents

__all__ = ["Asked", "Found", "every", "search"]

AT_ONCE = 500
"""Calls that are compared, or exported, in one piece."""

PATIENCE = 0.1
"""Seconds after which a first page is given with what was found so far."""

MORE_PATIENCE = 1.0
"""The same for whoever goes on to look further back."""

Numbered = tuple[Call, int | None]
"""A call, and the number of its incident if it has one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of calls. ``older`` is where the next one begins; ``looked_back_to`` is set when the
    page is not full although the search has not come to its end."""

    calls: Sequence[Numbered]
    older: Place | None = None
    looked_back_to: dt.datetime | None = None


def search(
    engine: Engine,
    asked: Asked,
    before: Place | None = None,
    size: int = 50,
    patience: float | None = None,
) -> Found:
    """The newest calls that fit, or as many of them as patience allows."""
    if patience is None:
        patience = PATIENCE if before is None else MORE_PATIENCE
    ends, fitting = time.monotonic() + patience, list[Place]()
    with reading(engine) as connection:
        way = shortest(connection, asked)
        piece = size + 1 if plain(asked) else max(size + 1, AT_ONCE // len(way))
        for places, last in _pieces(connection, way, asked, before, piece):
            fitting += places
            if len(fitting) > size:
                return Found(_calls(connection, fitting[:size]), fitting[size - 1])
            if last is not None and time.monotonic() >= ends:
                return Found(_calls(connection, fitting), last, last[0])
        return Found(_calls(connection, fitting))


def every(engine: Engine, asked: Asked) -> Iterator[Numbered]:
    """All calls that fit, newest first; a few hundred at a time are in memory."""
    with reading(engine) as connection:
        way = shortest(connection, asked)
    before: Place | None = None
    while True:
        with reading(engine) as connection:
            places, before = next(_pieces(connection, way, asked, before, AT_ONCE))
            found = _calls(connection, places)
        yield from found
        if before is None:
            return


def _pieces(
    connection: Connection, way: Way, asked: Asked, before: Place | None, at_once: int
) -> Iterator[tuple[Sequence[Place], Place | None]]:
    """What fits among so many calls at a time, and the last one looked at; None at the end."""
    while True:
        looked_at = connection.execute(along(way, asked, before, at_once)).all()
        full = len(looked_at) == at_once
        before = (looked_at[-1].started_at, looked_at[-1].id) if full else None
        yield [(row.started_at, row.id) for row in looked_at if row.fits], before
        if before is None:
            return


def _calls(connection: Connection, places: Sequence[Place]) -> list[Numbered]:
    if not places:
        return []
    wanted = (
        select(calls.c.id, calls.c.value, incidents.c.number)
        .join(incidents, calls.c.incident == incidents.c.key, isouter=True)
        .where(calls.c.id.in_([place[1] for place in places]))
    )
    known = {row.id: (row.value, row.number) for row in connection.execute(wanted)}
    return [known[place[1]] for place in places if place[1] in known]

"""Contracts found by whatever is known of them, with bounded work among any number of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, select, tuple_

from routing.contract import Contract
from store.contracts import contracts_that, read_contracts
from store.engine import reading
from store.sought import Sought, Way, fits, ways
from store.tables import contracts

AT_ONCE = 500
"""Contracts that are compared in one piece."""

PATIENCE = 0.1
"""Seconds after which a first page is given with what was found so far."""

MORE_PATIENCE = 1.0
"""The same for whoever goes on."""

Place = tuple[int, str, str]
"""Where a page ends: the how manieth way is followed, and the last place along it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some contracts. ``further`` is where the next page begins; ``cut`` is true when this one is
    not full although the search has not come to its end."""

    contracts: Sequence[Contract]
    further: Place | None = None
    cut: bool = False


def look_up(engine: Engine, sought: Sought, after: Place | None = None, size: int = 50) -> Page:
    """The first contracts that fit, or as many of them as patience allows."""
    ends = time.monotonic() + (PATIENCE if after is None else MORE_PATIENCE)
    followed, start = ways(sought), after or (0, "", "")
    numbers: list[str] = []
    with reading(engine) as connection:
        for index in range(start[0], len(followed)):
            place = start[1:] if index == start[0] and after else None
            while True:
                rows = _piece(connection, sought, followed[index], place)
                for row in rows:
                    place = (str(row.key), str(row.tie))
                    if row.fits and row.number not in numbers:
                        numbers.append(row.number)
                    if len(numbers) == size:
                        return Page(_read(connection, sought, numbers), (index, *place))
                if len(rows) < AT_ONCE:
                    break
                if time.monotonic() >= ends and place is not None:
                    return Page(_read(connection, sought, numbers), (index, *place), cut=True)
        return Page(_read(connection, sought, numbers))


def along(sought: Sought, way: Way, after: tuple[str, str] | None) -> Select[Any]:
    """The next contracts along a way, each with its place and whether all of it fits."""
    columns = (contracts.c.number, way.key.label("key"), way.tie.label("tie"))
    found = select(*columns, fits(sought, way).label("fits")).select_from(way.source)
    found = found.where(*way.bounds)
    if after is not None:
        here = tuple_(way.key, way.tie)
        place = (way.read(after[0]), way.read_tie(after[1]))
        found = found.where(here < place if way.backwards else here > place)
    order = (way.key.desc(), way.tie.desc()) if way.backwards else (way.key, way.tie)
    return found.order_by(*order).limit(AT_ONCE)


def _piece(
    connection: Connection, sought: Sought, way: Way, after: tuple[str, str] | None
) -> Sequence[Any]:
    return connection.execute(along(sought, way, after)).all()


def _read(connection: Connection, sought: Sought, numbers: Sequence[str]) -> list[Contract]:
    named = and_(contracts.c.line == sought.line, contracts.c.number.in_(numbers))
    known = {one.number: one for one in read_contracts(connection, contracts_that(named))}
    return [known[number] for number in numbers if number in known]

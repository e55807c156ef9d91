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

AT_ONCE = 10_000
"""Contracts that are compared in one piece."""

PATIENCE = 0.1
"""Seconds after which a first page is given with what was found so far."""

MORE_PATIENCE = 1.0
"""The same for whoever goes on."""

Place = tuple[int, str, str]
"""Where a page ends: the how manieth way is followed, and the last place along it."""

Along = tuple[str, str]
"""A place along a way."""


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
    numbers: dict[str, None] = {}
    with reading(engine) as connection:
        for index in range(start[0], len(followed)):
            way, place = followed[index], start[1:] if after and index == start[0] else None
            while True:
                piece = _end(connection, sought, way, place)
                rows = connection.execute(_fitting(sought, way, place, piece, size)).all()
                for row in rows:
                    numbers[row.number] = None
                    place = (str(row.key), str(row.tie))
                    if len(numbers) == size:
                        return Page(_read(connection, sought, numbers), (index, *place))
                if len(rows) == size:
                    continue  # some contracts came twice, by two of their contacts
                if piece is None:
                    break
                place = piece
                if time.monotonic() >= ends:
                    return Page(_read(connection, sought, numbers), (index, *place), cut=True)
        return Page(_read(connection, sought, numbers))


def _end(connection: Connection, sought: Sought, way: Way, after: Along | None) -> Along | None:
    """Where the next piece of a way ends; None at its end, or where all that lies along it fits."""
    if not fits(sought, way):
        return None
    wanted = _along(way, after).offset(AT_ONCE - 1).limit(1)
    row = connection.execute(wanted).first()
    return None if row is None else (str(row.key), str(row.tie))


def _fitting(
    sought: Sought, way: Way, after: Along | None, until: Along | None, size: int
) -> Select[Any]:
    """The first contracts of a piece that fit."""
    found = _along(way, after).add_columns(contracts.c.number).where(*fits(sought, way))
    if until is not None:
        here, place = _places(way, until)
        found = found.where(here >= place if way.backwards else here <= place)
    return found.limit(size)


def _along(way: Way, after: Along | None) -> Select[Any]:
    """Whatever lies along a way, each with its place."""
    found = select(way.key.label("key"), way.tie.label("tie")).select_from(way.source)
    found = found.where(*way.bounds)
    if after is not None:
        here, place = _places(way, after)
        found = found.where(here < place if way.backwards else here > place)
    order = (way.key.desc(), way.tie.desc()) if way.backwards else (way.key, way.tie)
    return found.order_by(*order)


def _places(way: Way, place: Along) -> tuple[Any, Any]:
    return tuple_(way.key, way.tie), (way.read(place[0]), way.read_tie(place[1]))


def _read(connection: Connection, sought: Sought, numbers: dict[str, None]) -> list[Contract]:
    named = and_(contracts.c.line == sought.line, contracts.c.number.in_(numbers))
    known = {one.number: one for one in read_contracts(connection, contracts_that(named))}
    return [known[number] for number in numbers if number in known]

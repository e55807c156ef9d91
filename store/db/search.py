"""Search with bounded work in a table of any size.

A search follows one or more index paths. A path lists rows in the order of an index, reads them in
pieces by keyset (no offset into the past), and compares each row with the other conditions. After
each piece it may stop, and says where the next page begins.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from store.db.sql_types import FoldedText

Condition = ColumnElement[bool]
Item = TypeVar("Item")
Position = TypeVar("Position")

Key = tuple[Any, Any]
"""The position of a row on its path."""

Cursor = tuple[int, Any, Any]
"""The number of a path, and a key on it: the next page begins after it."""

FIRST_PATIENCE = 0.1
"""Seconds after which a first page ends with what was found so far."""

PATIENCE = 1.0
"""The same for a later page."""

COUNTED = 1000
"""Rows that are counted on each path to find the shortest."""

_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class IndexPath:
    """Rows in the order of ``key``, two columns that are unique together. An index serves each of
    ``branches``, which hold for different rows; ``compared`` is compared on the way. ``ident`` is
    the column that a search returns."""

    key: tuple[ColumnElement[Any], ColumnElement[Any]]
    ident: ColumnElement[Any]
    source: FromClause
    branches: tuple[Condition, ...]
    compared: tuple[Condition, ...] = ()
    descending: bool = False

    def select_rows(
        self, after: Key | None, limit: int, offset: int = 0, last: Key | None = None
    ) -> Select[Any]:
        """Select the rows after a key and up to another, and whether each fits."""
        bounds = self._bound(after, last)
        parts = [self._select_branch(one, bounds).limit(offset + limit) for one in self.branches]
        if len(parts) == 1:
            return parts[0].limit(limit).offset(offset)
        merged = union_all(*(select(part.subquery()) for part in parts)).subquery()
        return self._in_order(select(merged), merged.c).limit(limit).offset(offset)

    def select_fitting(
        self, after: Key | None, last: Key | None, at_once: int, limit: int
    ) -> Select[Any]:
        """Select the rows that fit among those. The limit of the inner statement keeps a database
        from choosing an index by what is only to be compared."""
        if not self.compared:
            return self.select_rows(after, limit)
        piece = self.select_rows(after, at_once, last=last).subquery()
        return self._in_order(select(piece).where(piece.c.fits), piece.c).limit(limit)

    def _bound(self, after: Key | None, last: Key | None) -> list[Condition]:
        here, bounds = tuple_(*self.key), list[Condition]()
        if after is not None:
            bounds.append(here < after if self.descending else here > after)
        if last is not None:
            bounds.append(here >= last if self.descending else here <= last)
        return bounds

    def _select_branch(self, branch: Condition, bounds: Sequence[Condition]) -> Select[Any]:
        key, tie = self.key
        fits = and_(true(), *self.compared)
        columns = (
            key.label("key"),
            tie.label("tie"),
            self.ident.label("ident"),
            fits.label("fits"),
        )
        rows = select(*columns).select_from(self.source).where(branch, *bounds)
        if self.descending:
            return rows.order_by(key.desc(), tie.desc())
        return rows.order_by(key, tie)

    def _in_order(self, rows: Select[Any], columns: Any) -> Select[Any]:
        if self.descending:
            return rows.order_by(columns.key.desc(), columns.tie.desc())
        return rows.order_by(columns.key, columns.tie)


@dataclass(frozen=True, slots=True)
class Hits:
    """The idents of a page, in order. ``following`` is where the next page begins; ``cut`` is True
    when time ran out before the page was full."""

    idents: Sequence[Any]
    following: Cursor | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """How many idents a page has, how many rows a piece at most, and how many seconds a search
    takes. The first piece is small, because most pages are full after it; each next one is twice as
    large."""

    size: int
    at_once: int
    seconds: float


def find_page(
    connection: Connection, paths: Sequence[IndexPath], after: Cursor | None, limits: SearchLimits
) -> Hits:
    """The next idents along these paths, each once, or as many as time allows."""
    ends = time.monotonic() + limits.seconds
    hits: dict[Any, None] = {}
    last = after
    for cursor, ident in _walk(connection, paths, after, limits):
        if ident is None:
            if time.monotonic() >= ends:
                return Hits(list(hits), cursor, cut=True)
        elif ident not in hits and len(hits) == limits.size:
            return Hits(list(hits), last)
        else:
            hits[ident] = None
        last = cursor
    return Hits(list(hits))


def choose_shortest(connection: Connection, paths: Sequence[IndexPath]) -> IndexPath:
    """The path with the fewest rows, as far as they are counted."""
    if len(paths) == 1:
        return paths[0]
    counts = connection.execute(select(*(_count(path) for path in paths))).one()
    return min(zip(counts, paths, strict=True), key=lambda each: int(each[0]))[1]


def _count(path: IndexPath) -> Any:
    rows = select(path.ident).select_from(path.source).where(or_(*path.branches))
    return select(func.count()).select_from(rows.limit(COUNTED).subquery()).scalar_subquery()


def _walk(
    connection: Connection, paths: Sequence[IndexPath], after: Cursor | None, limits: SearchLimits
) -> Iterator[tuple[Cursor, Any]]:
    """Yield the idents that fit, each with its cursor, and None at the end of each piece."""
    first, key = 0, None
    if after is not None:
        first, key = after[0], after[1:]
    for number, path in enumerate(paths[first:], start=first):
        size = 2 * limits.size
        while True:
            size = min(size, limits.at_once)
            end = _find_piece_end(connection, path, key, size)
            for row in _read_piece(connection, path, (key, end), size, limits.size + 1):
                yield (number, row.key, row.tie), row.ident
            if end is None:
                break
            key, size = end, 2 * size
            yield (number, *key), None
        key = None


def _find_piece_end(
    connection: Connection, path: IndexPath, after: Key | None, at_once: int
) -> Key | None:
    """The key of the last row of a piece; None where the path ends, or nothing is compared."""
    if not path.compared:
        return None
    listed = replace(path, compared=())
    row = connection.execute(listed.select_rows(after, 1, at_once - 1)).first()
    return None if row is None else (row.key, row.tie)


def _read_piece(
    connection: Connection,
    path: IndexPath,
    piece: tuple[Key | None, Key | None],
    size: int,
    most: int,
) -> Iterator[Row[Any]]:
    after, last = piece
    while True:
        wanted = path.select_fitting(after, last, size, most)
        rows = connection.execute(wanted).all()
        yield from rows
        if len(rows) < most:
            return
        after = (rows[-1].key, rows[-1].tie)


def read_pages(
    read: Callable[[Position | None], tuple[Sequence[Item], Position | None]],
) -> Iterator[Item]:
    """Everything on all pages: ``read`` returns the page after a position, and the position after
    which the next one begins."""
    after = None
    while True:
        items, after = read(after)
        yield from items
        if after is None:
            return


# Text. Names are compared without regard to capitals, in the order of their characters.


def begins_with(name: ColumnElement[str], words: str) -> Condition:
    """True when the name begins with these words; an index on the folded name serves it."""
    return folded_begins_with(FoldedText(name), words)


def folded_begins_with(folded: ColumnElement[str], words: str) -> Condition:
    """The same for an expression that is folded already."""
    after = FoldedText(literal(words + _LAST_CHARACTER))
    return (folded >= FoldedText(literal(words))) & (folded < after)


def has_later_word(name: ColumnElement[str], words: str) -> Condition:
    """True when a word after the first begins with these; no index serves it."""
    return func.lower(name).contains(f" {words.lower()}", autoescape=True)


def number_begins_with(number: ColumnElement[str], digits: str) -> Condition:
    """True when the number begins with these digits, in the collation of any database."""
    increased = digits.rstrip("9")
    if not increased:
        return number >= digits
    return (number >= digits) & (number < increased[:-1] + str(int(increased[-1]) + 1))

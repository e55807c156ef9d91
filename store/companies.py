"""The contracts of a company, found by what somebody remembers of its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Engine, func, literal, select

from store.engine import reading
from store.inside import Folded
from store.tables import contracts

LAST = "\U0010ffff"
"""Stands behind every character that a name can have."""

NAMES = 50_000
"""So many names at most are read for a word in their middle."""


def contracts_of(engine: Engine, line: str, words: str, most: int) -> Mapping[str, str]:
    """Company names by contract number, ``most`` of them: the contract of this number, else names
    that begin so, else names with a word that begins so."""
    with reading(engine) as connection:
        return (
            _find(connection, line, contracts.c.number == words, most)
            or _find(connection, line, _begins(words), most)
            or _within(connection, line, words, most)
        )


def _begins(words: str) -> ColumnElement[bool]:
    name = Folded(contracts.c.customer)
    return (name >= Folded(literal(words))) & (name < Folded(literal(words + LAST)))


def _find(
    connection: Connection, line: str, which: ColumnElement[bool], most: int
) -> Mapping[str, str]:
    wanted = (
        select(contracts.c.number, contracts.c.customer)
        .where(contracts.c.line == line, which)
        .order_by(Folded(contracts.c.customer))
        .limit(most)
    )
    return {row.number: row.customer for row in connection.execute(wanted)}


def _within(connection: Connection, line: str, words: str, most: int) -> Mapping[str, str]:
    names = select(contracts.c.number, contracts.c.customer).where(contracts.c.line == line)
    some = names.order_by(Folded(contracts.c.customer)).limit(NAMES).subquery()
    has = func.lower(some.c.customer).contains(f" {words.lower()}", autoescape=True)
    wanted = select(some.c.number, some.c.customer).where(has).limit(most)
    return {row.number: row.customer for row in connection.execute(wanted)}


def customers(engine: Engine, line: str, numbers: Sequence[str]) -> Mapping[str, str]:
    """Company names by contract number, of those contracts that there still are."""
    wanted = select(contracts.c.number, contracts.c.customer)
    mine = wanted.where(contracts.c.line == line, contracts.c.number.in_(numbers))
    with reading(engine) as connection:
        return {row.number: row.customer for row in connection.execute(mine)}

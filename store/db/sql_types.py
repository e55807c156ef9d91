"""SQL expressions and column types that differ between the databases.

An expression folds a name, or takes a part of it, so that an index serves it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache, cached_property, lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Date, DateTime, Dialect, MetaData, String, Table, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import TypeDecorator


def build_insert(connection: Connection, table: Table) -> Any:
    """An INSERT that can say what happens on a conflict: each database has its own."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # loaded only where it is the database

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


class Surname(FunctionElement[str]):
    """The last word of a name, with a to z in lower case."""

    type = String()
    inherit_cache = True


class LastDay(FunctionElement[dt.date]):
    """The last day of a contract; a contract without an end ends after all others."""

    type = Date()
    inherit_cache = True


class FoldedText(FunctionElement[str]):
    """Text with a to z in lower case, in the order of its characters, in every database."""

    type = String()
    inherit_cache = True


_AFTER_THE_LAST_BLANK = "substr(name, length(rtrim(name, replace(name, ' ', ''))) + 1)"


@compiles(Surname)
def _surname(element: Surname, compiler: Any, **_: Any) -> str:
    return f"lower({_AFTER_THE_LAST_BLANK})"


@compiles(Surname, "postgresql")
def _surname_by_character(element: Surname, compiler: Any, **_: Any) -> str:
    return f'lower({_AFTER_THE_LAST_BLANK} COLLATE "C")'


@compiles(LastDay)
def _last_day(element: LastDay, compiler: Any, **_: Any) -> str:
    return "coalesce(valid_until, '9999-12-31')"


@compiles(LastDay, "postgresql")
def _last_day_of_postgresql(element: LastDay, compiler: Any, **_: Any) -> str:
    return "coalesce(valid_until, '9999-12-31'::date)"


@compiles(FoldedText)
def _folded(element: FoldedText, compiler: Any, **given: Any) -> str:
    return f"lower({compiler.process(element.clauses, **given)})"


@compiles(FoldedText, "postgresql")
def _folded_by_character(element: FoldedText, compiler: Any, **given: Any) -> str:
    return f'lower({compiler.process(element.clauses, **given)} COLLATE "C")'


# Column types: a moment in UTC, and a value as JSON.


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware moment, stored and returned in UTC; a naive one is a ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[dt.datetime | None], Any]:
        """In UTC; for SQLite as text, in the form of its own type, which takes five times as
        long."""
        return _to_text if dialect.name == "sqlite" else _to_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Aware again, in UTC."""
        return _from_text if dialect.name == "sqlite" else _to_utc


def _to_utc(value: dt.datetime | None) -> dt.datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(dt.UTC)


def _to_text(value: dt.datetime | None) -> str | None:
    moment = _to_utc(value)
    if moment is None:
        return None
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_text(value: str | None) -> dt.datetime | None:
    if value is None:
        return None
    return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)


def prepare_json(metadata: MetaData) -> None:
    """Build what reads and writes each JSON column: it takes milliseconds, once in a process."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, JsonValue):
                column.type.prepare()


class JsonValue(TypeDecorator[Any]):
    """A frozen value of ``routing`` as JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any, recent: int = 0) -> None:
        """``kind`` is the class, or the union of classes, that the JSON is read back into. The
        ``recent`` values that were read last are not read again while their JSON is the same."""
        super().__init__()
        self.kind, self.recent = kind, recent
        # Each takes some milliseconds, and SQLAlchemy copies this type for each engine.
        self._adapter = cache(lambda: TypeAdapter[Any](kind))

    @cached_property
    def _read(self) -> Callable[[str], Any]:
        if self.recent:
            return lru_cache(self.recent)(self._adapter().validate_json)
        return self._adapter().validate_json

    def prepare(self) -> None:
        """Build what reads and writes the JSON, which the first use would wait for."""
        self._adapter()

    def read(self, text: str) -> Any:
        """A value as it is stored; raises ValidationError."""
        return self._read(text)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The value as JSON."""
        return None if value is None else self._adapter().dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value as it was."""
        return None if value is None else self._read(value)

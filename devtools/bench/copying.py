"""Rows copied by the million inside a database, each copy with ids and moments of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date

from devtools.bench.story import Story
from store.db.sql_types import UtcDateTime
from store.tables.base import metadata

Words = Mapping[str, str]
"""What stands in a row of the story, and the SQL for what stands there in copy ``n``."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies from ``first`` to just before ``last``, those for which ``which`` holds."""

    first: int
    last: int
    which: str = "true"

    def pieces(self, size: int) -> Iterator[Copies]:
        """The same, so many at a time."""
        for start in range(self.first, self.last, size):
            yield replace(self, first=start, last=min(start + size, self.last))

    def every(self, step: int) -> Copies:
        """One of so many."""
        return replace(self, which=f"n % {step} = 0")

    def but(self, step: int) -> Copies:
        """All but those."""
        return replace(self, which=f"n % {step} <> 0")


class Dialect:
    """How SQLite says what a copy needs."""

    date = "text"

    def series(self, of: Copies) -> str:
        """A table of numbers."""
        more = f"SELECT n + 1 FROM copies WHERE n + 1 < {of.last}"  # noqa: S608
        return f"WITH RECURSIVE copies(n) AS (SELECT {of.first} UNION ALL {more})"

    def hexadecimal(self, number: str) -> str:
        """Fifteen digits."""
        return f"printf('%015x', {number})"

    def minute(self, start: str, seconds: str, between: str) -> str:
        """The minute so many seconds after the start, its date and time apart by a sign."""
        return f"strftime('%Y-%m-%d{between}%H:%M', '{start}', ({seconds}) || ' seconds')"

    def moment(self, value: str) -> str:
        """A text as a moment."""
        return value


class PostgreSQL(Dialect):
    """The same for PostgreSQL."""

    date = "date"

    def series(self, of: Copies) -> str:
        """A table of numbers."""
        numbers = f"generate_series({of.first}::bigint, {of.last - 1})"
        return f"WITH copies(n) AS (SELECT {numbers})"

    def hexadecimal(self, number: str) -> str:
        """Fifteen digits."""
        return f"lpad(to_hex({number}), 15, '0')"

    def minute(self, start: str, seconds: str, between: str) -> str:
        """The minute so many seconds after the start, its date and time apart by a sign."""
        moment = f"timestamp '{start}' + ({seconds}) * interval '1 second'"
        return f"to_char({moment}, 'YYYY-MM-DD\"{between}\"HH24:MI')"

    def moment(self, value: str) -> str:
        """A text as a moment."""
        return f"({value} || '+00')::timestamptz"


def dialect_of(connection: Connection) -> Dialect:
    """The dialect that this database understands."""
    return Dialect() if connection.dialect.name == "sqlite" else PostgreSQL()


def copy(connection: Connection, story: Story, words: Words, of: Copies) -> None:
    """Write copies of all rows; what they leave out, such as a key that counts up, is filled in."""
    dialect = dialect_of(connection)
    known = {word: f"w{place}" for place, word in enumerate(words)}
    once = ", ".join(f"{words[word]} AS {name}" for word, name in known.items())
    made = f"{dialect.series(of)} SELECT {once} FROM copies WHERE {of.which}"  # noqa: S608
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE said AS {made}")
    for table, row in ((table, row) for table, rows in story.rows.items() for row in rows):
        names = ", ".join(f'"{name}"' for name in row)
        values = (_value(dialect, metadata.tables[table].c[n], row[n], known) for n in row)
        connection.exec_driver_sql(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM said"  # noqa: S608
        )
    connection.exec_driver_sql("DROP TABLE said")


def _value(dialect: Dialect, column: Column[Any], value: Any, words: Words) -> str:
    kind = column.type
    if value is None:
        return "NULL"
    if isinstance(kind, Boolean):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    spelled = _spelled(value, words)
    if isinstance(kind, Date):
        return f"CAST({spelled} AS {dialect.date})"
    return dialect.moment(spelled) if isinstance(kind, UtcDateTime) else spelled


def _spelled(value: str, words: Words) -> str:
    """A text in SQL, with each of the words in it put as SQL of its own."""
    known = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    parts = re.split(f"({known})", value)
    quoted = (words.get(part) or "'" + part.replace("'", "''") + "'" for part in parts if part)
    return " || ".join(quoted) or "''"

"""Statements of the hot paths: compiled once for each database, run by its driver.

SQLAlchemy takes ten times as long as the database for a statement that finds one row. These are
its statements and its column types all the same; only the work that is alike each time is done
once. Use them where a telephone waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Table, bindparam, insert

from store.db.engine import raise_driver_error

Row = tuple[Any, ...]
Convert = Callable[[Any], Any]


_EVERY: list[Prepared] = []


def compile_statements(connection: Connection) -> None:
    """Compile every statement for this database, so that no telephone waits for it."""
    for statement in _EVERY:
        statement.compile(connection)


def watch_statements(wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Run each statement through a wrapper of ``_Compiled.execute``, as traces do. Without one it
    costs nothing."""
    _Compiled.execute = wrap(_Compiled.execute)  # type: ignore[method-assign]
    _Compiled.execute_many = wrap(_Compiled.execute_many)  # type: ignore[method-assign]


def prepare_insert(table: Table, *names: str) -> Prepared:
    """The INSERT of one row with these columns, or with all of them."""
    return Prepared(
        insert(table).values({name: bindparam(name) for name in names or table.c.keys()})
    )


class Prepared:
    """One statement, for every engine. Errors are SQLAlchemy's, and contain no values."""

    def __init__(self, statement: Executable | Callable[[Dialect], Executable]) -> None:
        """A statement with ``bindparam`` for each value that differs from run to run; an INSERT or
        UPDATE names its columns in ``values``. A function makes it where the databases differ."""
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}
        _EVERY.append(self)

    def rows(self, connection: Connection, **given: Any) -> list[Row]:
        """Every row that is found."""
        made = self.compile(connection)
        return made.read(made.execute(connection, given, fetch=True))

    def first(self, connection: Connection, **given: Any) -> Row | None:
        """The first row, if there is one."""
        found = self.rows(connection, **given)
        return found[0] if found else None

    def scalars(self, connection: Connection, **given: Any) -> list[Any]:
        """The first value of every row."""
        return [row[0] for row in self.rows(connection, **given)]

    def scalar(self, connection: Connection, **given: Any) -> Any:
        """The first value of the first row, or None."""
        found = self.rows(connection, **given)
        return found[0][0] if found else None

    def run(self, connection: Connection, **given: Any) -> int:
        """Change rows; return how many."""
        changed: int = self.compile(connection).execute(connection, given)
        return changed

    def run_many(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each of these rows."""
        self.compile(connection).execute_many(connection, rows)

    def compile(self, connection: Connection) -> _Compiled:
        """The statement as the driver of this database runs it."""
        name = connection.dialect.name
        made = self._compiled.get(name)
        if made is None:
            made = self._compiled[name] = _Compiled(self._statement, connection.dialect)
        return made


class _Compiled:
    """A statement as one driver runs it."""

    def __init__(
        self, statement: Executable | Callable[[Dialect], Executable], dialect: Dialect
    ) -> None:
        if not isinstance(statement, Executable):
            statement = statement(dialect)
        found: Any = statement
        made = found.compile(dialect=dialect)
        self.sql = str(made)
        self._fixed: dict[str, Any] = {}
        self._given: list[tuple[str, Convert | None]] = []
        for name, parameter in made.binds.items():
            convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if parameter.required:
                self._given.append((name, convert))
            else:
                value = parameter.effective_value
                self._fixed[name] = convert(value) if convert else value
        self._order: Sequence[str] | None = made.positiontup
        returned = [column.type.dialect_impl(dialect) for column in _columns(statement)]
        readers = [kind.result_processor(dialect, None) for kind in returned]
        self._readers = readers if any(readers) else []

    def execute(
        self, connection: Connection, given: Mapping[str, Any], *, fetch: bool = False
    ) -> Any:
        """Run it; return its rows as the driver reads them, or else how many were changed."""
        driver: Any = connection.connection.driver_connection
        try:
            cursor = driver.execute(self.sql, self._bind(given))
            return cursor.fetchall() if fetch else cursor.rowcount
        except connection.dialect.loaded_dbapi.Error as error:
            raise_driver_error(connection, error)

    def execute_many(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it for each row; PostgreSQL gets several at once, which one alone is not worth."""
        values = [self._bind(row) for row in rows]
        if not values:
            return
        driver: Any = connection.connection.driver_connection
        try:
            if len(values) == 1:
                driver.execute(self.sql, values[0])
            else:
                driver.cursor().executemany(self.sql, values)
        except connection.dialect.loaded_dbapi.Error as error:
            raise_driver_error(connection, error)

    def _bind(self, given: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        values = dict(self._fixed)
        for name, convert in self._given:
            values[name] = convert(given[name]) if convert else given[name]
        if self._order is None:
            return values
        return [values[name] for name in self._order]

    def read(self, rows: list[Row]) -> list[Row]:
        """The rows as their columns are read."""
        if not self._readers:
            return rows
        return [
            tuple(
                value if convert is None else convert(value)
                for value, convert in zip(row, self._readers, strict=True)
            )
            for row in rows
        ]


def _columns(statement: Any) -> Sequence[Any]:
    """What a SELECT reads, or what a change returns."""
    found = getattr(statement, "selected_columns", None)
    if found is None:
        found = statement.exported_columns
    return list(found)

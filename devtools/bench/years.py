"""Years of use, copied inside the database from calls that the line itself has written down."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text, update

from devtools.bench import cast
from devtools.bench.copying import Copies, Words, copy, dialect_of
from devtools.bench.story import (
    AT,
    CONTACT_ID,
    CUSTOMERS,
    LOG,
    NUMBER,
    PLACE,
    YEAR,
    Story,
    customer,
    hung_up,
    taken,
)
from store.db.engine import reading
from store.tables.log import counters
from store.tables.people import contacts, contracts

SPAN = dt.timedelta(days=5 * 365)
EVERY = 20
"""One call of so many led to an incident that somebody took; the others hung up at once."""

AT_ONCE = 200_000
CARELESS = (
    "journal_mode=OFF",
    "synchronous=OFF",
    "foreign_keys=OFF",
    "temp_store=MEMORY",
    "cache_size=-1000000",
)


@dataclass(frozen=True, slots=True)
class Years:
    """How much there is; written before ``until``."""

    contracts: int
    calls: int
    pin_hash: str
    until: dt.datetime

    def there(self, engine: Engine) -> bool:
        """True for a database that has been filled: customers are written last."""
        with reading(engine) as connection:
            found = connection.scalar(select(func.count()).select_from(contracts)) or 0
        return 0 < self.contracts <= found

    def fill(self, engine: Engine) -> None:
        """Write all of it into a migrated database."""
        with _bulk(engine) as connection:
            with _without_indexes(connection):
                self._write(connection)
            if engine.dialect.name == "postgresql":
                last = f"SELECT setval(pg_get_serial_sequence('{contacts.name}', 'id'), :last)"
                connection.execute(text(last), {"last": self.contracts})

    def _write(self, connection: Connection) -> None:
        short, long = hung_up(), taken()
        for piece in Copies(0, self.calls).pieces(AT_ONCE):
            copy(connection, short, self._words(connection, short), piece.but(EVERY))
            copy(connection, long, self._words(connection, long), piece.every(EVERY))
            _say(f"{piece.last:,} of {self.calls:,} calls")
        said = customer(self.pin_hash)
        for piece in Copies(0, self.contracts).pieces(AT_ONCE):
            copy(connection, said, self._words(connection, said), piece)
        numbered = update(counters).where(counters.c.name == "incident")
        connection.execute(numbered.values(value=1001 + self.calls // EVERY))

    def _words(self, connection: Connection, story: Story) -> Words:
        """What is another in each copy: whose call it is, when, and every id."""
        say = dialect_of(connection)
        who = f"(n * 7919 % {self.contracts})" if story.ids else "n"
        start = f"{self.until - SPAN:%Y-%m-%d %H:%M:00}"
        seconds = f"n * {SPAN.total_seconds() / max(self.calls, 1)}"
        words = {
            cast.phone(0): f"'{cast.phone(0)[:4]}' || ({cast.phone(0)[4:]} + {who})",
            cast.contract(0): f"({cast.contract(0)} + {who})",
            CONTACT_ID: "n + 1",
            NUMBER: f"(n / {EVERY} + 1001)",
            PLACE: f"(n / {self.contracts} + 1)",
        }
        for between in (" ", "T"):
            words[f"{AT:%Y-%m-%d{between}%H:%M}"] = say.minute(start, seconds, between)
        minute = say.minute(start, seconds, " ")
        words |= {f"{AT:%Y-%m-%d}": f"substr({minute}, 1, 10)"}
        if story.ids:
            words |= {YEAR: f"substr({minute}, 1, 4) || '-01-01'"}
        spread = 16**15 // max(self.calls, 1)
        drawn = say.hexadecimal(f"n * {spread}")
        return words | {one: f"{drawn} || '{k:017x}'" for k, one in enumerate(story.ids)}


@contextmanager
def _bulk(engine: Engine) -> Iterator[Connection]:
    """A connection that is quick and careless: whoever is interrupted begins anew."""
    with engine.connect() as connection:
        connection.execution_options(no_parameters=True)  # a percent sign is a modulo here
        if engine.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            for careless in CARELESS:
                driver.execute(f"PRAGMA {careless}")
        yield connection
        connection.commit()


@contextmanager
def _without_indexes(connection: Connection) -> Iterator[None]:
    """Indexes are made once, at the end, from what is then there, and in the order in which the
    migration made them: of two that fit, SQLite takes the newer."""
    tables = {table.name for table in (*CUSTOMERS, *LOG)}
    found = connection.exec_driver_sql(_INDEXES[connection.dialect.name]).all()
    plain = [(name, made) for table, name, made in found if table in tables]
    for name, _ in plain:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    for name, made in plain:
        _say(name)
        connection.exec_driver_sql(made)


def _say(progress: str) -> None:
    """Progress of what may take an hour, for somebody who watches."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{progress:<60}")


_INDEXES = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' "
    "AND sql LIKE 'CREATE INDEX%' ORDER BY rowid",
    "postgresql": "SELECT tablename, indexname, indexdef FROM pg_indexes "
    "WHERE schemaname = current_schema() AND indexdef LIKE 'CREATE INDEX%'",
}
"""The indexes that forbid nothing, and how each is made."""

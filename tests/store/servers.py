"""Whole databases of a test's own on the PostgreSQL server of the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine, text

from store.db.engine import open_engine


@contextmanager
def own_databases(*names: str) -> Iterator[Sequence[Engine]]:
    """Empty databases, gone afterwards."""
    server = open_engine(os.environ["TEST_DATABASE_URL"])
    plainly = server.execution_options(isolation_level="AUTOCOMMIT")
    urls = [server.url.set(database=f"{name}_{os.getpid()}") for name in names]
    engines = [open_engine(url.render_as_string(hide_password=False)) for url in urls]
    try:
        with plainly.connect() as connection:
            for url in urls:
                connection.execute(text(f"DROP DATABASE IF EXISTS {url.database}"))
                connection.execute(text(f"CREATE DATABASE {url.database}"))
        yield engines
    finally:
        for engine in engines:
            engine.dispose()
        with plainly.connect() as connection:
            for url in urls:
                connection.execute(text(f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)"))
        server.dispose()

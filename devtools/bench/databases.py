"""Empty databases: SQLite files, or schemas of the PostgreSQL that TEST_DATABASE_URL names."""

from __future__ import annotations

import os

from sqlalchemy import text

from store.db.engine import open_engine, writing

_URL = os.environ.get("TEST_DATABASE_URL", "")
POSTGRESQL = bool(_URL)
NAME = "PostgreSQL" if POSTGRESQL else "SQLite"


def empty(name: str, folder: str) -> str:
    """The address of a database in which nothing stands."""
    if not POSTGRESQL:
        return f"sqlite:///{folder}/{name}.db"
    engine = open_engine(_URL)
    with writing(engine) as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS bench_{name} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA bench_{name}"))
    engine.dispose()
    return f"{_URL}{'&' if '?' in _URL else '?'}options=-csearch_path%3Dbench_{name}"

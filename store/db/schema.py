"""Brings the database to the tables of this version, while processes of the last one go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from store.db.engine import needs_own_session, reading, writing

LOCK_TIMEOUT = "2s"
"""For no longer does a migration stand in line for a table: whoever comes after waits behind it."""

_ASK_AGAIN = 0.2
_LOCK = 1_146_112  # any number, the same for all releases


def migrate(engine: Engine) -> None:
    """Apply the migrations that are missing; of two releases at once the second waits.

    Raises OperationalError when a table is held for longer than LOCK_TIMEOUT; asked again, it goes
    on where it was. Raises PooledError where PgBouncer stands between.
    """
    if engine.dialect.name == "sqlite":
        alone = writing(engine)
    elif migrated(engine):
        return  # and so it works through a pool, too, as long as nothing is missing
    else:
        needs_own_session(engine, "A migration")
        alone = _alone(engine)
    with alone as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def migrated(engine: Engine) -> bool:
    """True when the database has the tables of this version, or those of a later one, which have
    all that this version needs."""
    with reading(engine) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found is not None and found not in _earlier()


@cache
def _earlier() -> frozenset[str]:
    """The migrations before the last one of this version, read from their files once."""
    scripts = ScriptDirectory.from_config(_config())
    every = {script.revision for script in scripts.walk_revisions()}
    return frozenset(every - {scripts.get_current_head()})


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A session of PostgreSQL that holds the release's lock, and is closed with it.

    No transaction is around all of it: each migration commits, so that no lock outlasts its own,
    and an index can be made without one.
    """
    with engine.connect() as connection:
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            connection.rollback()  # an index that is made concurrently waits for whoever waits
            time.sleep(_ASK_AGAIN)
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        try:
            yield connection
        finally:
            connection.invalidate()  # lock and setting go with the session


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config

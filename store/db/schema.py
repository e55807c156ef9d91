"""Migrates the database schema while processes of the previous release go on working."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from store.db.engine import needs_own_session, reading, writing

if TYPE_CHECKING:
    from alembic.config import Config

LOCK_TIMEOUT = "2s"
"""How long a migration waits for a lock on a table: later statements wait behind it."""

_RELEASED = re.compile(r"\d{4}_\w+")
"""A revision of a release, such as ``0001_initial``; development versions used the number alone."""

_FOLDERS = (Path(__file__).parent.parent / "migrations" / "versions",)
"""The folders of the migrations; each file is named after its revision."""

_ASK_AGAIN = 0.2
_LOCK = 1_146_112  # any number, the same for all releases


class SchemaError(Exception):
    """The database has a schema that no release made; the message is a sentence."""


def migrate(engine: Engine) -> None:
    """Apply the missing migrations. When two releases run at once, the second waits.

    Raises OperationalError when a table is locked for longer than LOCK_TIMEOUT; a second attempt
    continues from there. Raises PooledError when the connection goes through PgBouncer, and
    SchemaError when a development version made the database.
    """
    from alembic import command  # the other commands do not wait for it

    if is_migrated(engine):
        return  # also through a pool
    _refuse_unreleased(engine)
    if engine.dialect.name == "sqlite":
        alone = writing(engine)
    else:
        needs_own_session(engine, "A migration")
        alone = _alone(engine)
    with alone as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_migrated(engine: Engine) -> bool:
    """True when the database has the schema of this release or of a later one: a later schema has
    everything that this release needs."""
    found = _current_revision(engine)
    if found is None or not _RELEASED.fullmatch(found):
        return False
    return found not in _earlier(_FOLDERS)


def _current_revision(engine: Engine) -> str | None:
    """The revision of the database; None when it is empty."""
    with reading(engine) as connection:
        if not connection.dialect.has_table(connection, "alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def _refuse_unreleased(engine: Engine) -> None:
    found = _current_revision(engine)
    if found is not None and not _RELEASED.fullmatch(found):
        raise SchemaError(
            f"This database was made by a development version (revision {found}) and cannot be "
            "migrated: set DATABASE_URL to an empty database, migrate it, and load the line and "
            "the contracts again."
        )


@cache
def _earlier(folders: tuple[Path, ...]) -> frozenset[str]:
    """The revisions before the newest one of this release, by the names of their files."""
    revisions = sorted(file.stem for folder in folders for file in folder.glob("[0-9]*.py"))
    return frozenset(revisions[:-1])


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A PostgreSQL session that holds the advisory lock of a release, and closes with it.

    Each migration commits by itself: it releases its locks at once, and an index can be created
    outside a transaction.
    """
    with engine.connect() as connection:
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            connection.rollback()  # a concurrent index build waits for open transactions
            time.sleep(_ASK_AGAIN)
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        try:
            yield connection
        finally:
            connection.invalidate()  # the lock and the setting end with the session


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDERS[0].parent))
    config.set_main_option("version_locations", os.pathsep.join(map(str, _FOLDERS)))
    config.set_main_option("path_separator", "os")
    return config

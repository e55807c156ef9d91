"""The migrations make the tables that the code expects."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import StatementError

from store.db.engine import open_engine, reading, writing
from store.db.schema import is_migrated, migrate
from store.tables import all_tables
from store.tables.work import failed_pins


def test_the_migrated_database_has_the_tables_of_the_code(engine: Engine) -> None:
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), all_tables()) == []


def test_a_database_knows_whether_it_is_migrated(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a/new/folder/line.db")
    assert not is_migrated(engine)
    migrate(engine)
    migrate(engine)
    assert is_migrated(engine)
    engine.dispose()


def test_moments_come_back_aware_and_exact_and_naive_ones_are_refused(engine: Engine) -> None:
    amsterdam = dt.timezone(dt.timedelta(hours=1))
    at = dt.datetime(2026, 3, 2, 11, 0, 0, 123456, tzinfo=amsterdam)
    with writing(engine) as connection:
        connection.execute(insert(failed_pins), {"subject": "a", "at": at})
    with reading(engine) as connection:
        found = connection.scalar(select(failed_pins.c.at))
    assert found == at
    assert found is not None
    assert found.tzinfo is dt.UTC
    with pytest.raises(StatementError, match="no time zone"), writing(engine) as connection:
        connection.execute(insert(failed_pins), {"subject": "a", "at": at.replace(tzinfo=None)})


def test_reading_goes_on_while_somebody_writes(engine: Engine) -> None:
    with writing(engine) as writer:
        writer.execute(insert(failed_pins), {"subject": "a", "at": dt.datetime.now(dt.UTC)})
        with reading(engine) as reader:
            assert reader.scalar(select(failed_pins.c.id)) is None

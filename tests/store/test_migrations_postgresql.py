"""On PostgreSQL a migration never makes the line wait behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from store.db import schema
from store.migrations.online import add_index
from tests.store.servers import own_databases

FIRST_RELEASE = "0001_initial"

pytestmark = pytest.mark.skipif(
    "TEST_DATABASE_URL" not in os.environ, reason="TEST_DATABASE_URL names no PostgreSQL."
)
WAITED_FOR = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


@pytest.fixture
def engine() -> Iterator[Engine]:
    with own_databases("migrations") as (engine,):
        yield engine


def test_a_migration_gives_up_rather_than_stand_in_line_and_goes_on_when_asked_again(
    engine, monkeypatch, next_release
):
    monkeypatch.setattr(schema, "LOCK_TIMEOUT", "100ms")
    with schema._alone(engine) as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST_RELEASE)
    with engine.connect() as long_read:
        long_read.execute(text("SELECT count(*) FROM incidents"))
        with pytest.raises(OperationalError, match="lock timeout"):
            schema.migrate(engine)
        assert not schema.is_migrated(engine)
    schema.migrate(engine)
    assert schema.is_migrated(engine)


def test_two_hosts_may_release_at_once(engine):
    with ThreadPoolExecutor(2) as hosts:
        for done in [hosts.submit(schema.migrate, engine) for _ in range(2)]:
            done.result()
    assert schema.is_migrated(engine)


def test_whoever_writes_does_not_wait_for_an_index_that_is_made(engine):
    schema.migrate(engine)
    with engine.connect() as slow, ThreadPoolExecutor(1) as release:
        write(slow, "before it began, and not committed")
        making = release.submit(make_index, engine)
        with engine.connect() as watcher:
            while not watcher.scalar(WAITED_FOR):
                watcher.rollback()  # or the figures stay those of the first look
                assert not making.done()
        with engine.connect() as caller:
            caller.execute(text("SET lock_timeout = '500ms'"))
            write(caller, "while it is made")
            caller.commit()
        slow.commit()
        making.result()
    with engine.connect() as connection:
        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_online'::regclass"
        assert connection.scalar(text(valid))


def make_index(engine: Engine) -> None:
    with schema._alone(engine) as connection:
        context = MigrationContext.configure(connection, opts={"transaction_per_migration": True})
        with context.begin_transaction(_per_migration=True), Operations.context(context):
            add_index("ix_online", "failed_pins", ["at"])


def write(connection: Connection, subject: str) -> None:
    wanted = text("INSERT INTO failed_pins (subject, at) VALUES (:subject, now())")
    connection.execute(wanted, {"subject": subject})

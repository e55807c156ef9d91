"""What tests of several rooms stand on: a database, a Redis, a clock, the settings."""

from __future__ import annotations

import datetime as dt
import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy
from hypothesis import settings as hypothesis_settings
from sqlalchemy import URL, Engine, text
from sqlalchemy.exc import OperationalError

from carrier.outbound import BREAKERS
from devtools.processes.embedded_redis import embedded_redis
from ivr_app import health
from settings import Settings, read_settings
from store.db import engine as store_engine
from store.db.deadlines import set_deadline
from store.db.engine import open_engine, sqlstate, writing
from store.db.schema import migrate
from store.people import hashing
from store.tables import all_tables

hypothesis_settings.register_profile("patient", deadline=None, max_examples=40)
hypothesis_settings.load_profile("patient")

# No test that uses a password needs hashes that cost an attacker anything, and no test database has
# to outlive its machine.
hashing._PASSWORD_KIB = 8
store_engine._PRAGMAS = tuple(
    pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in store_engine._PRAGMAS
)


class CompiledStatements(dict[Any, Any]):
    """The SQL of each statement, compiled once a process for all engines of one kind of database.

    SQLAlchemy keeps it for each engine, and most tests have an engine of their own.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


STATEMENTS = CompiledStatements()


def create_engine(url: URL, **options: Any) -> Engine:
    engine = sqlalchemy.create_engine(url, **options)
    engine._compiled_cache = STATEMENTS
    return engine


store_engine.create_engine = create_engine

DATABASES = ["sqlite", *(["postgresql"] if "TEST_DATABASE_URL" in os.environ else [])]


WAITING = ("tests/docs/", "tests/kills/", "tests/test_zone", "tests/faults/", "tests/demo/")
"""Whatever waits for other processes begins first, in this order: meanwhile the cores compute for
the others."""

PAGES = ("tests/console_live/", "tests/portal_live/")
"""What looks at pages waits too, at the head of another worker's share."""


@pytest.hookimpl(trylast=True)  # those that are left out are gone
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait come first in a share, each else in its place."""

    def place(item: pytest.Item) -> int:
        found = (n for n, path in enumerate(WAITING) if item.nodeid.startswith(path))
        return next(found, len(WAITING))

    share = len(items) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    pages = [item for item in items if item.nodeid.startswith(PAGES)]
    others = [item for item in items if not item.nodeid.startswith(PAGES)]
    others.sort(key=place)
    items[:] = [*others[:share], *pages, *others[share:]]


def pytest_collection() -> None:
    """What is imported and collected stays: nobody searches it for rubbish."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor is it searched later on, again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def tick(self, seconds: float) -> dt.datetime:
        self.now += dt.timedelta(seconds=seconds)
        return self.now


@pytest.fixture(autouse=True)
def rested_services() -> Iterator[None]:
    """No test inherits an open breaker, or the deadline of a request that ran in its thread."""
    yield
    BREAKERS.forget()
    set_deadline(None)


@pytest.fixture(autouse=True)
def nothing_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readiness and figures are of the moment at which a test asks, unless it says otherwise."""
    for answer in (health.READINESS, health.FIGURES):
        monkeypatch.setattr(answer, "seconds", 0.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables and nothing in them, to be copied."""
    file = tmp_path_factory.mktemp("database") / "template.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """A schema of this test process's own in the database that TEST_DATABASE_URL names."""
    url, schema = os.environ["TEST_DATABASE_URL"], os.environ.get("PYTEST_XDIST_WORKER", "alone")
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS test_{schema} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA test_{schema}"))
    engine.dispose()
    inside = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dtest_{schema}"
    engine = open_engine(inside)
    migrate(engine)
    engine.dispose()
    return inside


DEADLOCK = "40P01"


def emptied(url: str) -> str:
    """This PostgreSQL database as it was after the migrations."""
    engine = open_engine(url)
    names = ", ".join(
        table.name for table in all_tables().sorted_tables if table.name != "counters"
    )
    for _ in range(5):
        try:
            with writing(engine) as connection:
                connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
                connection.execute(text("DELETE FROM counters WHERE name LIKE 'figure%'"))
                connection.execute(text("UPDATE counters SET value = 1000"))
            break
        except OperationalError as error:  # a thread of the test before may still read its tables
            if sqlstate(error.orig) != DEADLOCK:
                raise
    engine.dispose()
    return url


def fresh_database(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this kind with the tables and nothing in them."""
    if kind == "postgresql":
        return emptied(request.getfixturevalue("postgresql_url"))
    file = tmp_path / "line.db"
    shutil.copy(request.getfixturevalue("migrated_file"), file)
    return f"sqlite:///{file}"


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database, of each kind that there is here."""
    return fresh_database(request.param, request, tmp_path)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests of pages."""
    from tests.chromium import chromium  # only whoever looks at pages waits for Playwright

    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    with embedded_redis({}) as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """A Redis with nothing in it."""
    with redis.Redis.from_url(redis_server_url) as connection:
        connection.flushall()
    return redis_server_url


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return read_settings(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
            "TWILIO_AUTH_TOKEN": "a token of the tests",
            "PUBLIC_URL": "http://line.test",
            "SECRET_KEY": "a key of the tests",
            "FALLBACK_FILE": str(tmp_path / "fallback.json"),
            "MEDIA_DIR": str(tmp_path / "media"),
        }
    )

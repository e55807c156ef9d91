"""The database behind PgBouncer, and with a role whose settings are not ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError

from routing.line import Channel
from routing.message import Message
from routing.page import PageResult
from store.db.backup import BackupError, back_up
from store.db.engine import PooledError, open_engine, reading, writing
from store.db.schema import is_migrated, migrate
from store.log.call_repository import SqlCallRepository
from store.tables.log import messages
from tests.store import pooler

NO = pooler.missing()
pytestmark = pytest.mark.skipif(NO is not None, reason=NO or "")

AT = dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)
SWALLOWS = ("", "options")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with pooler.folder_of_postgres() as made:
        yield made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[int]:
    """The port of a server whose database has the tables."""
    with pooler.server_running(folder) as port:
        engine = open_engine(direct(port))
        migrate(engine)
        engine.dispose()
        yield port


def direct(port: int) -> str:
    return f"postgresql+psycopg://{pooler.ROLE}@127.0.0.1:{port}/{pooler.DATABASE}"


@pytest.fixture(params=SWALLOWS)
def pooled_url(request: pytest.FixtureRequest, folder: Path, server: int) -> Iterator[str]:
    """Pooled by transaction; unknown startup parameters are refused, or swallowed."""
    with pooler.bouncer_running(folder, server, "transaction", request.param) as url:
        yield url


@pytest.fixture
def pooled(pooled_url: str) -> Iterator[Engine]:
    engine = open_engine(pooled_url)
    yield engine
    engine.dispose()


def settings_of(engine: Engine) -> list[tuple[str, ...]]:
    """Isolation, style of dates and zone, in a transaction that writes and in one that reads."""
    wanted = text(
        "SELECT current_setting('transaction_isolation'), current_setting('DateStyle'),"
        " current_setting('TimeZone')"
    )
    with writing(engine) as connection:
        found = [tuple(connection.execute(wanted).one())]
    with reading(engine) as connection:
        return [*found, tuple(connection.execute(wanted).one())]


OURS = [("read committed", "ISO, YMD", "UTC"), ("repeatable read", "ISO, YMD", "UTC")]


def test_the_settings_of_a_session_are_ours_whatever_the_role_says(server: int) -> None:
    engine = open_engine(direct(server))
    assert settings_of(engine) == OURS
    engine.dispose()


def test_behind_a_pool_too(pooled: Engine) -> None:
    for _ in range(5):
        assert settings_of(pooled) == OURS


def test_the_book_is_kept_behind_a_pool_of_transactions(pooled: Engine) -> None:
    assert is_migrated(pooled)
    book, name = SqlCallRepository(pooled), str(pooled.url.port)
    for number in range(20):
        letter = Message(
            f"{name}-{number}", "main", AT, "sanne", Channel.SMS, "+31612345601", "nl", "swap_given"
        )
        book.messages.send([letter], AT)
        book.messages.record_result(letter.id, PageResult.SENT, "SM1")
        kept = book.messages.find(letter.id)
        assert kept is not None
        assert (kept.at, kept.result) == (AT, PageResult.SENT)
        with reading(pooled) as connection, reading(pooled) as other:
            wanted = select(messages.c.at).where(messages.c.id == letter.id)
            assert connection.scalar(wanted) == other.scalar(wanted) == AT


def test_a_statement_is_never_looked_for_in_another_session(
    pooled: Engine, pooled_url: str
) -> None:
    """One that is prepared after five times would be, as soon as somebody else has the session."""
    beat = text("INSERT INTO heartbeats (kind, name, at) VALUES ('test', :name, :at)")

    def write(number: int) -> None:
        with writing(pooled) as connection:
            connection.execute(beat, {"name": f"{pooled.url.port} {number}", "at": AT})

    for number in range(10):
        write(number)
    somebody_else = open_engine(pooled_url)
    with writing(somebody_else) as connection:
        connection.execute(text("SELECT 1"))
        for number in range(10, 20):
            write(number)
    somebody_else.dispose()


def test_what_needs_a_session_of_its_own_is_refused_in_a_sentence(
    pooled: Engine, tmp_path: Path
) -> None:
    migrate(pooled)  # nothing is missing, so nothing is needed
    with pytest.raises(BackupError, match="PgBouncer"):
        back_up(pooled, tmp_path / "line.backup", AT)
    with writing(pooled) as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    try:
        with pytest.raises(PooledError, match=r"^.*PgBouncer.*DATABASE_URL.*\.$"):
            migrate(pooled)
    finally:
        with writing(pooled) as connection:
            newest = text("INSERT INTO alembic_version VALUES (:head)")
            connection.execute(newest, {"head": head()})


def head() -> str:
    from alembic.script import ScriptDirectory

    from store.db.schema import _config

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def test_options_that_a_pool_does_not_pass_on_are_not_lost_without_a_word(pooled_url: str) -> None:
    engine = open_engine(f"{pooled_url}?options=-csearch_path%3Delsewhere")
    with pytest.raises(OperationalError, match="PgBouncer does not pass on"), reading(engine) as it:
        it.execute(text("SELECT 1"))
    engine.dispose()


def test_behind_a_pool_of_sessions(folder: Path, server: int) -> None:
    with pooler.bouncer_running(folder, server, "session") as url:
        engine = open_engine(url)
        assert settings_of(engine) == OURS
        engine.dispose()

"""Whatever umask a process gets, what the line keeps in files is for no other user to read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from carrier.fallback import UNKNOWN_LINE, write_fallback
from store.db.engine import open_engine, writing
from store.db.schema import migrate
from store.log.recordings import MediaFiles
from tests.ivr_app.cli.conftest import PAPER

HOUSE = Path(__file__).parent.parent


@pytest.fixture
def careless() -> Iterator[None]:
    """A umask that lets everybody read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_ones(folder: Path) -> list[str]:
    """What any user may read, write or enter."""
    return [path.name for path in folder.rglob("*") if path.stat().st_mode & stat.S_IRWXO]


def test_the_database_and_the_files_beside_it_are_for_nobody_else(
    careless: None, tmp_path: Path
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/var/line.db")
    migrate(engine)
    with writing(engine):
        assert {file.name for file in (tmp_path / "var").iterdir()} >= {"line.db", "line.db-wal"}
        assert open_ones(tmp_path) == []
    engine.dispose()


def test_a_database_that_was_open_to_all_is_shut(careless: None, tmp_path: Path) -> None:
    file = tmp_path / "line.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    file.chmod(0o664)
    with writing(open_engine(f"sqlite:///{file}")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o660
        assert open_ones(tmp_path) == []


def test_messages_and_the_fallback_file_are_for_nobody_else(careless: None, tmp_path: Path) -> None:
    write_fallback(tmp_path / "var" / "fallback.json", [UNKNOWN_LINE])
    MediaFiles(tmp_path / "media").put("message", [b"sound"], "audio/x-wav")
    assert open_ones(tmp_path) == []


def test_a_command_leaves_nothing_for_others_to_read(tmp_path: Path) -> None:
    (tmp_path / "line.yaml").write_text(PAPER)
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "",
        "DATABASE_URL": f"sqlite:///{tmp_path}/var/line.db",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "a token of the tests",
        "PUBLIC_URL": "http://line.test",
        "SECRET_KEY": "a key of the tests",
        "FALLBACK_FILE": f"{tmp_path}/var/fallback.json",
        "MEDIA_DIR": f"{tmp_path}/var/media",
    }
    program = [sys.executable, "-m", "ivr_app.cli"]
    backup = ("backup", tmp_path / "var" / "line.backup")
    for words in (("migrate",), ("apply", tmp_path / "line.yaml"), backup):
        subprocess.run(
            [*program, *words], check=True, cwd=HOUSE, env=environment, capture_output=True, umask=0
        )
    assert (tmp_path / "var" / "fallback.json").exists()
    (tmp_path / "line.yaml").unlink()
    assert open_ones(tmp_path) == []


LOOKS = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM counters')"


def test_the_locks_of_a_process_outlast_its_next_connection(tmp_path: Path) -> None:
    """Whoever closes a file that SQLite has open ends its locks: the next process that leaves
    takes itself for the last one, deletes the log, and the database is torn."""
    engine = open_engine(f"sqlite:///{tmp_path}/line.db")
    migrate(engine)
    with writing(engine) as connection, open_engine(str(engine.url)).connect():
        connection.execute(text("UPDATE counters SET value = value + 1"))
    subprocess.run([sys.executable, "-c", LOOKS, tmp_path / "line.db"], check=True)
    assert (tmp_path / "line.db-wal").exists()
    engine.dispose()

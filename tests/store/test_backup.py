"""A backup is whole, is written while others write, and can be gone back to."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, func, insert, select

from routing.jobs import Lane
from store.db.backup import AHEAD, BackupError, back_up, last_backup, list_unfinished, restore
from store.db.engine import open_engine, reading, writing
from store.db.schema import is_migrated, migrate
from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry
from store.tables.log import counters
from store.tables.work import failed_pins, jobs, task_chunks, tasks
from store.work.jobs import JobQueue
from store.work.metrics import Heartbeats
from store.work.tasks import BackUp, NewTask, TaskProgress, TaskStore
from tests.conftest import DATABASES
from tests.store.servers import own_databases

AT = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PROGRAMS = "/usr/lib/postgresql/15/bin"


@pytest.fixture(params=DATABASES)
def engines(request, tmp_path: Path, monkeypatch) -> Iterator[Sequence[Engine]]:
    """A database with the tables, and an empty one on another host."""
    if request.param == "postgresql":
        monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{PROGRAMS}")
        if shutil.which("pg_dump") is None:
            pytest.skip("There is no pg_dump here: apt-get install postgresql-client.")
        with own_databases("backup_old", "backup_new") as opened:
            migrate(opened[0])
            yield opened
        return
    shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "line.db")
    opened = [open_engine(f"sqlite:///{tmp_path}/{name}") for name in ("line.db", "new/l.db")]
    yield opened
    for engine in opened:
        engine.dispose()


def write(engine: Engine, subject: str) -> None:
    with writing(engine) as connection:
        connection.execute(insert(failed_pins), {"subject": subject, "at": AT})


def subjects(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(failed_pins.c.subject).order_by(failed_pins.c.id)))


def test_progress_is_said_to_the_end(engines, tmp_path) -> None:
    old, new = engines
    file, said = tmp_path / "line.backup", list[tuple[int, int]]()
    back_up(old, file, AT, lambda *bytes_: said.append(bytes_))
    copied, whole = said.pop()
    assert copied == file.stat().st_size
    assert whole in (0, copied)
    restore(new, file, lambda *bytes_: said.append(bytes_))
    assert said.pop()[1] == file.stat().st_size


def test_what_was_written_before_is_there_again_and_nothing_else(engines, tmp_path) -> None:
    old, new = engines
    write(old, "before")
    back_up(old, tmp_path / "line.backup", AT)
    write(old, "after")
    restore(new, tmp_path / "line.backup")
    assert is_migrated(new)
    assert subjects(new) == ["before"]
    write(new, "later")
    assert subjects(new) == ["before", "later"]
    assert list_unfinished(new) == ([], 0)


def test_no_file_that_somebody_asked_for_is_in_it(engines, tmp_path) -> None:
    """An export is deleted after a day, and a backup would hold the one before it."""
    old, new = engines
    content = os.urandom(1000)  # it cannot be compressed, so that it would be found
    entry = AuditEntry(AT, "ruud", "cli", "tasks.backup")
    account = Accounts(old).add(Account(0, "ruud", Role.ADMIN), entry)
    for _ in range(2):
        TaskStore(old).begin(NewTask(BackUp(), account.id, "a file", "text/csv"), entry)
    first, _ = JobQueue(old).claim(AT, {Lane.TASKS: 2})
    TaskStore(old).write_part(first.lease, AT, TaskProgress(50), content)
    file = tmp_path / "line.backup"
    back_up(old, file, AT)
    assert content not in file.read_bytes()
    restore(new, file)
    with reading(new) as connection:
        for table in (task_chunks, tasks):
            assert connection.scalar(select(func.count()).select_from(table)) == 0
        assert connection.scalar(select(func.count()).select_from(jobs)) == 0
    assert list(TaskStore(old).read_file(first.lease.job)) == [content]


def test_no_number_means_two_incidents(engines, tmp_path) -> None:
    old, new = engines
    back_up(old, tmp_path / "line.backup", AT)
    restore(new, tmp_path / "line.backup")
    with reading(new) as connection:
        last = select(counters.c.value).where(counters.c.name == "incident")
        assert connection.scalar(last) == 1000 + AHEAD


def test_it_holds_one_moment_while_others_write_and_do_not_wait(engines, tmp_path) -> None:
    old, new = engines
    stop, begun = Event(), Event()
    written = []

    def keep_writing() -> None:
        while not stop.is_set():
            with writing(old) as connection:  # two rows that are there together or not at all
                connection.execute(insert(failed_pins), [{"subject": s, "at": AT} for s in "ab"])
            written.append(1)
            begun.set()

    writer = Thread(target=keep_writing)
    writer.start()
    begun.wait()
    try:
        back_up(old, tmp_path / "line.backup", AT)
    finally:
        stop.set()
        writer.join()
    restore(new, tmp_path / "line.backup")
    with reading(new) as connection:
        pairs = select(failed_pins.c.subject, func.count()).group_by(failed_pins.c.subject)
        counted = {row[0]: row[1] for row in connection.execute(pairs)}
    assert counted["a"] == counted["b"] >= 1
    assert counted["a"] <= len(written)


def test_it_ends_although_the_line_writes_all_the_time(engines, tmp_path) -> None:
    """A heartbeat every 100 ms, in a database that takes longer than that to copy."""
    old, new = engines
    with writing(old) as connection:
        rows = [{"subject": f"{n} {'x' * 4000}", "at": AT} for n in range(8000)]
        connection.execute(insert(failed_pins), rows)
    stop, written = Event(), []

    def keep_writing() -> None:
        while not stop.wait(0.1):
            write(old, "beat")
            written.append(1)

    backup = Thread(target=back_up, args=(old, tmp_path / "line.backup", AT), daemon=True)
    writer = Thread(target=keep_writing)
    writer.start()
    backup.start()
    backup.join(60)
    stop.set()
    writer.join()
    assert not backup.is_alive(), "it began again at every heartbeat"
    restore(new, tmp_path / "line.backup")
    with reading(new) as connection:
        assert connection.scalar(select(func.count()).select_from(failed_pins)) >= 8000


def test_a_database_that_is_in_use_is_never_written_over(engines, tmp_path) -> None:
    old, _ = engines
    back_up(old, tmp_path / "line.backup", AT)
    with pytest.raises(BackupError, match="into an empty one"):
        restore(old, tmp_path / "line.backup")


def test_what_is_no_backup_fills_nothing(engines, tmp_path) -> None:
    _, new = engines
    (tmp_path / "line.backup").write_bytes(b"a list of groceries, or a file cut short" * 99)
    with pytest.raises(BackupError):
        restore(new, tmp_path / "line.backup")
    with pytest.raises(BackupError, match="there is no"):
        restore(new, tmp_path / "nothing")
    assert not is_migrated(new)


def test_only_its_owner_reads_it_and_a_failed_one_replaces_nothing(engines, tmp_path) -> None:
    old, _ = engines
    file = tmp_path / "line.backup"
    back_up(old, file, AT)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    nowhere = open_engine(
        f"sqlite:///{tmp_path}/gone.db"
        if old.dialect.name == "sqlite"
        else old.url.set(database="gone").render_as_string(hide_password=False)
    )
    with pytest.raises(BackupError):
        back_up(nowhere, file, AT)
    assert file.read_bytes() == before
    assert list(tmp_path.glob("*.part")) == []


def test_a_whole_one_is_known_by_its_time_and_a_failed_one_is_not(engines, tmp_path) -> None:
    old, new = engines
    assert last_backup(old) is None
    with pytest.raises(FileNotFoundError):
        back_up(old, tmp_path / "nowhere" / "line.backup", AT)
    assert last_backup(old) is None
    back_up(old, tmp_path / "line.backup", AT)
    back_up(old, tmp_path / "line.backup", AT + DAY)
    assert last_backup(old) == AT + DAY
    Heartbeats(old).beat("worker", "w1", AT + 9 * DAY)
    assert last_backup(old) == AT + DAY
    restore(new, tmp_path / "line.backup")
    assert last_backup(new) == AT

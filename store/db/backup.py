"""Backup of the whole database while the line is in use, and restore.

The database has the sound of every recording, so a backup is the whole line except its settings.
Without the same SECRET_KEY and PIN_PEPPER, no PIN and no link in it is valid. Exports and backups
that people asked for are no part of it: they are kept for a day, and would be in it for years.
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import Engine, delete, func, inspect, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from routing.jobs import Lane
from store.db.engine import PooledError, needs_own_session, reading, writing
from store.db.schema import migrate
from store.tables.log import UNRESOLVED, counters, incidents
from store.tables.work import jobs, task_chunks, tasks
from store.work.metrics import Heartbeats

AHEAD = 100
"""Incident numbers that a restore skips, because they may have been given since the backup."""

_FILES_OF_TASKS = (task_chunks.name, tasks.name)
"""The tables of what people asked for."""

_KIND = "backup"
_WHOLE = -1
"""Copy all pages of SQLite in one step, which is one snapshot and in WAL mode blocks no writer. A
copy in several steps starts again after every write of another process."""


Report = Callable[[int, int], None]
"""Is told how many bytes are copied, and how many there are; 0 when nobody knows before the end."""

_REPORT_EVERY = 0.5
"""Seconds between two reports."""


class BackupError(Exception):
    """Nothing was copied; the message is a sentence that says why."""


def _report_nothing(_copied: int, _whole: int) -> None:
    """Nobody waits for it."""


def back_up(engine: Engine, file: Path, now: dt.datetime, report: Report = _report_nothing) -> None:
    """Write a copy to a file, completely or not at all; raises BackupError or OSError."""
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))  # personal data
    try:
        if engine.dialect.name == "sqlite":
            source = Path(engine.url.database or "")
            with _watched(part, report, _size(source)):
                _copy(source, part, leave_out_tasks=True)
        else:
            with _watched(part, report):
                without = (f"--exclude-table-data={name}" for name in _FILES_OF_TASKS)
                _postgresql(engine, "pg_dump", "--format=custom", *without, f"--file={part}")
        _settle(part)
        part.replace(file)
        _settle(file.absolute().parent)
    finally:
        part.unlink(missing_ok=True)
    with suppress(SQLAlchemyError):  # a standby cannot store when it was copied
        Heartbeats(engine).beat(_KIND, _KIND, now)


def last_backup(engine: Engine) -> dt.datetime | None:
    """When the last backup was complete; None without one."""
    return Heartbeats(engine).last(_KIND)


def restore(engine: Engine, file: Path, report: Report = _report_nothing) -> None:
    """Fill an empty database from a backup of this or an older version, and migrate it.

    Raises BackupError when the database is not empty, or the file is no backup.
    """
    if inspect(engine).get_table_names():
        raise BackupError("there is something in this database already; restore into an empty one")
    if not file.is_file():
        raise BackupError(f"there is no {file}")
    if engine.dialect.name == "sqlite":
        engine.dispose()
        target = Path(engine.url.database or "")
        with _watched(target, report, _size(file)):
            _copy(file, target)
    else:
        whole = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        _postgresql(engine, "pg_restore", *whole, str(file))
        report(_size(file), _size(file))
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(delete(jobs).where(jobs.c.lane == Lane.TASKS.value))
        last = update(counters).where(counters.c.name == "incident")
        connection.execute(last.values(value=counters.c.value + AHEAD))


def list_unfinished(engine: Engine) -> tuple[Sequence[int], int]:
    """What the processes continue with: the numbers of open incidents, and the count of jobs."""
    open_ = select(incidents.c.number).where(text(UNRESOLVED))
    undone = select(func.count()).select_from(jobs).where(jobs.c.done_at.is_(None))
    with reading(engine) as connection:
        numbers = connection.scalars(open_.order_by(incidents.c.number)).all()
        return numbers, connection.scalar(undone) or 0


@contextmanager
def _watched(file: Path, report: Report, whole: int = 0) -> Iterator[None]:
    """Report how the file grows. The copy is one step, so that another thread looks at it."""
    over = Event()

    def look() -> None:
        while not over.wait(_REPORT_EVERY):
            report(_size(file), whole)

    watcher = Thread(target=look, name="progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    report(_size(file), whole)


def _size(file: Path) -> int:
    """Bytes of a file; none while there is no such file."""
    with suppress(OSError):
        return file.stat().st_size
    return 0


def _empty_tasks(copy: sqlite3.Connection) -> None:
    """Overwrite what people asked for, so that it is in no free page either. A database before its
    migration may have no such tables."""
    copy.execute("PRAGMA secure_delete = ON")
    known = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    for name in _FILES_OF_TASKS:
        if name in known:
            copy.execute(f"DELETE FROM {name}")  # noqa: S608  our own name
    copy.commit()


def _copy(from_: Path, to: Path, *, leave_out_tasks: bool = False) -> None:
    """SQLite's online backup, and a check of the copy."""
    try:
        source = sqlite3.connect(f"{from_.absolute().as_uri()}?mode=ro", uri=True)
        with closing(source), closing(sqlite3.connect(to)) as target:
            source.backup(target, pages=_WHOLE)
            if leave_out_tasks:
                _empty_tasks(target)
            (found,) = target.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise BackupError(str(error)) from None
    if found != "ok":
        raise BackupError(f"the copy is not sound: {found}")


def _postgresql(engine: Engine, program: str, *options: str) -> None:
    """Run a program of PostgreSQL; the password is in its environment, not in the process list."""
    try:
        needs_own_session(engine, program)
    except PooledError as error:
        raise BackupError(str(error).rstrip(".")) from None
    except SQLAlchemyError as error:
        raise BackupError(f"the database does not answer ({type(error).__name__})") from None
    address = engine.url.set(drivername="postgresql", password=None)
    name = address.render_as_string(hide_password=False)
    where = [f"--dbname={name}"]
    environment = dict(os.environ)
    if engine.url.password:
        environment["PGPASSWORD"] = engine.url.password
    try:
        subprocess.run(  # noqa: S603  our own arguments, no shell
            [program, *where, *options], env=environment, check=True, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise BackupError(f"{program} is not here: apt-get install postgresql-client") from None
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{program}: {error.stderr.strip().splitlines()[-1]}") from None


def _settle(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

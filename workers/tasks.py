"""Does tasks: the long work that people ask for in the console."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import assert_never

from routing.jobs import Lease, RunTask
from store.db.backup import BackupError, back_up
from store.log.call_search import Numbered, find_oldest, stream_calls
from store.log.exports import build_call_rows, write_rows
from store.log.reports import find_last_incident, stream_incidents
from store.log.rows import Row
from store.work.jobs import JobEnd
from store.work.tasks import (
    BackUp,
    ExportCalls,
    ExportIncidents,
    TaskOrder,
    TaskProgress,
    TaskStore,
    complete_task,
    fail_task,
)
from workers.context import JobContext

PART = 256 * 1024
"""Bytes of a file that are in memory."""

LARGEST = 2 * 1024 * 1024 * 1024
"""Bytes of a file, at most: it is in the database for a day."""

MOST_ATTEMPTS = 3
"""A task whose process has ended so often is given up."""

COPIED = 50
"""The progress of a backup once the copy is made and is to be stored."""


class OversizeError(Exception):
    """The file of a task is larger than a database should keep for a day."""


def run_task(command: RunTask, context: JobContext, attempt: int) -> JobEnd | None:
    """Do a task from its beginning."""
    if context.tasks is None:
        raise LookupError("no tasks are run here")
    order = context.tasks.find_order(command.task)
    if order is None:  # its account was deleted
        return None
    if attempt > MOST_ATTEMPTS:
        return fail_task(command.task, "stopped_too_often")
    lease = Lease(command.task, attempt)
    file = TaskFile(context.tasks, lease, context.call_service.clock)
    try:
        file.start()
        _write(order, file, context.tasks)
    except OversizeError:
        return fail_task(command.task, "too_large")
    except (BackupError, OSError):  # such as a full disk
        return fail_task(command.task, "no_backup")
    return complete_task(command.task)


class TaskFile:
    """The file of one attempt, which is stored while it is written."""

    def __init__(self, tasks: TaskStore, lease: Lease, clock: Callable[[], dt.datetime]) -> None:
        """Nothing is written yet."""
        self._tasks, self._lease, self._clock = tasks, lease, clock
        self._part, self._size = bytearray(), 0
        self.progress = TaskProgress(0)

    def start(self) -> None:
        """Delete what an earlier attempt wrote. Raises LeaseLostError."""
        self._tasks.start_file(self._lease, self._clock())

    def report(self, progress: TaskProgress) -> None:
        """Say how far the task is, when nothing is written. Raises LeaseLostError."""
        self.progress = progress
        self._tasks.write_part(self._lease, self._clock(), progress)

    def write(self, data: bytes) -> None:
        """Append to the file. Raises LeaseLostError and OversizeError."""
        self._size += len(data)
        if self._size > LARGEST:
            raise OversizeError
        self._part += data
        if len(self._part) >= PART:
            self.flush()

    def flush(self) -> None:
        """Store what is in memory. Raises LeaseLostError."""
        part, self._part = bytes(self._part), bytearray()
        self._tasks.write_part(self._lease, self._clock(), self.progress, part)


def _write(order: TaskOrder, file: TaskFile, tasks: TaskStore) -> None:
    match order:
        case ExportCalls():
            _write_calls(order, file, tasks)
        case ExportIncidents():
            _write_incidents(order, file, tasks)
        case BackUp():
            _write_backup(file, tasks)
        case _:
            assert_never(order)


def _write_rows(form: str, rows: Iterable[Row], file: TaskFile) -> None:
    for piece in write_rows(form, rows):
        file.write(piece.encode())
    file.flush()


def _write_calls(order: ExportCalls, file: TaskFile, tasks: TaskStore) -> None:
    """The newest come first, so the progress is how far back in time they are."""
    engine, wanted = tasks.engine, order.wanted
    oldest = find_oldest(engine, wanted.line)
    if wanted.since is not None and oldest is not None:
        oldest = max(oldest, wanted.since)

    def watch(found: Iterable[Numbered]) -> Iterator[Numbered]:
        newest: dt.datetime | None = None
        for count, (call, number) in enumerate(found, 1):
            newest = newest or call.started_at
            share = 0.0
            if oldest is not None and newest > oldest:
                share = (newest - call.started_at) / (newest - oldest)
            file.progress = TaskProgress(_percent(share), count)
            yield call, number

    _write_rows(order.form, build_call_rows(watch(stream_calls(engine, wanted))), file)


def _write_incidents(order: ExportIncidents, file: TaskFile, tasks: TaskStore) -> None:
    """They come in the order of their numbers."""
    engine, wanted = tasks.engine, order.wanted
    last = find_last_incident(engine, wanted.line or "")

    def watch(found: Iterable[Row]) -> Iterator[Row]:
        first: int | None = None
        for count, row in enumerate(found, 1):
            first = first or row["id"]
            share = (row["id"] - first + 1) / max(last - first + 1, 1)
            file.progress = TaskProgress(_percent(share), count)
            yield row

    _write_rows(order.form, watch(stream_incidents(engine, wanted)), file)


def _percent(share: float) -> int:
    """100 is left for the end."""
    return min(max(int(share * 100), 0), 99)


def _write_backup(file: TaskFile, tasks: TaskStore) -> None:
    """Copy the database to a disk, then store the copy."""
    now = dt.datetime.now(dt.UTC)

    def report(copied: int, whole: int) -> None:
        percent = None
        if whole:
            percent = min(copied * COPIED // whole, COPIED)
        file.report(TaskProgress(percent))

    with _open_scratch_folder() as folder:
        copy = folder / "line.backup"
        back_up(tasks.engine, copy, now, report)
        whole, written = max(copy.stat().st_size, 1), 0
        with copy.open("rb") as content:
            while part := content.read(PART):
                written += len(part)
                file.progress = TaskProgress(COPIED + _percent(written / whole) // 2)
                file.write(part)
        file.flush()


SCRATCH = "line-task-"
"""The beginning of the name of a folder with a copy of the database."""


@contextmanager
def _open_scratch_folder() -> Iterator[Path]:
    """A folder that is deleted afterwards, and with it those of processes that were killed: each
    has all personal data."""
    for left in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=SCRATCH) as name, _locked(Path(name)):
        yield Path(name)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder, which the system lets go when the process ends. Raises OSError while another
    process holds it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)

"""Tasks: long work that a person asked for, its progress, and the file that is its result.

A task is a job with the same id in a lane of its own. Its file is stored while it is written, in
compressed parts, so that any web process can send it and none keeps it in memory. Each part is
written only while the attempt has its lease: a task that was canceled, or goes on elsewhere, stops.
"""

from __future__ import annotations

import datetime as dt
import secrets
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from sqlalchemy import Connection, Engine, and_, delete, func, insert, select, update

from routing.jobs import Job, Lane, Lease, LeaseLostError, RunTask
from store.db.engine import reading, writing
from store.log.call_search import CallFilter
from store.log.reports import IncidentLogFilter
from store.people.audit import AuditEntry, record
from store.tables.work import jobs, task_chunks, tasks
from store.work.jobs import JobEnd, lease_duration, write_jobs

Form = Literal["csv", "jsonl"]
"""How an exported row is written: a line of a CSV file, or of JSON."""


@dataclass(frozen=True, slots=True)
class ExportCalls:
    """Write the calls that match to a file."""

    wanted: CallFilter
    form: Form
    kind: Literal["export_calls"] = "export_calls"


@dataclass(frozen=True, slots=True)
class ExportIncidents:
    """Write the incidents that match to a file."""

    wanted: IncidentLogFilter
    form: Form
    kind: Literal["export_incidents"] = "export_incidents"


@dataclass(frozen=True, slots=True)
class BackUp:
    """Copy the whole database to a file."""

    kind: Literal["back_up"] = "back_up"


TaskOrder = ExportCalls | ExportIncidents | BackUp
_ORDER: TypeAdapter[TaskOrder] = TypeAdapter(Annotated[TaskOrder, Field(discriminator="kind")])


class TaskState(StrEnum):
    """What became of a task."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task as it is asked for, by an account, and the file that it makes."""

    order: TaskOrder
    account: int
    file_name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it is. ``progress`` is 0 to 100, or None while nobody knows; ``reason`` says why it
    failed; ``size`` is that of its file so far, in bytes."""

    id: str
    account: int
    asked_by: str
    kind: str
    asked_at: dt.datetime
    file_name: str
    media_type: str
    state: TaskState
    progress: int | None
    rows: int
    size: int
    reason: str | None
    done_at: dt.datetime | None

    @property
    def under_way(self) -> bool:
        """True while it waits or runs."""
        return self.done_at is None


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """How far a task is: 0 to 100, or None while nobody knows, and how many rows it has written."""

    percent: int | None
    rows: int = 0


_CANCELED = "canceled"
_OURS = jobs.c.lane == Lane.TASKS.value
_LISTED = select(
    *(tasks.c[name] for name in ("id", "account", "asked_by", "file_name", "media_type")),
    *(tasks.c.wanted, tasks.c.rows, tasks.c.size),
    *(jobs.c[name] for name in ("state", "attempt", "result", "progress", "created_at", "done_at")),
).join(jobs, jobs.c.id == tasks.c.id)


class TaskStore:
    """The tasks of every account."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self.engine = engine

    def begin(self, new: NewTask, entry: AuditEntry) -> str:
        """Write a task with its audit entry; return its id."""
        task = secrets.token_urlsafe(16)
        row = {
            "id": task,
            "account": new.account,
            "asked_by": entry.who,
            "wanted": _ORDER.dump_json(new.order).decode(),
            "file_name": new.file_name,
            "media_type": new.media_type,
            "rows": 0,
            "size": 0,
        }
        with writing(self.engine) as connection:
            write_jobs(connection, [Job(entry.at, RunTask(task), task)], entry.at)
            connection.execute(insert(tasks), row)
            record(connection, entry)
        return task

    def find(self, task: str) -> Task | None:
        """The task of this id, or None once it was deleted."""
        with reading(self.engine) as connection:
            row = connection.execute(_LISTED.where(tasks.c.id == task)).first()
        return None if row is None else _build_task(row)

    def find_order(self, task: str) -> TaskOrder | None:
        """What was asked for; None once the task was deleted."""
        with reading(self.engine) as connection:
            wanted = connection.scalar(select(tasks.c.wanted).where(tasks.c.id == task))
        return None if wanted is None else _ORDER.validate_json(wanted)

    def list_latest(self, account: int | None, most: int = 50) -> Sequence[Task]:
        """The tasks of an account or of all, newest first."""
        wanted = _LISTED.order_by(jobs.c.created_at.desc()).limit(most)
        if account is not None:
            wanted = wanted.where(tasks.c.account == account)
        with reading(self.engine) as connection:
            return [_build_task(row) for row in connection.execute(wanted)]

    def count_under_way(self, account: int) -> int:
        """How many tasks of an account wait or run."""
        undone = (tasks.c.account == account, jobs.c.done_at.is_(None))
        counted = select(func.count()).select_from(tasks).join(jobs, jobs.c.id == tasks.c.id)
        with reading(self.engine) as connection:
            return connection.scalar(counted.where(*undone)) or 0

    def start_file(self, lease: Lease, now: dt.datetime) -> None:
        """Begin the file of an attempt: what an earlier one wrote is deleted. Raises
        LeaseLostError."""
        with writing(self.engine) as connection:
            _hold(connection, lease, now, TaskProgress(0))
            connection.execute(delete(task_chunks).where(task_chunks.c.task == lease.job))
            begun = update(tasks).where(tasks.c.id == lease.job)
            connection.execute(begun.values(rows=0, size=0))

    def write_part(
        self, lease: Lease, now: dt.datetime, progress: TaskProgress, part: bytes = b""
    ) -> None:
        """Append a part to the file, and say how far the task is. Raises LeaseLostError."""
        place = select(func.count()).where(task_chunks.c.task == lease.job).scalar_subquery()
        row = {"task": lease.job, "place": place, "data": zlib.compress(part, 1)}
        grown = update(tasks).where(tasks.c.id == lease.job)
        with writing(self.engine) as connection:
            _hold(connection, lease, now, progress)
            if part:
                connection.execute(insert(task_chunks).values(row))
            size = tasks.c.size + len(part)
            connection.execute(grown.values(rows=progress.rows, size=size))

    def read_file(self, task: str) -> Iterator[bytes]:
        """The file of a task, a part at a time."""
        place = 0
        while (part := self._read_chunk(task, place)) is not None:
            yield zlib.decompress(part)
            place += 1

    def _read_chunk(self, task: str, place: int) -> bytes | None:
        wanted = and_(task_chunks.c.task == task, task_chunks.c.place == place)
        with reading(self.engine) as connection:
            return connection.scalar(select(task_chunks.c.data).where(wanted))

    def cancel(self, task: str, now: dt.datetime, entry: AuditEntry) -> bool:
        """Stop a task that waits or runs, and delete its file; False when it was over."""
        undone = and_(jobs.c.id == task, _OURS, jobs.c.done_at.is_(None))
        over = {"state": "given_up", "done_at": now, "result": _CANCELED}
        with writing(self.engine) as connection:
            if not connection.execute(update(jobs).where(undone).values(over)).rowcount:
                return False
            _drop_file(connection, task)
            record(connection, entry)
        return True


def complete_task(task: str) -> JobEnd:
    """The end of a task whose file is whole."""

    def fill_bar(connection: Connection) -> None:
        connection.execute(update(jobs).where(jobs.c.id == task).values(progress=100))

    return JobEnd("done", fill_bar)


def fail_task(task: str, reason: str) -> JobEnd:
    """The end of a task that is not tried again; ``reason`` names a sentence of the console."""
    return JobEnd(reason, partial(_drop_file, task=task), given_up=True)


def _hold(connection: Connection, lease: Lease, now: dt.datetime, progress: TaskProgress) -> None:
    """Extend the lease, in the same transaction as what is written."""
    held = and_(jobs.c.id == lease.job, jobs.c.attempt == lease.attempt, jobs.c.state == "running")
    ends = now + lease_duration(Lane.TASKS)
    extended = update(jobs).where(held).values(wakes_at=ends, progress=progress.percent)
    if not connection.execute(extended).rowcount:
        raise LeaseLostError


def _drop_file(connection: Connection, task: str) -> None:
    connection.execute(delete(task_chunks).where(task_chunks.c.task == task))


def _build_task(row: Any) -> Task:
    return Task(
        id=row.id,
        account=row.account,
        asked_by=row.asked_by,
        kind=_ORDER.validate_json(row.wanted).kind,
        asked_at=row.created_at,
        file_name=row.file_name,
        media_type=row.media_type,
        state=_find_state(row),
        progress=row.progress,
        rows=row.rows,
        size=row.size,
        reason=row.result,
        done_at=row.done_at,
    )


def _find_state(row: Any) -> TaskState:
    if row.state == "given_up":
        return TaskState.CANCELED if row.result == _CANCELED else TaskState.FAILED
    if row.state == "pending":
        return TaskState.WAITING
    return TaskState(row.state)

"""Long work that people ask for: its file, its progress, and what becomes of it when it stops."""

from __future__ import annotations

import csv
import datetime as dt
import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from devtools.processes.tied import tied_to_us
from routing.call import Call, CallOutcome
from routing.decision import Case, Decision
from routing.jobs import Lane, Lease, LeaseLostError
from service.bootstrap import Services, build_services
from settings import Settings
from store.db.backup import restore
from store.db.engine import open_engine, reading, writing
from store.log.call_repository import SqlCallRepository
from store.log.call_search import CallFilter
from store.log.cases import write_call
from store.log.reports import IncidentLogFilter
from store.log.retention import delete_traces
from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry, AuditLog
from store.people.lines import SqlLineRepository, apply_line
from store.tables.work import jobs, task_chunks
from store.tables.work import tasks as task_table
from store.work.jobs import REST_FOR, JobQueue
from store.work.metrics import Heartbeats
from store.work.redis_client import NoJobNotifier, RqJobNotifier, connect_fail_fast
from store.work.tasks import (
    BackUp,
    ExportCalls,
    ExportIncidents,
    NewTask,
    TaskOrder,
    TaskProgress,
    TaskState,
    TaskStore,
)
from tests.conftest import Clock
from tests.store.cast import BAKERY, LINE, incident
from workers import tasks as road
from workers.__main__ import run_due_tasks
from workers.context import WorkerContext, make_context
from workers.jobs import run_job

SECOND = dt.timedelta(seconds=1)
COUNT = 700
HOUSE = Path(__file__).parents[2]
LONG = 60.0


@pytest.fixture
def board(settings: Settings, clock: Clock) -> Iterator[Services]:
    """A line with some hundred calls."""
    made = build_services(settings, NoJobNotifier(), clock)
    apply_line(made.engine, LINE, [BAKERY], clock())
    write_calls(made.engine, COUNT, clock())
    yield made
    made.engine.dispose()


def write_calls(engine: Engine, count: int, now: dt.datetime) -> None:
    with writing(engine) as connection:
        for number in range(count):
            at = now - number * SECOND
            call = Call(f"call-{number}", f"CA{number}", "main", "", "+31612345678", "nl", at)
            over = replace(call, ended_at=at + SECOND, outcome=CallOutcome.MESSAGE)
            write_call(connection, None, over)


@pytest.fixture
def tasks(board: Services) -> TaskStore:
    return TaskStore(board.engine)


class Worker:
    """What the process of tasks does, here."""

    def __init__(self, services: Services) -> None:
        notifier = RqJobNotifier(connect_fail_fast(services.settings.redis_url), "test")
        self.queue = JobQueue(services.engine)
        self.context = WorkerContext(services, notifier, self.queue, Heartbeats(services.engine))

    def claim(self) -> Lease:
        (job,) = self.queue.claim(self.context.clock(), {Lane.TASKS: 1})
        return job.lease

    def work(self) -> None:
        (job,) = self.queue.claim(self.context.clock(), {Lane.TASKS: 1})
        run_job(job, self.context)


@pytest.fixture
def worker(board: Services) -> Worker:
    return Worker(board)


CALLS = ExportCalls(CallFilter("main"), "csv")


def ask(board: Services, order: TaskOrder = CALLS) -> str:
    entry = AuditEntry(board.call_service.clock(), "ruud", "console", "calls.export")
    accounts = Accounts(board.engine)
    account = accounts.named("ruud") or accounts.add(Account(0, "ruud", Role.ADMIN), entry)
    return TaskStore(board.engine).begin(NewTask(order, account.id, "file", "text/csv"), entry)


def find(tasks: TaskStore, task_id: str) -> Any:
    found = tasks.find(task_id)
    assert found is not None
    return found


def test_calls_become_a_file_that_is_read_in_parts(
    board: Services, tasks: TaskStore, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(road, "PART", 16 * 1024)
    task_id = ask(board)
    assert find(tasks, task_id).state is TaskState.WAITING
    assert AuditLog(board.engine).page()[0].entry.action == "calls.export"
    worker.work()
    task, parts = find(tasks, task_id), list(tasks.read_file(task_id))
    assert (task.state, task.progress, task.rows) == (TaskState.DONE, 100, COUNT)
    assert len(parts) > 3
    assert max(map(len, parts)) < 17 * 1024
    whole = b"".join(parts)
    assert task.size == len(whole)
    rows = list(csv.DictReader(io.StringIO(whole.decode("utf-8-sig"))))
    assert [row["sid"] for row in rows] == [f"CA{number}" for number in range(COUNT)]
    assert rows[0]["from"] == "'+31612345678"


def test_incidents_become_a_file(board: Services, tasks: TaskStore, worker: Worker) -> None:
    book = SqlCallRepository(board.engine)
    for number in (1, 2, 3):
        book.save(Case(), Decision(Case(incident=incident(number))), board.call_service.clock())
    wanted = IncidentLogFilter(line="main", oldest_first=True)
    as_csv = ask(board, ExportIncidents(wanted, "csv"))
    worker.work()
    as_lines = ask(board, ExportIncidents(wanted, "jsonl"))
    worker.work()
    sheet = b"".join(tasks.read_file(as_csv)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    lines = [json.loads(each) for each in b"".join(tasks.read_file(as_lines)).splitlines()]
    assert [row["id"] for row in rows] == ["1001", "1002", "1003"]
    assert [line["id"] for line in lines] == [1001, 1002, 1003]
    assert "pages" in lines[0]
    assert "pages" not in rows[0]


def test_the_progress_rises_while_the_file_is_written(
    board: Services, tasks: TaskStore, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(road, "PART", 8 * 1024)
    seen: list[TaskProgress] = []
    write = TaskStore.write_part

    def note(store: TaskStore, lease: Lease, now: dt.datetime, *rest: Any) -> None:
        write(store, lease, now, *rest)
        task = find(store, lease.job)
        seen.append(TaskProgress(task.progress, task.rows))

    monkeypatch.setattr(TaskStore, "write_part", note)
    ask(board)
    worker.work()
    percents = [each.percent for each in seen]
    assert percents == sorted(percents, key=lambda it: it or 0)
    assert len({*percents}) > 5
    assert seen[-1] == TaskProgress(99, COUNT)


def test_a_canceled_task_stops_at_its_next_part_and_leaves_no_file(
    board: Services, tasks: TaskStore, worker: Worker
) -> None:
    task_id, now = ask(board), board.call_service.clock()
    lease = worker.claim()
    tasks.start_file(lease, now)
    tasks.write_part(lease, now, TaskProgress(10, 1), b"secret")
    entry = AuditEntry(now, "ruud", "console", "tasks.cancel")
    assert tasks.cancel(task_id, now, entry)
    assert not tasks.cancel(task_id, now, entry)
    with pytest.raises(LeaseLostError):
        tasks.write_part(lease, now, TaskProgress(20, 2), b"more")
    assert find(tasks, task_id).state is TaskState.CANCELED
    assert list(tasks.read_file(task_id)) == []


def test_what_another_process_began_begins_anew_and_ends_once(
    board: Services, tasks: TaskStore, worker: Worker, clock: Clock
) -> None:
    task_id = ask(board)
    dead = worker.claim()
    tasks.start_file(dead, clock())
    tasks.write_part(dead, clock(), TaskProgress(10, 1), b"half a file")
    clock.tick(REST_FOR.total_seconds())
    worker.work()
    task = find(tasks, task_id)
    assert (task.state, task.rows) == (TaskState.DONE, COUNT)
    assert b"half a file" not in b"".join(tasks.read_file(task_id))
    with pytest.raises(LeaseLostError):
        tasks.write_part(dead, clock(), TaskProgress(50, 9), b"too late")


def test_a_task_that_ends_its_process_three_times_fails_with_a_sentence(
    board: Services, tasks: TaskStore, worker: Worker, clock: Clock
) -> None:
    task_id = ask(board)
    for _ in range(road.MOST_ATTEMPTS):
        worker.claim()
        clock.tick(REST_FOR.total_seconds())
    worker.work()
    task = find(tasks, task_id)
    assert (task.state, task.reason) == (TaskState.FAILED, "stopped_too_often")


def test_a_file_that_is_too_large_fails_and_leaves_nothing(
    board: Services, tasks: TaskStore, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(road, "PART", 4 * 1024)
    monkeypatch.setattr(road, "LARGEST", 16 * 1024)
    task_id = ask(board)
    worker.work()
    task = find(tasks, task_id)
    assert (task.state, task.reason) == (TaskState.FAILED, "too_large")
    assert list(tasks.read_file(task_id)) == []


def test_a_backup_can_be_restored(
    board: Services, tasks: TaskStore, worker: Worker, tmp_path: Path
) -> None:
    if board.engine.dialect.name != "sqlite":
        pytest.skip("tests/store/test_backup.py restores a copy of PostgreSQL")
    task_id = ask(board, BackUp())
    worker.work()
    task, copy = find(tasks, task_id), tmp_path / "copy.backup"
    assert (task.state, task.progress) == (TaskState.DONE, 100)
    copy.write_bytes(b"".join(tasks.read_file(task_id)))
    assert copy.stat().st_size == task.size
    fresh = open_engine(f"sqlite:///{tmp_path / 'fresh.db'}")
    restore(fresh, copy)
    assert [line.id for line in SqlLineRepository(fresh).list_lines()] == ["main"]
    fresh.dispose()


ELSEWHERE = """
from threading import Event
from settings import read_settings
from workers.__main__ import run_due_tasks
from workers.context import make_context

run_due_tasks(make_context(read_settings()), Event())
"""


@pytest.mark.timeout(120)  # two processes start
def test_the_process_of_tasks_runs_no_file_of_the_working_directory(
    settings: Settings, tmp_path: Path
) -> None:
    """As the worker that starts it, which `priority-line` starts in any folder."""
    context, folder = make_context(settings), tmp_path / "anywhere"
    folder.mkdir()
    (folder / "settings.py").write_text("raise SystemExit('a file of somebody else')")
    apply_line(context.services.engine, LINE, [BAKERY], context.clock())
    task_id = ask(context.services)
    told = os.environ | environment(settings) | {"PYTHONPATH": str(HOUSE)}
    worker = [sys.executable, "-P", "-c", ELSEWHERE]
    done = subprocess.run(worker, cwd=folder, env=told, capture_output=True, text=True)
    assert "somebody else" not in done.stderr
    assert find(TaskStore(context.services.engine), task_id).state is TaskState.DONE
    context.services.engine.dispose()


HALFWAY = """
import sys
from workers import __main__ as worker, tasks

copy = tasks.back_up

def wait_after_copy(*about):
    copy(*about)
    print("copied", flush=True)
    sys.stdin.read()

tasks.back_up = wait_after_copy
worker.do_tasks()
"""


@pytest.mark.timeout(120)  # a process starts
def test_a_stopped_process_leaves_no_copy_of_the_database(
    settings: Settings, tmp_path: Path
) -> None:
    """The real process, between the copy and the end of its task."""
    context, scratch = make_context(settings), tmp_path / "scratch"
    if context.services.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's programs may not be here")
    scratch.mkdir()
    ask(context.services, BackUp())
    told = os.environ | environment(settings) | {"TMPDIR": str(scratch)}
    process = subprocess.Popen(
        [sys.executable, "-c", HALFWAY],
        env=told,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=tied_to_us(),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"copied\n"
    assert [file.name for file in scratch.glob("*/*")] == ["line.backup"]
    process.terminate()
    process.wait(LONG)
    assert list(scratch.iterdir()) == []
    process.communicate()
    context.services.engine.dispose()


def test_the_copy_of_a_killed_process_is_deleted_by_the_next(
    board: Services, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if board.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's programs may not be here")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, used, other = (tmp_path / name for name in ("line-task-a", "line-task-b", "other"))
    for folder in (left, used, other):
        folder.mkdir()
        (folder / "line.backup").touch()
    held = os.open(used, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    ask(board, BackUp())
    worker.work()
    os.close(held)
    assert [left.exists(), used.exists(), other.exists()] == [False, True, True]
    assert [folder.name for folder in tmp_path.glob("line-task-*")] == ["line-task-b"]


def test_a_file_is_kept_for_a_day(
    board: Services, tasks: TaskStore, worker: Worker, clock: Clock
) -> None:
    ask(board)
    worker.work()
    waiting = ask(board)
    hour = dt.timedelta(hours=1)
    delete_traces(board.engine, clock() + 23 * hour)
    assert count(board.engine) == (2, 2)
    delete_traces(board.engine, clock() + 25 * hour)
    assert [task.id for task in tasks.list_latest(None)] == [waiting]
    assert count(board.engine) == (1, 1)
    with reading(board.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(task_chunks)) == 0


def count(engine: Engine) -> tuple[int, int]:
    ours = select(func.count()).where(jobs.c.lane == Lane.TASKS.value)
    with reading(engine) as connection:
        listed = connection.scalar(select(func.count()).select_from(task_table))
        return connection.scalar(ours) or 0, listed or 0


@pytest.mark.timeout(120)  # two processes start
def test_the_process_of_tasks_is_killed_and_the_next_one_begins_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 in the middle of a file, of the real process."""
    context = make_context(settings)
    board, tasks = context.services, TaskStore(context.services.engine)
    apply_line(board.engine, LINE, [BAKERY], context.clock())
    write_calls(board.engine, 6000, context.clock())
    begun: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def note(*args: Any, **named: Any) -> subprocess.Popen[bytes]:
        begun.append(start(*args, env=os.environ | environment(settings), **named))
        return begun[-1]

    monkeypatch.setattr(subprocess, "Popen", note)
    task_id, end = ask(board), threading.Event()
    first = threading.Thread(target=run_due_tasks, args=(context, end))
    first.start()
    until(lambda: find(tasks, task_id).rows)
    begun[0].send_signal(signal.SIGKILL)
    first.join(LONG)
    assert find(tasks, task_id).state is TaskState.RUNNING
    with writing(board.engine) as connection:  # the lease of the dead process ends
        ended = jobs.update().where(jobs.c.id == task_id)
        connection.execute(ended.values(wakes_at=context.clock()))
    run_due_tasks(context, end)
    task = find(tasks, task_id)
    assert (task.state, task.rows, len(begun)) == (TaskState.DONE, 6000, 2)
    whole = b"".join(tasks.read_file(task_id)).decode("utf-8-sig")
    assert len(whole.splitlines()) == 6001
    board.engine.dispose()


def environment(settings: Settings) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
        "PUBLIC_URL": settings.public_url,
        "SECRET_KEY": settings.secret_key,
        "FALLBACK_FILE": str(settings.fallback_file),
        "MEDIA_DIR": str(settings.media_dir),
    }


def until(seen: Any) -> None:
    """Another process, so there is no event to wait for."""
    deadline = time.monotonic() + LONG
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.01)

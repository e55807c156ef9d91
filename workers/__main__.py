"""The worker process: claims due jobs and runs them, with threads for each lane."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from threading import Event, Thread

import structlog

from routing.jobs import Lane
from service.logging import LoopGuard
from workers.context import WorkerContext
from workers.job_pool import (
    WITH_BELL,
    WITHOUT_BELL,
    WORKER_THREADS,
    Dispatcher,
    run_due,
    start_pool,
    start_transcription,
)
from workers.listener import Bell
from workers.process import become_ready, run_process, start_process, warm_thread

_log = structlog.get_logger("worker")


def main() -> None:
    """Run jobs until a stop signal, also through outages of Redis."""
    with (
        run_process("worker") as (context, end),
        start_pool(context, WORKER_THREADS, partial(warm_thread, context)) as pool,
    ):
        dispatcher = Dispatcher(context, pool)
        bell = Bell(context.services.settings, end, dispatcher.wake)
        bell.start()
        start_transcription(context, end)
        start_tasks(context, end)
        become_ready(context, pool)
        _log.info("listening")
        dispatcher.run(pool, end, lambda: WITH_BELL if bell.heard else WITHOUT_BELL)
        bell.join(LAST_WAIT)


LAST_WAIT = 2.0
"""Seconds for the last wait of the bell, which takes one."""


# The process of tasks: a worker starts it when a task is due, and it ends when there is none. It
# has a low priority and does one task at a time, so that neither a call that must ring nor the
# memory of the worker notices.


LOOK_FOR_TASKS_EVERY = 1.0
NICENESS = 10
"""How much the process gives way to those that answer calls."""


def start_tasks(context: WorkerContext, end: Event) -> None:
    """Start the process of tasks whenever one is due, until the stop signal."""
    turns = LoopGuard("tasks")

    def live() -> None:
        while not end.wait(LOOK_FOR_TASKS_EVERY):
            turns.take(lambda: run_due_tasks(context, end))

    Thread(target=live, name="tasks", daemon=True).start()


def run_due_tasks(context: WorkerContext, end: Event) -> None:
    """Run the process of tasks if one is due, and wait for its end. It ends with this process, and
    another one begins the task again."""
    wakes_at = context.queue.find_next().get(Lane.TASKS)
    if wakes_at is None or wakes_at > context.clock():
        return
    command = [sys.executable, "-m", "workers", "tasks"]
    if sys.flags.safe_path:
        command.insert(1, "-P")  # as this process, it runs no file of the working directory
    process = subprocess.Popen(command)  # noqa: S603  our own arguments, no shell
    while process.poll() is None:
        if end.wait(LOOK_FOR_TASKS_EVERY / 4):
            process.terminate()


def do_tasks() -> None:
    """Do the tasks that are due, then end. A stop signal ends them at once, but what they have on
    disk is deleted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    os.nice(NICENESS)
    run_due(start_process(), Lane.TASKS, Event())


if __name__ == "__main__":
    if sys.argv[1:] == ["tasks"]:
        do_tasks()
    else:
        main()

"""The process of tasks: a worker starts it when a task is due, and it ends when there is none.

It has a low priority and does one task at a time, so that neither a call that must ring nor the
memory of the worker notices.
"""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Event, Thread

from routing.jobs import Lane
from service.logging import LoopGuard
from workers.context import WorkerContext
from workers.job_pool import run_due
from workers.process import start_process

LOOK_EVERY = 1.0
NICENESS = 10
"""How much the process gives way to those that answer calls."""


def start_tasks(context: WorkerContext, end: Event) -> None:
    """Start the process of tasks whenever one is due, until the stop signal."""
    turns = LoopGuard("tasks")

    def live() -> None:
        while not end.wait(LOOK_EVERY):
            turns.take(lambda: run_due_tasks(context, end))

    Thread(target=live, name="tasks", daemon=True).start()


def run_due_tasks(context: WorkerContext, end: Event) -> None:
    """Run the process of tasks if one is due, and wait for its end. It ends with this process, and
    another one begins the task again."""
    wakes_at = context.queue.find_next().get(Lane.TASKS)
    if wakes_at is None or wakes_at > context.clock():
        return
    process = subprocess.Popen([sys.executable, "-m", "workers.task_process"])
    while process.poll() is None:
        if end.wait(LOOK_EVERY / 4):
            process.terminate()


def main() -> None:
    """Run what is due, then end."""
    os.nice(NICENESS)
    run_due(start_process(), Lane.TASKS, Event())


if __name__ == "__main__":
    main()

"""The worker process: claims due jobs and runs them, with threads for each lane."""

from __future__ import annotations

from functools import partial

import structlog

from workers.job_pool import (
    WITH_BELL,
    WITHOUT_BELL,
    WORKER_THREADS,
    Dispatcher,
    start_pool,
    start_transcription,
)
from workers.listener import Bell
from workers.process import become_ready, run_process, warm_thread
from workers.task_process import start_tasks

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


if __name__ == "__main__":
    main()

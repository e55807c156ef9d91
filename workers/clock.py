"""The clock process: runs jobs that the workers leave undone, and reads mail. Any number may run;
there is no leader."""

from __future__ import annotations

import datetime as dt
from functools import partial

from workers.context import WorkerContext
from workers.job_pool import (
    CLOCK_THREADS,
    LATE_ONLY,
    WITHOUT_BELL,
    Dispatcher,
    LookRule,
    start_pool,
)
from workers.mailbox import start_mail
from workers.process import become_ready, run_process, warm_thread

WORKER_GONE_AFTER = dt.timedelta(seconds=8)
"""Without a heartbeat of any worker for so long, there is none."""


def main() -> None:
    """Run jobs until a stop signal."""
    with (
        run_process("clock") as (context, end),
        start_pool(context, CLOCK_THREADS, partial(warm_thread, context)) as pool,
    ):
        start_mail(context, end)
        become_ready(context, pool)
        Dispatcher(context, pool).run(pool, end, partial(choose_rule, context))


def choose_rule(context: WorkerContext) -> LookRule:
    """Run everything when no worker lives, and else only what is late."""
    now, beat = context.clock(), context.heartbeats.last("worker")
    if beat is not None and abs(now - beat) < WORKER_GONE_AFTER:
        return LATE_ONLY
    return WITHOUT_BELL


if __name__ == "__main__":
    main()

"""The clock process: looks for due jobs every 50 ms. Any number may run; there is no leader."""

from __future__ import annotations

import datetime as dt
from functools import partial

from service.logging import LoopGuard
from workers.context import WorkerContext
from workers.job_pool import JobPool
from workers.mailbox import start_mail
from workers.process import become_ready, run_process, warm_thread

TICK_SECONDS = 0.05
_PAUSE_SECONDS = 0.5


def main() -> None:
    """Tick until a stop signal."""
    turns = LoopGuard("clock")
    with (
        run_process("clock") as (context, end),
        JobPool(context, warm=partial(warm_thread, context)) as pool,
    ):
        start_mail(context, end)
        become_ready(context, pool)
        while not end.wait(TICK_SECONDS):
            if not turns.take(partial(sweep, context, pool)):
                end.wait(_PAUSE_SECONDS)


WORKER_GONE_AFTER = dt.timedelta(seconds=8)
"""Without a heartbeat of any worker for so long, there is none."""

LATE_AFTER = dt.timedelta(seconds=2)
"""A job due for so long runs here: the workers are busy or stuck."""


def sweep(context: WorkerContext, pool: JobPool) -> None:
    """Lease the due jobs and queue or run them; any number of clocks may do so at once."""
    pool.look()
    due, now = context.queue, context.clock()
    if not due.waking(now):
        return
    _run_here(context, pool, now - LATE_AFTER)
    if not (_is_worker_alive(context, now) and _extend_queued(context, now)):
        _run_here(context, pool, now)
        return
    leases = due.lease(now)
    if not context.notifier.tell(leases):
        for lease in leases:  # without a free thread the lease of a job expires
            pool.do(lease.lane, lease)


def _run_here(context: WorkerContext, pool: JobPool, due_by: dt.datetime) -> None:
    """Run the jobs due since then, as far as their lanes have free threads."""
    now = context.clock()
    for lane in context.queue.lanes(now, due_by):
        if free := pool.free(lane):
            for lease in context.queue.lease(now, free, due_by, lane):
                pool.do(lane, lease)


def _is_worker_alive(context: WorkerContext, now: dt.datetime) -> bool:
    beat = context.heartbeats.last("worker")
    return beat is not None and abs(now - beat) < WORKER_GONE_AFTER


def _extend_queued(context: WorkerContext, now: dt.datetime) -> bool:
    """Extend the leases of jobs that are still queued in Redis; False when Redis is down."""
    unclaimed = context.queue.unclaimed(now)
    if not unclaimed:
        return context.notifier.reachable
    in_line = context.notifier.in_line()
    if in_line is None:
        return False
    context.queue.extend(in_line.intersection(unclaimed), now)
    return True


if __name__ == "__main__":
    main()

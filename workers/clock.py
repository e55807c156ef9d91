"""The clock process: looks for due jobs every 50 ms. Any number may run; there is no leader."""

from __future__ import annotations

import datetime as dt
from functools import partial

from service.logging import LoopGuard
from workers.context import WorkerContext
from workers.job_pool import JobPool
from workers.maintenance import start_maintenance
from workers.process import catch_stop_signals, keep_heartbeat, notify_ready, start_process
from workers.warmup import MAX_WARM_UP_SECONDS, warm_thread, warm_up
from workers.webhooks import start_webhook_sender

TICK_SECONDS = 0.05
_PAUSE_SECONDS = 0.5


def main() -> None:
    """Tick until a stop signal."""
    context, end, turns = start_process(), catch_stop_signals(), LoopGuard("clock")
    start_maintenance(context, end)
    start_webhook_sender(context, end)
    warm = partial(warm_thread, context)
    with JobPool(context, warm=warm) as hands, keep_heartbeat("clock", context):
        warm_up(context)
        hands.until_warm(MAX_WARM_UP_SECONDS)
        notify_ready()
        while not end.wait(TICK_SECONDS):
            if not turns.take(partial(sweep, context, hands)):
                end.wait(_PAUSE_SECONDS)


# One look at the due jobs: queue them for the workers, or run them here when no worker is alive.


WORKER_GONE_AFTER = dt.timedelta(seconds=8)
"""Without a heartbeat of any worker for so long, there is none."""

LATE_AFTER = dt.timedelta(seconds=2)
"""A job due for so long runs here: the workers are busy or stuck."""


def sweep(context: WorkerContext, hands: JobPool) -> None:
    """Lease the due jobs and queue or run them; any number of clocks may do so at once."""
    hands.look()
    due, now = context.due, context.clock()
    if not due.waking(now):
        return
    _run_here(context, hands, now - LATE_AFTER)
    if not (_is_worker_alive(context, now) and _extend_queued(context, now)):
        _run_here(context, hands, now)
        return
    leases = due.lease(now)
    if not context.bell.tell(leases):
        for lease in leases:  # without a free thread the lease of a job expires
            hands.do(lease.lane, lease)


def _run_here(context: WorkerContext, hands: JobPool, due_by: dt.datetime) -> None:
    """Run the jobs due since then, as far as their lanes have free threads."""
    now = context.clock()
    for lane in context.due.lanes(now, due_by):
        if free := hands.free(lane):
            for lease in context.due.lease(now, free, due_by, lane):
                hands.do(lane, lease)


def _is_worker_alive(context: WorkerContext, now: dt.datetime) -> bool:
    beat = context.beats.last("worker")
    return beat is not None and abs(now - beat) < WORKER_GONE_AFTER


def _extend_queued(context: WorkerContext, now: dt.datetime) -> bool:
    """Extend the leases of jobs that are still queued in Redis; False when Redis is down."""
    unclaimed = context.due.unclaimed(now)
    if not unclaimed:
        return context.bell.reachable
    in_line = context.bell.in_line()
    if in_line is None:
        return False
    context.due.extend(in_line.intersection(unclaimed), now)
    return True


if __name__ == "__main__":
    main()

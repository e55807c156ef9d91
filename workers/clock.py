"""The clock process: looks every 50 ms for what is due. Any number may run; none of them leads."""

from __future__ import annotations

import datetime as dt
from functools import partial

from service.logging import Turns
from workers.context import WorkerContext
from workers.job_pool import Hands
from workers.maintenance import keep_up
from workers.process import asked_to_end, beating, begin, ready
from workers.warmup import ENOUGH, warm_hand, warm_up
from workers.webhooks import carry

TICK = 0.05
_REST = 0.5


def main() -> None:
    """Tick until asked to end."""
    context, end, turns = begin(), asked_to_end(), Turns("clock")
    keep_up(context, end)
    carry(context, end)
    warm = partial(warm_hand, context)
    with Hands(context, warm=warm) as hands, beating("clock", context):
        warm_up(context)
        hands.until_warm(ENOUGH)
        ready()
        while not end.wait(TICK):
            if not turns.take(partial(sweep, context, hands)):
                end.wait(_REST)


if __name__ == "__main__":
    main()


# One look at what is due: hand it to the workers, or do it here when they do not come.


MISSED = dt.timedelta(seconds=8)
"""No sign of life of any worker for so long: there is none."""

LATE = dt.timedelta(seconds=2)
"""Due for so long: the workers are there, but busy or stuck."""


def sweep(context: WorkerContext, hands: Hands) -> None:
    """Lease what is due and see that somebody does it; any number of clocks may do so at once."""
    hands.look()
    due, now = context.due, context.clock()
    if not due.waking(now):
        return
    _do_here(context, hands, now - LATE)
    if not (_worker_lives(context, now) and _keep_in_line(context, now)):
        _do_here(context, hands, now)
        return
    leases = due.lease(now)
    if not context.bell.tell(leases):
        for lease in leases:  # of those for which no hand is free the lease runs out
            hands.do(lease.lane, lease)


def _do_here(context: WorkerContext, hands: Hands, due_by: dt.datetime) -> None:
    """Begin as much of what has been due since then as there are hands free for in its lane."""
    now = context.clock()
    for lane in context.due.lanes(now, due_by):
        if free := hands.free(lane):
            for lease in context.due.lease(now, free, due_by, lane):
                hands.do(lane, lease)


def _worker_lives(context: WorkerContext, now: dt.datetime) -> bool:
    beat = context.beats.last("worker")
    return beat is not None and abs(now - beat) < MISSED


def _keep_in_line(context: WorkerContext, now: dt.datetime) -> bool:
    """Leave to the workers what still waits for them; False when Redis is away."""
    unclaimed = context.due.unclaimed(now)
    if not unclaimed:
        return context.bell.reachable
    in_line = context.bell.in_line()
    if in_line is None:
        return False
    context.due.extend(in_line.intersection(unclaimed), now)
    return True

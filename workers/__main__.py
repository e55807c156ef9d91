"""The worker process: takes jobs from Redis and runs them, with threads for each lane."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import structlog

from routing.jobs import Lane
from workers.job_pool import LanePool
from workers.listener import listen
from workers.process import become_ready, run_process, warm_thread

_log = structlog.get_logger("worker")
LOOK_EVERY = 0.5
"""Seconds between two looks for a thread that hangs."""

WORKER_THREADS: Mapping[Lane, int] = {
    Lane.TELEPHONES: 2,
    Lane.DECISIONS: 1,
    Lane.TEXTS: 1,
    Lane.REST: 1,
}
"""Threads of a worker process, by lane."""


def main() -> None:
    """Run jobs until a stop signal, also through outages of Redis."""
    with run_process("worker") as (context, end):
        _log.info("listening")
        work, warm = partial(listen, context.services.settings), partial(warm_thread, context)
        lanes = LanePool(WORKER_THREADS, work, warm)
        become_ready(context, lanes)
        while not end.wait(LOOK_EVERY):
            lanes.look()
        lanes.close()


if __name__ == "__main__":
    main()

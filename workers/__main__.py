"""The worker process: takes jobs from Redis and runs them, with threads for each lane."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import structlog
from redis.exceptions import RedisError

from routing.jobs import Lane
from service.logging import Outage, error_location
from settings import Settings
from workers import jobs
from workers.job_pool import LanePool, LaneThread
from workers.listener import LaneListener
from workers.maintenance import start_maintenance
from workers.process import catch_stop_signals, keep_heartbeat, notify_ready, start_process
from workers.warmup import MAX_WARM_UP_SECONDS, warm_thread, warm_up
from workers.webhooks import start_webhook_sender

_log = structlog.get_logger("worker")
_PAUSE_SECONDS = 0.5
_LOOK = 0.5


WORKER_THREADS: Mapping[Lane, int] = {
    Lane.TELEPHONES: 2,
    Lane.DECISIONS: 1,
    Lane.TEXTS: 1,
    Lane.REST: 1,
}
"""Threads of a worker process, by lane."""


def main() -> None:
    """Run jobs until a stop signal, also through outages of Redis."""
    context, end = start_process(), catch_stop_signals()
    _log.info("listening", errand=jobs.run.__qualname__)
    start_maintenance(context, end)
    start_webhook_sender(context, end)
    with keep_heartbeat("worker", context):
        settings, warm = context.services.settings, partial(warm_thread, context)
        lanes = LanePool(WORKER_THREADS, partial(listen, settings), warm)
        warm_up(context)
        lanes.until_warm(MAX_WARM_UP_SECONDS)
        notify_ready()
        while not end.wait(_LOOK):
            lanes.look()
        lanes.close()


def listen(settings: Settings, hand: LaneThread) -> None:
    """Run the jobs of a lane, one after the other, until the thread is to stop."""
    redis, other = Outage("Redis away"), Outage("worker failed")
    while not hand.is_set():
        try:
            listener = LaneListener(settings.redis_url, settings.installation, hand)
            redis.record_recovery()
            listener.work(logging_level="WARNING")
        except RedisError as error:
            redis.record_failure(type(error).__name__)
        except Exception as error:
            other.record_failure(error_location(error))
        hand.pause(_PAUSE_SECONDS)  # RQ also ends by itself, after an error that it has logged


if __name__ == "__main__":
    main()

"""The worker process: waits for jobs in Redis and does their errands, one after the other."""

from __future__ import annotations

import structlog
from redis.exceptions import RedisError

from outage import Outage, place
from workers import errands
from workers.courier import carry
from workers.life import asked_to_end, beating, begin
from workers.listener import Listener
from workers.readiness import ready
from workers.upkeep import keep_up

_log = structlog.get_logger("worker")
_REST = 0.5


def main() -> None:
    """Listen until asked to end, whatever becomes of Redis in the meantime."""
    context, end = begin(), asked_to_end()
    settings, redis, other = context.board.settings, Outage("Redis away"), Outage("worker failed")
    _log.info("listening", errand=errands.run.__qualname__)
    keep_up(context, end)
    carry(context, end)
    with beating("worker", context):
        ready()
        while not end.is_set():
            try:
                listener = Listener(settings.redis_url, settings.installation, end)
                redis.is_over()
                listener.work(logging_level="WARNING")
            except RedisError as error:
                redis.goes_on(type(error).__name__)
            except Exception as error:
                other.goes_on(place(error))
            end.wait(_REST)  # RQ also ends by itself, after an error that it has logged


if __name__ == "__main__":
    main()

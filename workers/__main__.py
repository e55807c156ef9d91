"""The worker process: waits for jobs in Redis and does their errands, one after the other."""

from __future__ import annotations

import structlog
from redis.exceptions import RedisError

from outage import Outage
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
    context, end, bell = begin(), asked_to_end(), Outage("Redis away")
    _log.info("listening", errand=errands.run.__qualname__)
    keep_up(context, end)
    carry(context, end)
    with beating("worker", context):
        ready()
        while not end.is_set():
            try:
                Listener(context.board.settings.redis_url, end).work(logging_level="WARNING")
            except RedisError as error:
                bell.goes_on(type(error).__name__)
                end.wait(_REST)


if __name__ == "__main__":
    main()

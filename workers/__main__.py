"""The worker process: waits for jobs in Redis and does their errands, lane by lane."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import structlog
from redis.exceptions import RedisError

from routing.jobs import Lane
from service.logging import Outage, place
from settings import Settings
from workers import jobs
from workers.job_pool import Hand, Lanes
from workers.listener import ListeningHand
from workers.maintenance import keep_up
from workers.process import asked_to_end, beating, begin, ready
from workers.warmup import ENOUGH, warm_hand, warm_up
from workers.webhooks import carry

_log = structlog.get_logger("worker")
_REST = 0.5
_LOOK = 0.5


LISTENING: Mapping[Lane, int] = {
    Lane.TELEPHONES: 2,
    Lane.DECISIONS: 1,
    Lane.TEXTS: 1,
    Lane.REST: 1,
}
"""The hands of a worker process."""


def main() -> None:
    """Listen until asked to end, whatever becomes of Redis in the meantime."""
    context, end = begin(), asked_to_end()
    _log.info("listening", errand=jobs.run.__qualname__)
    keep_up(context, end)
    carry(context, end)
    with beating("worker", context):
        settings, warm = context.board.settings, partial(warm_hand, context)
        lanes = Lanes(LISTENING, partial(listen, settings), warm)
        warm_up(context)
        lanes.until_warm(ENOUGH)
        ready()
        while not end.wait(_LOOK):
            lanes.look()
        lanes.close()


def listen(settings: Settings, hand: Hand) -> None:
    """Do the errands of a lane, one after the other, until this hand is to end."""
    redis, other = Outage("Redis away"), Outage("worker failed")
    while not hand.is_set():
        try:
            listener = ListeningHand(settings.redis_url, settings.installation, hand)
            redis.is_over()
            listener.work(logging_level="WARNING")
        except RedisError as error:
            redis.goes_on(type(error).__name__)
        except Exception as error:
            other.goes_on(place(error))
        hand.pause(_REST)  # RQ also ends by itself, after an error that it has logged


if __name__ == "__main__":
    main()

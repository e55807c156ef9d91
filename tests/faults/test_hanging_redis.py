"""A Redis that accepts and never answers: nobody waits for it for long."""

from __future__ import annotations

import threading

import pytest
from redis.exceptions import RedisError

from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import Job, OfferEngineer
from settings import Settings
from store.work.redis_client import connect_fail_fast
from tests.faults.conftest import FaultyLine
from workers.job_pool import WORKER_THREADS, Dispatcher, start_pool
from workers.listener import Listener

SOON = 1.0
"""Seconds; the carrier waits for 4.5."""
NOTICED_WITHIN = 60.0
"""Seconds; it takes three, and longer on a machine that does much else."""


@pytest.fixture
def line_settings(line_settings: Settings, silent_port: int) -> Settings:
    return line_settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{silent_port}/0"})


def test_who_answers_a_caller_waits_for_redis_no_longer_than_a_moment() -> None:
    with connect_fail_fast("redis://127.0.0.1:1/0") as wire:
        limits = wire.connection_pool.connection_kwargs
    assert limits["socket_connect_timeout"] + limits["socket_timeout"] < SOON


def test_the_caller_is_answered(line: FaultyLine) -> None:
    for sid in ("CA1", "CA2", "CA3"):
        assert "<Gather" in line.call(sid)


def test_it_is_told_as_away(line: FaultyLine) -> None:
    ready = line.http.get("/readyz")
    assert (ready.status_code, ready.json["redis"]) == (200, "away")
    assert line.figures()[("priority_line_up", "redis")] == 0


def test_a_worker_does_the_work(line: FaultyLine) -> None:
    context, now = line.context, line.context.clock()
    call = Call("call-1", "CA1", "main", "", None, "nl", now)
    errands = tuple(Job(now, OfferEngineer("main", str(n))) for n in range(4))
    context.services.call_service.calls.save(Case(), Decision(Case(call), (), errands), now)
    with start_pool(context, WORKER_THREADS, lambda lane: None) as hands:
        Dispatcher(context, hands).look()
        while context.queue.oldest_due(context.clock()) is not None:
            Dispatcher(context, hands).look()


def test_a_worker_does_not_hang_with_it(line: FaultyLine) -> None:
    end, noticed = threading.Event(), threading.Event()

    def work() -> None:
        try:
            look = Listener(line.settings.redis_url, "line", end, lambda: None)
            look.work(logging_level="WARNING")
        except RedisError:
            noticed.set()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    assert noticed.wait(NOTICED_WITHIN)
    worker.join()

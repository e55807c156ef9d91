"""A Redis that accepts and never answers: nobody waits for it for long."""

from __future__ import annotations

import threading
import time

import pytest
from redis.exceptions import RedisError

from routing.call import Call
from routing.errands import Errand, Freed
from routing.ports import Decision, Matter
from settings import Settings
from store.wire import HANGS
from tests.faults.conftest import FaultyLine
from workers.hands import Hands
from workers.listener import Listener
from workers.sweep import sweep

SOON = 1.0
"""Seconds; the carrier waits for 4.5."""


@pytest.fixture
def line_settings(line_settings: Settings, silent_port: int) -> Settings:
    return line_settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{silent_port}/0"})


def seconds_of(act) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def test_the_caller_is_answered_at_once(line: FaultyLine) -> None:
    first = seconds_of(line.call)
    second = seconds_of(lambda: line.call("CA2"))
    assert first < SOON
    assert second < first + 0.1
    assert "<Gather" in line.call("CA3")


def test_it_is_told_as_away(line: FaultyLine) -> None:
    assert seconds_of(lambda: line.http.get("/readyz")) < SOON
    ready = line.http.get("/readyz")
    assert (ready.status_code, ready.json["redis"]) == (200, "away")
    assert line.figures()[("priority_line_up", "redis")] == 0


def test_the_clock_does_the_work(line: FaultyLine) -> None:
    context, now = line.context, line.context.clock()
    context.beats.beat("worker", "waits for Redis", now)
    call = Call("call-1", "CA1", "main", "", None, "nl", now)
    errands = tuple(Errand(now, Freed("main", str(n))) for n in range(4))
    context.board.desk.book.save(Matter(), Decision(Matter(call), (), errands), now)
    while context.due.oldest_due(context.clock()) is not None:
        with Hands(context) as hands:
            took = seconds_of(lambda: sweep(context, hands))
        assert took < SOON


def test_a_worker_does_not_hang_with_it(line: FaultyLine) -> None:
    end, noticed = threading.Event(), threading.Event()

    def work() -> None:
        try:
            Listener(line.settings.redis_url, end).work(logging_level="WARNING")
        except RedisError:
            noticed.set()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    assert noticed.wait(HANGS + 2)
    worker.join(1)

"""The bell: one round trip, never an error; it fails fast while Redis is away, and then rests."""

from __future__ import annotations

import pytest
from redis.backoff import NoBackoff
from redis.connection import Connection
from redis.retry import Retry

from store.work.redis_client import (
    ELSEWHERE,
    LOOK,
    MOST_RINGS,
    Breaker,
    NoJobNotifier,
    RqJobNotifier,
    connect_fail_fast,
    queue_name,
)

NOWHERE = "redis://127.0.0.1:1/0"
QUEUE = f"rq:queue:{queue_name('line')}"


def test_a_bell_on_a_dead_wire_neither_raises_nor_blocks() -> None:
    bell = RqJobNotifier(connect_fail_fast(NOWHERE), "line")
    bell.notify(["one"])
    assert not bell.reachable
    assert not bell.ring()


def test_it_rings_once_for_any_number_of_jobs_and_never_for_none(redis_url: str) -> None:
    wire = connect_fail_fast(redis_url)
    bell = RqJobNotifier(wire, "line")
    bell.notify([])
    assert wire.lrange(QUEUE, 0, -1) == []
    bell.notify(["one", "two", "three"])
    assert wire.lrange(QUEUE, 0, -1) == [LOOK.encode()]
    assert wire.keys("*") == [QUEUE.encode()], "there is nothing else in Redis"
    bell.close()


def test_rings_that_nobody_hears_take_no_room(redis_url: str) -> None:
    wire = connect_fail_fast(redis_url)
    bell = RqJobNotifier(wire, "line")
    for _ in range(3 * MOST_RINGS):
        bell.notify(["one"])
    assert wire.llen(QUEUE) == MOST_RINGS
    bell.close()


def test_to_ring_is_one_round_trip(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bell = RqJobNotifier(connect_fail_fast(redis_url), "line")
    bell.notify(["connects"])
    sent: list[object] = []
    send = Connection.send_packed_command

    def count(connection: Connection, command: object, check_health: bool = True) -> None:
        sent.append(command)
        send(connection, command, check_health)

    monkeypatch.setattr(Connection, "send_packed_command", count)
    bell.notify(["one", "two"])
    assert len(sent) == 1
    bell.close()


def test_a_queue_that_is_something_else_is_a_redis_that_is_away(redis_url: str) -> None:
    wire = connect_fail_fast(redis_url)
    wire.set(QUEUE, "of another program")
    assert not RqJobNotifier(wire, "line").ring()


def test_a_breaker_rests_and_then_lets_somebody_try() -> None:
    seconds = [0.0]
    breaker = Breaker(rest=2.0, now=lambda: seconds[0])
    assert not breaker.open
    breaker.trip()
    assert breaker.open
    seconds[0] = 2.0
    assert not breaker.open


def test_a_bell_that_nobody_hears_does_nothing() -> None:
    NoJobNotifier().notify(["one"])


def test_those_who_must_answer_wait_for_redis_shortly() -> None:
    """The defaults of the client try ten times, with pauses, for up to five seconds."""
    connection = connect_fail_fast(NOWHERE).connection_pool.make_connection()
    assert (connection.socket_connect_timeout, connection.socket_timeout) == (0.25, 0.25)
    assert connection.retry == Retry(NoBackoff(), 1, supported_errors=ELSEWHERE)

"""Redis away: the bell fails fast, then rests, and never raises."""

from __future__ import annotations

from redis.backoff import NoBackoff
from redis.retry import Retry

from routing.jobs import Lease
from store.work.redis_client import (
    ELSEWHERE,
    Breaker,
    NoJobNotifier,
    RqJobNotifier,
    connect_fail_fast,
    queue_name,
)

NOWHERE = "redis://127.0.0.1:1/0"


def test_a_bell_on_a_dead_wire_neither_raises_nor_blocks() -> None:
    bell = RqJobNotifier(connect_fail_fast(NOWHERE), "line")
    bell.notify(["one"])
    assert not bell.reachable
    assert not bell.tell([Lease("two", 1)])
    assert bell.in_line() is None


def test_jobs_in_line_are_known_by_errand_and_attempt(redis_url: str) -> None:
    bell = RqJobNotifier(connect_fail_fast(redis_url), "line")
    bell.notify(["one"])
    assert bell.tell([Lease("two", 3)])
    assert bell.tell([])
    assert bell.in_line() == {Lease("one", 1), Lease("two", 3)}
    bell.close()


def test_an_id_that_is_not_ours_is_passed_over(redis_url: str) -> None:
    wire = connect_fail_fast(redis_url)
    bell = RqJobNotifier(wire, "line")
    bell.notify(["one"])
    for odd in (
        b"one-x",
        b"an-id-of-another-program",
        b"\xff",
        b"",
        b"jobs-line-two-99999999999",
    ):
        wire.rpush("rq:queue:jobs-line", odd)
    assert bell.in_line() == {Lease("one", 1)}
    bell.close()


def test_a_queue_that_is_something_else_is_a_redis_that_is_away(redis_url: str) -> None:
    wire = connect_fail_fast(redis_url)
    wire.set(f"rq:queue:{queue_name('line')}", "of another program")
    assert RqJobNotifier(wire, "line").in_line() is None
    assert not RqJobNotifier(wire, "line").tell([Lease("one", 1)])


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

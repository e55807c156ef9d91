"""Whoever guesses waits longer and longer, with Redis and without it."""

import pytest

from store.work.rate_limits import Backoff, Ceiling, GuessLimiter

PACE = Backoff(free=3, longest=60)
NOWHERE = "redis://127.0.0.1:1/0"
LONG = 4096
"""Seconds of a wait that no test outlasts, on however slow a machine."""


class Stern(Backoff):
    """Every wait is a long one."""

    def wait(self, tries):
        """As long as it takes."""
        return LONG if super().wait(tries) else 0


STERN = Stern(free=3, longest=60)


def is_long(seconds):
    """Nearly all of it is still to come."""
    return LONG / 2 < seconds <= LONG


@pytest.fixture(params=["redis", "away"])
def throttle(request):
    """Counting in Redis, and in the process while Redis is away."""
    here = request.param == "redis"
    return GuessLimiter(request.getfixturevalue("redis_url") if here else NOWHERE, "line")


def test_each_further_try_doubles_the_wait_up_to_the_longest():
    assert [PACE.wait(n) for n in (1, 2, 3, 4, 5, 8, 9, 900)] == [0, 0, 1, 2, 4, 32, 60, 60]


def test_after_the_free_tries_one_waits_and_others_do_not(throttle):
    for _ in range(3):
        assert throttle.enter([("sanne", STERN)]) == 0
    assert is_long(throttle.enter([("sanne", STERN)]))
    assert throttle.enter([("joris", STERN)]) == 0


def test_a_ceiling_stops_for_the_whole_period(throttle):
    ceiling = Ceiling(most=2, period=LONG)
    for _ in range(2):
        assert throttle.enter([("text", ceiling)]) == 0
    assert is_long(throttle.enter([("text", ceiling)]))


def test_a_try_while_one_waits_makes_nothing_worse(throttle):
    slow = Stern(free=1, longest=60)
    throttle.enter([("sanne", slow), ("here", STERN)])
    for _ in range(50):
        assert is_long(throttle.enter([("sanne", slow), ("here", STERN)]))
    assert throttle.enter([("here", STERN)]) == 0
    assert throttle.enter([("here", STERN)]) == 0
    assert is_long(throttle.enter([("here", STERN)]))


def test_the_longest_wait_of_all_that_a_try_counts_against_is_told(throttle):
    soon, late = Backoff(free=-9, longest=LONG), Backoff(free=-11, longest=LONG)
    throttle.enter([("a", soon)])
    throttle.enter([("b", late)])
    assert is_long(throttle.enter([("a", soon), ("b", late)]))


def test_whoever_was_right_begins_anew(throttle):
    for _ in range(3):
        throttle.enter([("sanne", STERN)])
    throttle.forgive(["sanne"])
    assert throttle.enter([("sanne", STERN)]) == 0


def test_no_name_stands_in_redis(redis_url):
    import redis

    GuessLimiter(redis_url, "line").enter([("sanne", PACE)])
    with redis.Redis.from_url(redis_url) as wire:
        names = [key.decode() for key in wire.scan_iter()]
    assert names
    assert "sanne" not in " ".join(names)


def test_installations_on_one_redis_count_apart(redis_url):
    here, there = GuessLimiter(redis_url, "here"), GuessLimiter(redis_url, "there")
    for _ in range(4):
        here.enter([("sanne", PACE)])
    assert here.enter([("sanne", PACE)]) > 0
    assert there.enter([("sanne", PACE)]) == 0

"""What each figure means, in numbers that can be counted on the fingers."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.service_levels import ServiceFigures, count_started_seconds, percentage, sum_figures

MINUTE = dt.timedelta(minutes=1)
waits = st.dictionaries(st.integers(0, 4000), st.integers(1, 9), max_size=30)
services = st.builds(ServiceFigures, st.integers(0, 99), waits, waits)


def test_the_time_to_a_human_is_the_wait_of_a_call_that_there_was():
    ten = ServiceFigures(10, dict.fromkeys(range(10, 110, 10), 1))
    assert [ten.time_to_human(percent) for percent in (1, 50, 51, 90, 91, 100)] == [
        10,
        50,
        60,
        90,
        100,
        100,
    ]
    assert ten.worst == 100


def test_where_nobody_was_answered_there_is_no_time_to_a_human_and_no_service_level():
    none = ServiceFigures(3, {}, {5: 3})
    assert (none.time_to_human(50), none.worst, none.level(MINUTE)) == (None, None, None)
    assert none.level_2(MINUTE) == 100
    assert ServiceFigures().level_2(MINUTE) is None


def test_the_service_level_is_of_the_answered_and_the_second_of_the_abandoned_too():
    """Eight answered, six of them in time; four abandoned, one of them in time."""
    some = ServiceFigures(15, {59: 5, 60: 1, 61: 2}, {60: 1, 300: 3})
    assert some.level(MINUTE) == 75
    assert some.level_2(MINUTE) == pytest.approx(7 / 12 * 100)
    assert (some.answers, some.losses) == (8, 4)


@pytest.mark.parametrize(
    ("wait", "begun"), [(0, 0), (0.000001, 1), (60, 60), (60.2, 61), (-5, 0), (61.999999, 62)]
)
def test_a_part_of_a_second_counts_as_one(wait, begun):
    assert count_started_seconds(dt.timedelta(seconds=wait)) == begun


@given(services, st.integers(1, 100))
def test_at_least_this_share_waited_no_longer_and_a_second_less_would_not_do(service, percent):
    found = service.time_to_human(percent)
    if found is None:
        assert not service.answered
        return
    each = [wait for wait, calls in service.answered.items() for _ in range(calls)]
    enough = math.ceil(percent * len(each) / 100)
    assert sum(wait <= found for wait in each) >= enough
    assert sum(wait < found for wait in each) < enough
    assert found in service.answered


@given(st.lists(services, max_size=5))
def test_figures_of_several_are_those_of_all_their_calls(some):
    whole = sum_figures(some)
    assert whole.calls == sum(one.calls for one in some)
    assert whole.answers == sum(one.answers for one in some)
    assert whole.worst == max((one.worst for one in some if one.worst is not None), default=None)
    level = percentage(
        sum(n for s in some for w, n in s.answered.items() if w <= 60), whole.answers
    )
    assert whole.level(MINUTE) == level

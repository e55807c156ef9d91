"""What is said of the place in the row, and of how long it takes."""

import datetime as dt

import pytest

from routing.caller.news import say_position
from routing.escalation.queue_position import QueueEstimate, estimate
from tests.routing.test_desk_queue import BOB, reports, staffed

FIRST, THIRD = ("row_first", {}), ("row_place", {"place": 3})
FIVE, FORTY = dt.timedelta(minutes=5), dt.timedelta(minutes=40)
HOUR, LONG = dt.timedelta(hours=1), ("row_wait_long", {})
ESTIMATES = [
    (QueueEstimate(1), [FIRST]),
    (QueueEstimate(3), [THIRD]),
    (QueueEstimate(1, FIVE), [FIRST, ("row_wait", {"wait": FIVE})]),
    (QueueEstimate(3, FORTY), [THIRD, ("row_wait", {"wait": FORTY})]),
    (QueueEstimate(3, HOUR), [THIRD, ("row_wait", {"wait": HOUR})]),
    (QueueEstimate(3, HOUR + FIVE), [THIRD, LONG]),
    (QueueEstimate(3, 5 * HOUR), [THIRD, LONG]),
]


@pytest.mark.parametrize(("found", "said"), ESTIMATES)
def test_the_place_is_said_and_an_estimate_only_where_there_are_grounds(found, said):
    floor = staffed("joris")
    reports(floor)
    floor.take("+31612345602")
    waits = floor.incident(reports(floor, 3, BOB))
    news = say_position(waits, found)
    assert [(one.prompt, dict(one.values)) for one in news] == said


def test_talks_that_were_short_are_rounded_up_and_nobody_is_promised_nothing():
    talks = [dt.timedelta(seconds=s) for s in (1, 2, 3)]
    assert estimate(1, talks, 2).wait == dt.timedelta(minutes=5)

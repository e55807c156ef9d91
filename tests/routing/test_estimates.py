"""What the place in the row and the estimate sound like, in both languages."""

import datetime as dt

import pytest

from carrier.prompts import render_sentence
from routing.caller.hold import say_news
from routing.escalation.queue_position import QueueEstimate, estimate
from tests.routing.test_desk_queue import BOB, reports, staffed

FIRST = ("U bent als eerste aan de beurt.", "You are next in line.")
THIRD = ("U bent nummer 3 in de rij.", "You are number 3 in line.")
ESTIMATES = [
    (QueueEstimate(1), FIRST),
    (QueueEstimate(3), THIRD),
    (QueueEstimate(1, dt.timedelta(minutes=5)), FIRST, "nog 5 minuten", "about 5 minutes"),
    (QueueEstimate(3, dt.timedelta(minutes=40)), THIRD, "nog 40 minuten", "about 40 minutes"),
    (QueueEstimate(3, dt.timedelta(hours=1)), THIRD, "nog 1 uur", "about 1 hour"),
    (QueueEstimate(3, dt.timedelta(minutes=65)), THIRD, "langer dan een uur", "more than an hour"),
    (QueueEstimate(3, dt.timedelta(hours=5)), THIRD, "langer dan een uur", "more than an hour"),
]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("case", ESTIMATES)
def test_the_place_is_said_and_an_estimate_only_where_there_are_grounds(case, language):
    found, place, *wait = case
    floor = staffed("joris")
    reports(floor)
    floor.take("+31612345602")
    waits = floor.incident(reports(floor, 3, BOB))
    said = [
        render_sentence(language, each.prompt, dict(each.values))
        for each in say_news(waits, floor.now, found)
    ]
    which = ("nl", "en").index(language)
    assert said[0] == place[which]
    expected = {
        "nl": [f"Het duurt naar schatting {w}." for w in wait[:1]],
        "en": [f"We expect it to take {w}." for w in wait[1:]],
    }
    assert said[1:] == expected[language]


def test_talks_that_were_short_are_rounded_up_and_nobody_is_promised_nothing():
    talks = [dt.timedelta(seconds=s) for s in (1, 2, 3)]
    assert estimate(1, talks, 2).wait == dt.timedelta(minutes=5)

"""Premium incidents over the telephone: what the caller hears, what counts, what is set back."""

import pytest

from store.log.reports import Reports
from tests.stories.conftest import PAPER
from tests.stories.stage import SANNE
from tests.words import words_of

FEW = "plan: msa_plus\n    premium_incidents: 2"


@pytest.fixture
def paper():
    """The bakery has two premium incidents a year."""
    return PAPER.replace("plan: msa_plus", FEW, 1)


def through(stage, *keys):
    """Pieter calls, Sanne takes it, they talk, and she presses these keys at the closing menu."""
    caller = stage.call_level_1()
    stage.advance(8)
    engineer = stage.take(SANNE)
    stage.advance(5)
    stage.hang_up(caller)
    stage.advance(3)
    stage.advance(15)
    for key in keys:
        stage.press(engineer, key)
        stage.advance(4)
    if engineer.live:
        stage.hang_up(engineer)
    stage.advance(2)
    return " ".join(caller.hears), " ".join(engineer.hears)


def listed(stage):
    return [
        (row["premium"], row["over_quota"]) for row in Reports(stage.services.engine).incidents()
    ]


def test_the_caller_hears_what_is_left_and_is_helped_when_nothing_is(stage):
    first, _ = through(stage, "1")
    second, _ = through(stage, "1")
    third, engineer = through(stage, "1")
    assert words_of("premium_left_many", left=2) in first
    assert words_of("premium_left_one") in second
    assert words_of("premium_left_none") in third
    assert words_of("premium_left_none") not in engineer
    assert listed(stage) == [(True, False), (True, False), (True, True)]


def test_one_key_after_the_talk_says_that_it_was_no_premium_incident(stage):
    _, engineer = through(stage, "5", "1")
    assert words_of("closing_standard", key=5) in engineer
    assert words_of("set_to_standard") in engineer
    assert listed(stage) == [(False, False)]
    second, engineer = through(stage, "1")
    assert words_of("premium_left_many", left=2) in second
    assert listed(stage) == [(False, False), (True, False)]


def test_a_caller_who_hangs_up_before_anybody_takes_the_call_has_used_nothing(stage):
    caller = stage.call_level_1()
    stage.advance(5)
    stage.hang_up(caller)
    assert listed(stage) == [(False, False)]
    stage.take(SANNE)
    assert listed(stage) == [(True, False)]

"""Exactly one wins; the others hear so, and legs that still ring are cancelled."""

import threading

import pytest

from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, SANNE

BOTH = PAPER.replace("{ring: [primary], for: 30s}", "{ring: [primary, joris], for: 30s}")


@pytest.fixture
def paper():
    return BOTH


@pytest.mark.parametrize("again", range(10))
def test_two_keys_at_the_same_moment_have_one_winner(stage, again):
    caller = stage.call_level_1()
    engineers = [stage.answer(SANNE), stage.answer(JORIS)]
    keys = [stage.leg(engineer).take_key for engineer in engineers]
    pressing = [
        threading.Thread(target=engineer.press, args=(key,))
        for engineer, key in zip(engineers, keys, strict=True)
    ]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join()
    stage.settle()
    stage.advance(8)
    winners = [engineer for engineer in engineers if caller.bridged_with == engineer.sid]
    (loser,) = [engineer for engineer in engineers if engineer not in winners]
    assert len(winners) == 1
    assert any("al aangenomen door" in said for said in loser.hears)
    assert not loser.live


def test_legs_that_still_ring_are_cancelled(stage):
    stage.call_level_1()
    stage.take(SANNE)
    (leg,) = stage.office.phone(JORIS).handsets
    assert leg.status == "canceled"
    stage.advance(2)
    results = {page.engineer: page.result for page in stage.pages() if page.channel == "call"}
    assert results == {"sanne": "accepted", "joris": "canceled"}


def test_who_listens_hears_at_once_that_it_is_taken_and_by_whom(stage):
    stage.call_level_1()
    joris = stage.answer(JORIS)
    stage.advance(1)
    stage.take(SANNE)
    stage.advance(2)
    assert "Dit gesprek is al aangenomen door Sanne de Vries. Tot ziens." in joris.hears

"""Acknowledged by text or link while the caller waits: 45 seconds for a key, and not one more."""

import pytest

from tests.stories.stage import JORIS, LAST_RESORT, LINE, SANNE, SANNES_DESK
from tests.words import words_of


def all_tried(stage):
    """Everybody was rung in vain, the last resort too: the next round is minutes away."""
    caller = stage.call_level_1()
    while stage.incident().escalation.phase != "resting":
        stage.advance(5)
    return caller


def text(stage, number):
    stage.office.text(number, LINE, f"ok {stage.incident().number}")
    stage.settle()


def told(stage):
    return " / ".join(stage.written())


@pytest.mark.parametrize(
    "phone",
    [{"mode": "ring"}, {"mode": "mailbox", "after": 3, "stays": 300}, {"mode": "busy"}],
    ids=["nobody picks up", "a mailbox", "busy"],
)
def test_without_a_key_in_45_seconds_the_escalation_resumes(stage, phone):
    caller = all_tried(stage)
    stage.office.phone(JORIS).behave(phone.pop("mode"), **phone)
    before = stage.rings(SANNE), stage.rings(JORIS)
    text(stage, JORIS)
    assert stage.rings(JORIS) == before[1] + 1
    assert (stage.incident().state, stage.incident().acknowledged_by) == ("acknowledged", "joris")
    stage.advance(44)
    assert stage.rings(SANNE) == before[0]
    stage.advance(1.5)
    assert (stage.rings(SANNE), stage.incident().state) == (before[0] + 1, "open")
    assert "joris acknowledged it and pressed no key within 45 s" in told(stage)
    sanne = stage.take(SANNE)
    assert caller.bridged_with == sanne.sid


def test_an_escalation_under_way_never_stands_still(stage):
    stage.call_level_1()
    text(stage, SANNE)
    stage.advance(61)
    assert (stage.rings(SANNES_DESK), stage.rings(JORIS)) == (1, 1)
    assert stage.incident().state == "open"
    stage.advance(150)
    assert stage.rings(LAST_RESORT) == 1


def test_the_key_in_time_joins_them_and_nobody_else_is_rung(stage):
    caller = all_tried(stage)
    text(stage, JORIS)
    joris = stage.take(JORIS)
    assert caller.bridged_with == joris.sid
    before = stage.rings(SANNE)
    stage.advance(60)
    assert (stage.rings(SANNE), stage.incident().acknowledged_by) == (before, "joris")


def calls_in(stage):
    """Sanne has the incident, its caller has gone, and she calls the line about it."""
    stage.hang_up(stage.call_level_1())
    text(stage, SANNE)
    sanne = stage.dial(SANNE)
    stage.advance(10)
    stage.press(sanne, "1")
    stage.advance(6)
    return stage.answer(SANNE)


def test_an_engineer_who_calls_in_passes_on_their_own_incident(stage):
    again = calls_in(stage)
    stage.press(again, stage.leg(again).pass_key)
    stage.advance(10)
    assert words_of("handed_over", number=stage.incident().number) in again.hears
    assert stage.incident().state == "open"
    assert stage.rings(JORIS) == 1
    joris = stage.answer(JORIS)
    stage.advance(10)
    assert words_of("whisper_handed_over") in joris.hears
    assert "sanne had it and passes it on" in told(stage)


def test_an_engineer_who_calls_in_and_says_nothing_keeps_it(stage):
    again = calls_in(stage)
    stage.advance(90)
    assert not again.live
    assert (stage.incident().state, stage.incident().acknowledged_by) == ("acknowledged", "sanne")
    assert stage.rings(JORIS) == 0

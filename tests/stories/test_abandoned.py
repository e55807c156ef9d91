"""Callers who hang up at each point: a record always, and an incident once a level was chosen."""

import pytest

from tests.stories.stage import PIN, SANNE, STRANGER
from tests.words import words_of


def outcome(stage, caller):
    call = stage.call(caller)
    return call.outcome, call.incident is not None


@pytest.mark.parametrize("keys", [(), (f"{PIN}#",), (f"{PIN}#", "9"), (f"{PIN}#", "1", "2")])
def test_before_a_level_is_chosen_a_record_is_left(stage, keys):
    caller = stage.dial()
    for key in keys:
        stage.press(caller, key)
    stage.hang_up(caller)
    stage.advance(5)
    assert outcome(stage, caller) == ("abandoned", False)
    assert stage.rings(SANNE) == 0


@pytest.mark.parametrize("status", ["/voice/status", "nothing"])
def test_who_chose_level_1_and_hung_up_is_paged_whatever_word_was_lost(stage, status):
    caller = stage.dial()
    for key in (f"{PIN}#", "1"):
        stage.press(caller, key)
    stage.office.faults(drop=[status])
    stage.hang_up(caller)
    stage.office.faults()
    stage.advance(65)
    assert outcome(stage, caller) == ("abandoned", True)
    assert stage.rings(SANNE) >= 1
    engineer = stage.take(stage.ringing())
    stage.advance(2)
    assert "De beller is niet meer aan de lijn." in engineer.hears


def test_a_stranger_who_chose_level_1_and_hung_up_is_paged_unverified(stage):
    caller = stage.dial(STRANGER)
    for keys in ("1", "0#", "1"):
        stage.press(caller, keys)
    stage.hang_up(caller)
    engineer = stage.answer(SANNE)
    stage.advance(10)
    assert words_of("whisper_unverified") in engineer.hears
    assert outcome(stage, caller) == ("abandoned", True)


def test_a_name_that_ends_by_hanging_up_is_heard(stage):
    caller = stage.dial("anonymous")
    while stage.call(caller).stage != "introduce":
        stage.advance(5)
    while not (caller.asking and caller.asking["verb"] == "Record"):
        stage.advance(0.5)
    caller.speak(4, "Met Pieter van de bakkerij")
    stage.advance(1)
    stage.hang_up(caller)
    stage.advance(3)
    assert outcome(stage, caller) == ("abandoned", True)
    assert stage.incident().introduction
    assert stage.rings(SANNE) == 1

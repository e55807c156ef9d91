"""A caller who leaves a message while waiting does not hold whoever takes the call."""

from routing.call import Stage
from tests.stories.stage import SANNE
from tests.stories.test_hold import longest_silence
from tests.words import words_of

AT_MOST = 15
"""Seconds from the key to the talk: two sentences, a breath, and the queue."""


def speaks_a_message(stage):
    caller = stage.call_level_1()
    stage.advance(6)
    stage.press(caller, "7")
    while not (caller.asking and caller.asking["verb"] == "Record"):
        stage.advance(0.5)
    caller.speak(60, "De kassa ligt plat, en het gaat om")
    stage.advance(3)
    assert stage.call(caller).stage is Stage.MESSAGE
    return caller


def test_the_message_ends_when_the_call_is_taken_and_its_words_are_kept(stage):
    caller = speaks_a_message(stage)
    stage.take(SANNE)
    stage.advance(AT_MOST)
    assert caller.bridged_with
    assert caller.until_hears(words_of("taken_for_you"))
    (spoken,) = stage.desk.calls.recordings.find_all(stage.incident().key)
    assert (spoken.purpose, stage.incident().message) == ("message", spoken.id)


def test_a_message_that_ends_by_itself_as_the_call_is_taken_joins_the_two_once(stage):
    caller = speaks_a_message(stage)
    engineer = stage.answer(SANNE)
    caller.press("#")
    engineer.press(stage.leg(engineer).take_key)
    stage.settle()
    stage.advance(AT_MOST)
    assert caller.bridged_with
    stage.advance(60)
    assert caller.bridged_with


def test_where_the_carrier_ends_no_message_the_two_meet_after_it(stage):
    caller = speaks_a_message(stage)
    engineer = stage.answer(SANNE)
    refused = {"method": "POST", "path": f"Calls/{caller.sid}", "status": 400, "code": 21220}
    stage.office.faults(requests=[refused])
    engineer.press(stage.leg(engineer).take_key)
    stage.settle()
    stage.advance(90)
    assert caller.bridged_with
    assert longest_silence(engineer) < 5.1, "no carrier dials for less than five seconds"

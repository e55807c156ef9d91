"""What a caller is asked while telephones already ring: what is wrong, and the PIN."""

import pytest

from routing.call import CallOutcome, Stage
from routing.incident import IncidentState
from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, PIETER, PIN, SANNE, STRANGER

AT_MOST = 10
"""Seconds from the key to the talk: one sentence to each of the two, and the queue."""

LANGUAGES = {
    "nl": ("Zeg na de toon in een paar woorden", "Een engineer", "halen de beller"),
    "en": ("say in a few words what is wrong", "An engineer", "bringing in the caller"),
}


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def paper(language):
    return PAPER.replace("matter: false\n", "").replace("language: nl", f"language: {language}", 1)


def listens(stage, caller):
    """Until the tone after which the caller may speak."""
    while not (caller.asking and caller.asking["verb"] == "Record"):
        stage.advance(0.5)


def speaks(stage):
    """A caller in the middle of a sentence, while a telephone rings."""
    caller = stage.call_level_1()
    listens(stage, caller)
    caller.speak(15, "De kassa ligt plat, en het gaat om")
    stage.advance(3)
    assert stage.call(caller).stage is Stage.MATTER
    return caller


def kept(stage):
    """The recordings of the incident, as it names them."""
    (spoken,) = stage.desk.calls.recordings.find_all(stage.incident().key)
    assert (spoken.purpose, stage.incident().matter) == ("matter", spoken.id)
    return spoken


def test_the_telephone_rings_before_a_word_is_asked_and_the_matter_is_kept(stage, language):
    caller = stage.call_level_1()
    assert stage.rings(SANNE) == 1
    assert caller.until_hears(LANGUAGES[language][0])
    stage.record(caller, 4)
    assert stage.call(caller).stage is Stage.WAITING
    assert kept(stage).sound.bytes > 0
    engineer = stage.take(SANNE)
    stage.advance(AT_MOST)
    assert caller.bridged_with
    assert engineer.bridged_with


def test_silence_is_not_asked_about_again(stage):
    caller = stage.call_level_1()
    stage.advance(12)
    assert stage.call(caller).stage is Stage.WAITING
    assert stage.incident().matter is None
    stage.take(SANNE)
    stage.advance(AT_MOST)
    assert caller.bridged_with


def test_keys_pressed_while_speaking_are_no_keys_of_the_queue_and_a_hash_ends_it(stage):
    caller = speaks(stage)
    for key in "1278":
        stage.press(caller, key)
    assert stage.call(caller).stage is Stage.MATTER
    stage.press(caller, "#")
    assert stage.call(caller).stage is Stage.WAITING
    kept(stage)
    stage.take(SANNE)
    stage.advance(AT_MOST)
    assert caller.bridged_with


def test_taking_the_call_ends_the_matter_at_once_and_keeps_it(stage, language):
    caller = speaks(stage)
    engineer = stage.take(SANNE)
    stage.advance(AT_MOST)
    assert caller.bridged_with
    assert caller.until_hears(LANGUAGES[language][1])
    assert engineer.bridged_with
    kept(stage)


@pytest.mark.parametrize("spoken", [Stage.MATTER, Stage.MESSAGE])
def test_from_the_key_to_the_talk_it_takes_seven_seconds(stage, spoken):
    caller = stage.call_level_1()
    if spoken is Stage.MESSAGE:
        stage.record(caller, 1)
        stage.press(caller, "7")
    listens(stage, caller)
    caller.speak(15, "De kassa ligt plat, en het gaat om")
    engineer = stage.answer(SANNE)
    assert stage.call(caller).stage is spoken
    engineer.press(stage.leg(engineer).take_key)
    stage.advance(7)
    assert caller.bridged_with


def test_taking_the_call_before_the_tone_connects_the_two(stage):
    caller = stage.call_level_1()
    stage.take(SANNE)
    stage.advance(AT_MOST)
    assert caller.bridged_with
    assert stage.incident().matter is None


def test_a_matter_that_ends_by_itself_as_the_call_is_taken_joins_the_two_once(stage):
    caller = speaks(stage)
    engineer = stage.answer(SANNE)
    caller.press("#")
    engineer.press(stage.leg(engineer).take_key)
    stage.settle()
    stage.advance(AT_MOST)
    assert caller.bridged_with
    stage.advance(60)
    assert caller.bridged_with
    kept(stage)


def test_where_the_carrier_ends_nothing_the_engineer_hears_why_until_the_two_meet(stage):
    caller = speaks(stage)
    engineer = stage.answer(SANNE)
    refused = {"method": "POST", "path": f"Calls/{caller.sid}", "status": 400, "code": 21220}
    stage.office.faults(requests=[refused])
    engineer.press(stage.leg(engineer).take_key)
    stage.settle()
    assert engineer.until_hears("halen de beller")
    stage.advance(40)
    assert caller.bridged_with
    kept(stage)


def test_hanging_up_in_the_middle_of_it_keeps_the_words_and_the_ringing(stage):
    caller = speaks(stage)
    stage.hang_up(caller)
    assert stage.call(caller).outcome is CallOutcome.ABANDONED
    assert stage.incident().state is IncidentState.OPEN
    kept(stage)
    stage.advance(65)
    assert stage.rings(JORIS) == 1


def test_who_has_said_a_name_is_not_recorded_twice(stage):
    caller = stage.dial(STRANGER)
    while stage.call(caller).stage is not Stage.INTRODUCE:
        stage.advance(1)
    stage.record(caller, 3)
    assert stage.call(caller).stage is Stage.WAITING
    assert stage.incident().matter is None


def test_who_calls_again_about_it_is_not_asked_again(stage):
    stage.hang_up(speaks(stage))
    caller = stage.dial(PIETER)
    stage.press(caller, f"{PIN}#")
    stage.press(caller, "1")
    assert stage.call(caller).stage is Stage.WAITING

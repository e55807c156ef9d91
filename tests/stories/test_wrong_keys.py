"""Keys without a meaning on a real telephone: the hash key is heard, and a human is found."""

import pytest

from routing.call import Stage
from tests.stories.stage import PIN, SANNE
from tests.words import words_of

NO_MEANING = words_of("no_such_key")


def asked_for_the_level(stage):
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    return caller


def test_a_hash_alone_is_heard_and_is_neither_silence_nor_level_1(stage):
    caller = asked_for_the_level(stage)
    for _ in range(2):
        stage.press(caller, "#")
        assert caller.until_hears(NO_MEANING)
        call = stage.call(caller)
        assert (call.stage, call.urgency, call.silences) == (Stage.URGENCY, None, 0)
    for key in ("1", "#", "1"):
        stage.press(caller, key)
    assert stage.call(caller).stage is Stage.WAITING


@pytest.mark.parametrize("key", "7*#")
def test_a_key_that_sticks_brings_a_human(stage, key):
    caller = asked_for_the_level(stage)
    for _ in range(3):
        stage.press(caller, key)
    assert stage.office.phone(SANNE).ringing()
    stage.take(SANNE)
    stage.advance(5)
    assert caller.bridged_with


def test_every_menu_of_one_key_hears_the_hash_key(stage):
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.hang_up(caller)
    stage.advance(10)
    menus = [w["body"] for w in stage.office.webhooks if 'numDigits="1"' in w["body"]]
    assert len(menus) >= 4
    assert all('finishOnKey=""' in body for body in menus)
    assert engineer.until_asked()

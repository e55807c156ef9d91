"""Keys without a meaning on a real telephone: a hash key is no answer, and a human is found."""

import pytest

from routing.call import Stage
from tests.stories.stage import PIN, SANNE
from tests.words import words_of

NO_MEANING = words_of("no_such_key")


def asked_for_the_level(stage):
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    return caller


def test_a_hash_alone_is_heard_and_is_no_answer_and_no_error(stage):
    caller = asked_for_the_level(stage)
    for _ in range(3):
        turn = stage.call(caller).turn
        stage.press(caller, "#")
        call = stage.call(caller)
        assert call.turn == turn + 1
        assert (call.stage, call.urgency) == (Stage.URGENCY, None)
        assert (call.silences, call.slips) == (0, 0)
    for key in ("1", "#", "1"):
        stage.press(caller, key)
    assert stage.call(caller).stage is Stage.WAITING
    assert NO_MEANING not in caller.hears


def test_the_hash_key_after_a_pin_out_of_habit_costs_nothing(stage):
    """The sixth digit ends the PIN. The hash key comes to the question that follows."""
    caller = stage.dial()
    stage.press(caller, PIN)
    assert stage.call(caller).stage is Stage.URGENCY
    stage.press(caller, "#")
    stage.press(caller, "1")
    stage.press(caller, "#")
    stage.press(caller, "1")
    assert stage.call(caller).stage is Stage.WAITING
    waits = stage.call(caller)
    stage.press(caller, "#")
    assert stage.call(caller) == waits
    assert not {NO_MEANING, words_of("nothing_keyed"), words_of("wrong")} & set(caller.hears)


def test_a_hash_key_alone_is_no_silence_at_a_pin(stage):
    """The carrier asks without digits and names the key. Silence leads on; this does not."""
    caller = stage.dial()
    for _ in range(2):
        stage.press(caller, "#")
        assert (stage.call(caller).stage, stage.call(caller).tries) == (Stage.PIN, 0)
    stage.press(caller, f"12*{PIN}")
    assert (stage.call(caller).stage, stage.call(caller).tries) == (Stage.PIN, 0)
    stage.advance(12)
    assert (stage.call(caller).stage, stage.call(caller).tries) == (Stage.PIN, 0)
    stage.press(caller, PIN)
    assert stage.call(caller).stage is Stage.URGENCY
    assert words_of("nothing_keyed") not in caller.hears


@pytest.mark.parametrize(("key", "times"), [("7", 3), ("0", 1), ("*", 9), ("#", 9)])
def test_a_key_that_sticks_brings_a_human(stage, key, times):
    caller = asked_for_the_level(stage)
    if stage.call(caller).strays:  # the hash key of the PIN has repeated the question once
        times -= key in "*#"
    for _ in range(times):
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

"""Everybody is answered: withheld numbers, wrong PINs, expired contracts, silence."""

import pytest

from tests.stories.stage import CONTRACT, JORIS, PIN, SANNE, STRANGER
from tests.words import words_of

WILLEM = "+31612345680"


def through_language(stage, from_):
    caller = stage.dial(from_)
    stage.advance(7)
    assert words_of("choose_language", "en", key=2) in caller.hears
    stage.press(caller, "1")
    stage.advance(2)
    return caller


@pytest.mark.parametrize(
    "shown", ["anonymous", "+266696687", "Restricted", "", "sip:pieter@example.org", STRANGER]
)
def test_any_other_number_gives_contract_number_and_pin(stage, shown):
    caller = through_language(stage, shown)
    assert "contractnummer" in caller.hears[-1]
    assert "Jansen" not in " ".join(caller.hears)
    stage.press(caller, f"99*{CONTRACT}#")
    stage.advance(2)
    assert "pincode" in caller.hears[-1]
    stage.press(caller, f"{PIN}#")
    stage.press(caller, "1")
    stage.press(caller, "1")
    engineer = stage.answer(SANNE)
    stage.advance(8)
    assert "Bakkerij Jansen BV, Pieter Jansen." in engineer.hears
    assert stage.call(caller).entitlement == "entitled"


def test_three_wrong_pins_hang_up_on_nobody_and_the_engineer_is_told(stage):
    caller = stage.dial()
    for _ in range(3):
        stage.press(caller, "000000#")
        stage.advance(14)
    assert words_of("unidentified") in " ".join(caller.hears)
    stage.press(caller, "1")
    stage.press(caller, "1")
    engineer = stage.answer(SANNE)
    stage.advance(12)
    heard = " ".join(engineer.hears)
    assert words_of("whisper_number_of", company="Bakkerij Jansen BV") in heard
    assert "Pieter" not in heard
    call = stage.call(caller)
    assert (call.entitlement, call.identity, call.selected) == ("unverified", None, None)


def test_wrong_pins_are_slowed_down_more_and_more_and_the_right_one_still_fits(stage):
    caller = stage.dial()
    pauses = []
    for _ in range(2):
        stage.press(caller, "000000#")
        stage.advance(1)
        pauses.append(stage.call(caller).pause)
        stage.advance(12)
    stage.press(caller, f"{PIN}#")
    assert pauses == [1, 2]
    assert stage.call(caller).entitlement == "entitled"


def test_an_expired_contract_is_said_and_its_level_1_still_reaches_a_human(stage):
    caller = stage.dial(WILLEM)
    stage.press(caller, "615204#")
    stage.advance(4)
    assert "verlopen" in " ".join(caller.hears)
    stage.press(caller, "1")
    stage.press(caller, "1")
    engineer = stage.answer(SANNE)
    stage.advance(10)
    assert words_of("whisper_expired") in " ".join(engineer.hears)
    incident = stage.incident()
    assert (incident.entitlement, incident.premium) == ("expired", False)


def test_zero_hash_goes_on_without(stage):
    caller = through_language(stage, STRANGER)
    stage.press(caller, "0#")
    stage.advance(2)
    assert stage.call(caller).stage == "urgency"


def test_a_verified_caller_who_presses_nothing_twice_is_level_1(stage):
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    stage.advance(90)
    assert stage.call(caller).urgency == 1
    assert stage.office.phone(SANNE).handsets


def test_who_pressed_nothing_says_a_name_that_the_engineer_hears_first(stage):
    caller = stage.dial(STRANGER)
    while stage.call(caller).stage != "introduce":
        stage.advance(5)
    stage.record(caller, 4)
    engineer = stage.answer(SANNE)
    stage.advance(15)
    played = [entry for entry in engineer.transcript if entry["what"] == "play"]
    assert played
    assert played[0]["url"].partition("/sound/")[2].startswith(str(stage.incident().introduction))


def test_silence_to_the_end_is_rejected_and_wakes_nobody(stage):
    caller = stage.dial(STRANGER)
    stage.advance(150)
    call = stage.call(caller)
    assert (call.outcome, call.incident) == ("rejected", None)
    assert not stage.office.phone(SANNE).handsets
    assert not stage.office.phone(JORIS).handsets


@pytest.mark.parametrize("level", ["2", "3", "4"])
def test_the_lower_levels_are_registered(stage, level):
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    stage.press(caller, level)
    stage.advance(90)
    incident = stage.incident()
    assert " ".join(str(incident.number)) in " ".join(caller.hears)
    assert not caller.live
    assert stage.call(caller).outcome == "registered"
    assert not stage.office.phone(SANNE).handsets


def test_nine_repeats_the_levels_and_an_unknown_key_says_so(stage):
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    stage.press(caller, "9")
    stage.advance(1)
    stage.press(caller, "7")
    stage.advance(4)
    assert words_of("no_such_key") in caller.hears
    assert stage.call(caller).stage == "urgency"

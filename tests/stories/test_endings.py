"""Callers who hang up, engineers who drop, and what each side hears of it."""

from tests.stories.stage import JORIS, PIETER, SANNE
from tests.words import words_of


def test_the_caller_hangs_up_early_and_the_incident_goes_on(stage):
    caller = stage.call_level_1()
    stage.advance(5)
    stage.hang_up(caller)
    call = stage.call(caller)
    assert (call.outcome, stage.incident().state) == ("abandoned", "open")
    engineer = stage.answer(SANNE)
    stage.advance(12)
    assert words_of("whisper_gone") in engineer.hears
    stage.press(engineer, stage.leg(engineer).take_key)
    stage.advance(5)
    assert words_of("calling_customer") in engineer.hears
    pieter = stage.answer(PIETER)
    stage.advance(2)
    assert engineer.bridged_with == pieter.sid


def test_a_caller_who_goes_while_the_key_is_pressed_was_not_answered(stage):
    caller = stage.call_level_1()
    engineer = stage.answer(SANNE)
    key = stage.leg(engineer).take_key
    stage.office.faults(drop=["/voice/status", "/left"])
    stage.hang_up(caller)
    stage.press(engineer, key)
    stage.advance(25)
    assert "De beller is niet meer aan de lijn." in engineer.hears
    stage.advance(45)
    call = stage.call(caller)
    assert (call.outcome, call.answered_by) == ("abandoned", None)
    assert stage.incident().acknowledged_by == "sanne"


def test_the_engineer_drops_and_who_stays_on_is_answered_by_the_same_one_first(stage):
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(20)
    stage.hang_up(engineer)
    stage.advance(4)
    assert words_of("was_this_all") in caller.hears
    assert stage.rings(SANNE) == 1
    stage.advance(8)
    assert (stage.rings(SANNE), stage.rings(JORIS)) == (2, 0)
    again = stage.take(SANNE)
    stage.advance(3)
    assert caller.bridged_with == again.sid
    stage.hang_up(caller)
    stage.advance(3)
    assert stage.call(caller).outcome == "connected"


def test_after_the_talk_a_caller_who_hangs_up_is_done(stage):
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(20)
    stage.hang_up(engineer)
    stage.advance(2)
    stage.hang_up(caller)
    stage.advance(60)
    assert stage.rings(SANNE) == 1
    assert stage.call(caller).outcome == "connected"


def test_an_engineer_who_hangs_up_before_the_caller_is_reached_is_rung_again(stage):
    caller = stage.call_level_1()
    stage.press(caller, "7")
    engineer = stage.answer(SANNE)
    stage.press(engineer, stage.leg(engineer).take_key)
    stage.hang_up(engineer)
    stage.advance(1)
    assert stage.incident().state == "open"
    assert stage.rings(SANNE) == 2


def test_a_message_is_left_without_losing_the_place(stage):
    caller = stage.call_level_1()
    stage.press(caller, "7")
    stage.record(caller, 6)
    assert stage.call(caller).stage == "waiting"
    assert stage.incident().message
    engineer = stage.take(SANNE)
    stage.advance(3)
    assert caller.bridged_with == engineer.sid


def test_an_engineer_who_takes_it_meanwhile_waits_for_the_message_to_end(stage):
    caller = stage.call_level_1()
    stage.press(caller, "7")
    stage.advance(12)
    engineer = stage.take(SANNE)
    stage.advance(8)
    assert "De beller spreekt een boodschap in. Een ogenblik." in engineer.hears
    stage.press(caller, "#")
    stage.advance(15)
    assert caller.bridged_with == engineer.sid


def test_a_caller_who_wants_to_be_called_back_hangs_up_and_is(stage):
    caller = stage.call_level_1()
    stage.press(caller, "8")
    stage.advance(12)
    assert not caller.live
    assert stage.call(caller).outcome == "callback"
    engineer = stage.answer(SANNE)
    stage.advance(12)
    assert words_of("whisper_wants_callback") in engineer.hears


def test_the_queue_of_a_call_is_deleted_afterwards(stage):
    caller = stage.call_level_1()
    stage.advance(5)
    stage.hang_up(caller)
    stage.advance(5)
    deleted = [
        r for r in stage.office.requests if r["method"] == "DELETE" and "Queues" in r["path"]
    ]
    assert len(deleted) == 1


def test_a_caller_whose_staying_on_was_never_told_is_hunted_for_again(stage):
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(5)
    stage.office.faults(delay=120, delay_pattern="/stayed/")
    stage.hang_up(engineer)
    stage.advance(40)
    assert caller.live
    assert stage.rings(SANNE) == 2

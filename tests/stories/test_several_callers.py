"""Several callers at once: busy is not absent, and whoever becomes free is rung at once."""

from tests.stories.stage import JORIS, PIN, SANNE, STRANGER
from tests.words import words_of

EMMA = "+31612345679"


def second_caller(stage, from_=STRANGER):
    """A stranger at level 1, unverified."""
    caller = stage.dial(from_)
    for keys in ("1", "0#", "1", "1"):
        stage.press(caller, keys)
    return caller


def test_a_busy_engineer_is_not_rung_for_another_caller_but_at_once_when_free(stage):
    first = stage.call_level_1()
    sanne = stage.take(SANNE)
    second = second_caller(stage)
    stage.advance(12)
    assert stage.rings(SANNE) == 1
    assert words_of("some_busy") in second.hears
    stage.hang_up(first)
    stage.advance(1)
    stage.hang_up(sanne)
    stage.advance(1)
    assert stage.rings(SANNE) == 2
    again = stage.take(SANNE)
    assert second.bridged_with == again.sid


def test_the_step_lasts_for_the_busy_one_and_then_the_next_is_rung(stage):
    stage.call_level_1()
    stage.take(SANNE)
    second = second_caller(stage)
    stage.advance(29)
    assert stage.rings(JORIS) == 0
    stage.advance(2)
    assert stage.rings(JORIS) == 1
    stage.take(JORIS)
    assert second.bridged_with


def test_an_engineer_who_is_rung_for_one_is_not_rung_for_the_other(stage):
    stage.call_level_1()
    second_caller(stage)
    assert stage.rings(SANNE) == 1
    stage.advance(31)
    live = [h for h in stage.office.phone(SANNE).handsets if h.live]
    assert len(live) <= 1


def test_too_many_unverified_callers_leave_a_message_and_wake_nobody(stage):
    callers = [second_caller(stage) for _ in range(3)]
    for caller in callers:
        stage.hang_up(caller)
    rung = stage.rings(SANNE)
    fourth = second_caller(stage)
    assert stage.call(fourth).stage == "message"
    assert stage.rings(SANNE) == rung
    stage.record(fourth, 5)
    stage.advance(10)
    assert stage.call(fourth).outcome == "message"


def test_withheld_callers_do_not_use_up_each_others_calls(stage):
    for _ in range(4):
        caller = second_caller(stage, "anonymous")
        assert stage.call(caller).stage == "waiting"
        stage.hang_up(caller)


def test_a_verified_caller_is_never_counted(stage):
    for _ in range(4):
        caller = stage.call_level_1()
        assert stage.call(caller).stage == "waiting"
        stage.hang_up(caller)
    assert PIN not in "".join(stage.written())

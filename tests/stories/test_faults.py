"""What fails around the line: the carrier, its queue, our workers, our database."""

import pytest

from tests.stories.stage import LAST_RESORT, SANNE
from tests.words import words_of

CREATE = {"method": "POST", "path": "Calls.json"}


def test_a_carrier_that_is_busy_is_asked_again(stage):
    stage.office.faults(requests=[{**CREATE, "status": 429, "code": 20429, "count": 2}])
    stage.call_level_1()
    stage.advance(4)
    assert stage.rings(SANNE) == 1


def test_a_request_that_was_served_but_not_answered_rings_once(stage):
    stage.office.faults(requests=[{**CREATE, "close": "after", "count": 1}])
    caller = stage.call_level_1()
    stage.advance(6)
    assert stage.rings(SANNE) == 1
    engineer = stage.take(SANNE)
    assert caller.bridged_with == engineer.sid


def test_a_request_that_was_served_without_a_word_of_it_is_found_by_looking(stage):
    stage.office.faults(
        requests=[{**CREATE, "close": "after", "count": 1}], delay=3, delay_pattern="/status"
    )
    stage.call_level_1()
    stage.advance(8)
    assert stage.rings(SANNE) == 1


def test_a_call_that_the_carrier_does_not_name_rings_once_and_is_not_hung_up_on(stage):
    stage.office.faults(
        requests=[{**CREATE, "without": "sid", "count": 1}], drop=[{"pattern": "/status"}]
    )
    caller = stage.call_level_1()
    stage.advance(4)
    assert stage.rings(SANNE) == 1
    engineer = stage.take(SANNE)
    assert caller.bridged_with == engineer.sid


def test_a_call_answered_before_anybody_looked_is_not_hung_up_on(stage):
    stage.office.faults(requests=[{**CREATE, "without": "sid", "count": 1}])
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(10)
    assert stage.rings(SANNE) == 1
    assert caller.bridged_with == engineer.sid


def test_an_end_that_the_carrier_never_told_is_found_within_a_minute(stage):
    caller = stage.call_level_1()
    sanne = stage.take(SANNE)
    stage.hang_up(caller)
    stage.office.faults(drop=[{"pattern": "/leg/.*/status", "count": 1}])
    stage.hang_up(sanne)
    assert stage.desk.calls.find_busy("main") == {"sanne"}
    stage.advance(60)
    assert stage.desk.calls.find_busy("main") == frozenset()


@pytest.mark.parametrize("status", [500, 503])
def test_while_the_carriers_requests_fail_the_caller_is_dialled_on_directly(stage, status):
    stage.office.faults(requests=[{**CREATE, "status": status, "code": 20500, "count": 1000}])
    caller = stage.call_level_1()
    stage.advance(45)
    assert stage.rings(LAST_RESORT) == 1
    human = stage.answer(LAST_RESORT)
    stage.advance(14)
    key = next(word for said in human.hears for word in said.split() if word.isdigit())
    stage.press(human, key)
    stage.advance(2)
    assert caller.bridged_with == human.sid
    stage.hang_up(caller)
    stage.advance(2)
    call = stage.call(caller)
    assert (call.outcome, call.answered_by) == ("connected", "last_resort")


def test_when_nobody_works_a_waiting_caller_reaches_the_last_resort(stage):
    stage.work = lambda: 0
    caller = stage.call_level_1()
    stage.advance(45)
    assert stage.rings(SANNE) == 0
    assert stage.rings(LAST_RESORT) == 1
    human = stage.answer(LAST_RESORT)
    stage.advance(60)
    assert not human.live
    assert caller.live


def test_a_full_queue_sends_the_caller_to_the_last_resort(stage):
    stage.office.faults(queue_size=0)
    caller = stage.call_level_1()
    stage.advance(12)
    assert stage.rings(LAST_RESORT) == 1
    assert caller.live


def test_without_a_database_a_caller_hears_a_sentence_and_reaches_a_human(stage):
    stage.write_fallback()
    stage.break_database()
    caller = stage.dial()
    stage.advance(10)
    assert words_of("sorry") in caller.hears
    assert stage.rings(SANNE) == 1
    human = stage.answer(SANNE)
    stage.advance(12)
    key = next(word for said in human.hears for word in said.split() if word.isdigit())
    stage.press(human, key)
    stage.advance(2)
    assert caller.bridged_with == human.sid


def test_a_mailbox_never_swallows_a_caller_of_the_fallback(stage):
    stage.write_fallback()
    stage.break_database()
    stage.office.phone(SANNE).behave("mailbox", after=2, stays=300)
    caller = stage.dial()
    stage.advance(100)
    assert caller.live
    assert stage.rings("+31208881101") == 1


def test_a_mailbox_is_no_talk_where_the_carrier_does_not_say_how_a_dial_ended(stage):
    stage.write_fallback()
    stage.break_database()
    stage.office.faults(dial_bridged=False)
    stage.office.phone(SANNE).behave("mailbox", after=2, stays=300)
    caller = stage.dial()
    stage.advance(100)
    assert caller.live, "39 seconds of whispers are no talk"
    assert stage.rings("+31208881101") == 1
    assert caller.bridged_with is None


def test_who_talked_with_a_human_hears_goodbye_once_they_are_alone(stage):
    stage.write_fallback()
    stage.break_database()
    caller = stage.dial()
    stage.advance(10)
    human = stage.answer(SANNE)
    stage.advance(12)
    key = next(word for said in human.hears for word in said.split() if word.isdigit())
    stage.press(human, key)
    stage.advance(30)
    human.hang_up()
    stage.settle()
    stage.advance(10)
    assert not caller.live
    assert stage.rings("+31208881101") == 0


def test_a_database_that_is_back_goes_on_with_a_caller_who_waited(stage):
    stage.write_fallback()
    caller = stage.call_level_1()
    stage.advance(2)
    stage.break_database()
    stage.advance(15)
    stage.mend_database()
    stage.advance(30)
    assert caller.live
    assert stage.call(caller).stage == "waiting"
    engineer = stage.take(stage.ringing())
    assert caller.bridged_with == engineer.sid


@pytest.mark.parametrize("how", ["drop", "silence"])
def test_whatever_a_failing_waiting_document_does_the_caller_is_kept(stage, how):
    stage.write_fallback()
    stage.office.faults(drop=[{"pattern": "/wait/", "count": 1}], failing_wait=how)
    caller = stage.call_level_1()
    stage.advance(8)
    assert stage.rings(SANNE) == (2 if how == "drop" else 1)  # the fallback dials her as well
    stage.advance(20)
    assert stage.call(caller).stage == "waiting"
    engineer = stage.take(stage.ringing())
    assert caller.bridged_with == engineer.sid

"""What is said is so: of calls that were not taken, of who is rung, and of who may be rung."""

import datetime as dt

import pytest

from routing import events
from routing.call import Stage
from routing.line import RateLimit, UnverifiedRates
from tests.routing.floor import JORIS, SANNE, STRANGER, Floor, prompts, stepping

# An engineer who did not take it


def three_wrong_keys(floor, number=SANNE):
    floor.answer(number)
    for _ in range(3):
        floor.key(number, "0")
    return prompts(floor.whisper(number))


WAITS = ["not_connected", "keeps_calling", "goodbye"]


def test_three_wrong_keys_end_the_leg_and_the_caller_is_said_to_wait(floor):
    floor.critical()
    assert three_wrong_keys(floor) == ["wrong_key", *WAITS]


def test_no_key_at_all_is_said_too(floor):
    floor.critical()
    floor.answer(SANNE)
    for _ in range(3):
        floor.key(SANNE, None)
    assert prompts(floor.whisper(SANNE)) == ["no_key_came", *WAITS]


def test_where_the_caller_has_gone_the_incident_is_said_to_be_open(floor):
    floor.hang_up(floor.critical())
    assert three_wrong_keys(floor) == ["wrong_key", "still_open", "keeps_calling", "goodbye"]


# Who is rung


def news(floor, call):
    return prompts(floor.room(call))[0]


def test_an_engineer_who_is_rung_again_is_not_the_next_one():
    floor = Floor(escalation=stepping(("primary",), ("primary",), seconds=10, repeat=2))
    call = floor.critical()
    heard = set()
    for _ in range(60):
        if floor.ringing():
            heard.add(news(floor, call))
        floor.advance(1)
    assert floor.rings(SANNE) > 2
    assert heard == {"rings_first_one"}


def test_another_engineer_is_the_next_one_and_in_the_second_pass_both_are_rung_again(floor):
    call = floor.critical()
    heard = []
    for _ in range(200):
        if floor.ringing() and news(floor, call) not in heard:
            heard.append(news(floor, call))
        floor.advance(1)
    assert heard[:3] == ["rings_first_one", "rings_next_one", "rings_on"]
    assert floor.rings(JORIS) == 2


# Where nobody may be rung


MESSAGE_ONLY = {"unverified_level_1": "message"}


def promised(document):
    return [prompt for prompt in prompts(document) if prompt in PROMISES]


PROMISES = (
    "confirm_level_1",
    "ask_name",
    "ask_matter",
    "raise_to_level_1",
    "later_keys",
    "ask_message",
    "parked",
)


def stranger(floor):
    call = floor.dial(STRANGER)
    floor.press(call, "1")
    floor.contract(call, "0")
    return call


def silent(floor):
    call = floor.dial("anonymous")
    floor.press(call, None)
    for _ in range(2):
        floor.contract(call, None)
    for _ in range(2):
        floor.press(call, None)
    assert floor.call(call).stage is Stage.INTRODUCE
    return call


def test_who_may_not_be_rung_for_is_promised_a_message_at_the_confirmation():
    floor = Floor(**MESSAGE_ONLY)
    call = stranger(floor)
    floor.press(call, "1")
    assert prompts(floor.script(call)) == ["confirm_message"]
    floor.press(call, "7")
    assert prompts(floor.script(call)) == ["no_such_key", "confirm_message"]
    floor.press(call, "1")
    assert prompts(floor.script(call)) == ["ask_message_unrung"]  # why was said a moment ago


def test_who_says_a_name_and_may_not_be_rung_for_is_promised_a_message():
    floor = Floor(**MESSAGE_ONLY)
    call = silent(floor)
    assert prompts(floor.script(call)) == ["ask_name_message"]
    floor.desk.happen(events.Introduced(call, floor.call(call).turn, "http://spoken"))
    assert prompts(floor.script(call)) == ["ask_message_only"]


def test_beyond_the_rates_nobody_is_promised_an_engineer():
    few = UnverifiedRates(line=RateLimit(1, dt.timedelta(hours=1)))
    floor = Floor(unverified=few)
    for expected in ("confirm_level_1", "confirm_message"):
        call = stranger(floor)
        floor.press(call, "1")
        assert prompts(floor.script(call)) == [expected]
        floor.press(call, "1")


@pytest.mark.parametrize("line", [{}, MESSAGE_ONLY], ids=["ring", "message"])
def test_a_stranger_at_the_closed_desk_is_promised_what_can_be_held(line):
    floor = Floor(office_hours=(), **line)
    call = stranger(floor)
    floor.press(call, "3")
    may = not line
    assert prompts(floor.script(call))[-1] == ("later_keys" if may else "later_keys_message")
    floor.press(call, "3")
    asked = "raise_to_level_1" if may else "raise_message"
    assert prompts(floor.script(call)) == [asked]
    floor.press(call, "1")
    assert bool(promised(floor.script(call))) is may


def test_the_key_that_takes_the_call_ends_the_message_and_an_older_word_of_it_does_nothing(floor):
    call = floor.critical()
    floor.wait_key(call, "7")
    turn = floor.call(call).turn
    floor.take(SANNE)
    assert "end_message" in [errand.command.kind for errand in floor.book.rows.jobs.values()]
    floor.desk.happen(events.MessageCut(call, turn - 1))
    assert floor.call(call).stage is Stage.MESSAGE
    floor.desk.happen(events.MessageCut(call, turn))
    assert prompts(floor.script(call)) == ["taken_for_you"]

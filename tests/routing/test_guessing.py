"""Somebody guesses PINs: slowed from call to call, and told of."""

import dataclasses
import datetime as dt

import pytest

from routing.call import Entitlement, Preamble, Stage
from routing.contracts import Contact
from routing.line import DutyManager, PinAlarm, PinRules, RateLimit
from routing.message import DUTY_MANAGER
from tests.routing.floor import LINE, PIETER, PIN, STRANGER, WRONG_PIN, Floor, prompts

HOUR = dt.timedelta(hours=1)
ANOTHER = "+31687654399"
MANAGER = DutyManager(phone="+31612349999")


def a_line_that_is_watched():
    """A line whose duty manager is told of few wrong PINs."""
    alarm = PinAlarm(per_contract=RateLimit(3, HOUR), line=RateLimit(5, HOUR))
    return Floor(duty_manager=MANAGER, pin=PinRules(alarm=alarm))


@pytest.fixture
def floor():
    return a_line_that_is_watched()


def asked(floor, number="100234", shown=STRANGER):
    """Somebody keys a contract number and is asked for the PIN."""
    call = floor.dial(shown)
    floor.press(call, "1")
    floor.contract(call, number)
    return call


def guess(floor, number="100234", shown=STRANGER):
    """One guess a call."""
    call = asked(floor, number, shown)
    floor.pin(call, WRONG_PIN)
    floor.hang_up(call)


def pause_before(floor, *args, **named):
    call = floor.call(asked(floor, *args, **named))
    assert (call.stage, call.remark is Preamble.ONE_MOMENT) == (Stage.PIN, call.pause > 0)
    return call.pause


def test_one_guess_a_call_is_slowed_at_the_first_question_of_the_next(floor):
    pauses = []
    for _ in range(5):
        pauses.append(pause_before(floor))
        guess(floor)
    assert pauses == [0, 1, 2, 4, 8]
    floor.advance(30 * 60 + 1)
    assert pause_before(floor) == 0


def test_the_pause_is_spoken_before_the_question_so_that_no_key_skips_it(floor):
    guess(floor)
    document = floor.script(asked(floor))
    assert [type(act).__name__ for act in document.acts] == [
        "Say",
        "Pause",
        "AskDigits",
        "Redirect",
    ]
    assert prompts(document) == ["one_moment", "ask_pin"]


def test_guesses_at_one_contract_from_many_numbers_slow_each_other(floor):
    guess(floor)
    assert pause_before(floor, shown=ANOTHER) == 1
    assert pause_before(floor, "100242", ANOTHER) == 0


def test_guesses_of_one_number_at_many_contracts_slow_each_other(floor):
    guess(floor, "100242")
    assert pause_before(floor, "100234") == 1


def test_a_contract_that_does_not_exist_is_slowed_alike(floor):
    for _ in range(2):
        guess(floor, "555555")
    assert pause_before(floor, "555555", ANOTHER) == pause_before(floor, "555555") == 2
    assert pause_before(floor, "555556", ANOTHER) == 0


def test_a_contacts_own_number_waits_for_nobody_elses_guesses(floor):
    for _ in range(4):
        guess(floor)
    call = floor.dial(PIETER)
    assert (floor.call(call).stage, floor.call(call).pause) == (Stage.PIN, 0)
    floor.pin(call, PIN)
    assert floor.call(call).entitlement is Entitlement.ENTITLED


def test_a_contacts_own_number_that_two_contracts_share_waits_for_nobody_either(floor):
    twin = dataclasses.replace(floor.people.find_contract("main", "100234"), number="100999")
    floor.people.contracts["main", "100999"] = twin
    for _ in range(4):
        guess(floor)
    call = floor.dial(PIETER)
    floor.contract(call, "100234")
    assert (floor.call(call).stage, floor.call(call).pause) == (Stage.PIN, 0)


def test_the_pause_of_before_is_spoken_once_a_call(floor):
    guess(floor)
    call = asked(floor)
    floor.pin(call, WRONG_PIN)
    assert floor.call(call).pause == 2
    floor.contract(call, "100234")
    assert (floor.call(call).stage, floor.call(call).pause) == (Stage.PIN, 0)


def told(floor):
    floor.work()
    letters = floor.book.rows.messages.values()
    return [letter for letter in letters if letter.reader == DUTY_MANAGER]


def test_guesses_at_one_contract_are_told_of_once_an_hour(floor):
    for _ in range(2):
        guess(floor)
    assert told(floor) == []
    guess(floor)
    (letter,) = told(floor)
    assert letter.words == "wrong_pins_contract"
    assert dict(letter.values) == {"count": 3, "minutes": 60, "contract": "100234"}
    guess(floor)
    assert told(floor) == [letter]
    floor.advance(3601)
    for _ in range(3):
        guess(floor)
    assert [each.words for each in told(floor)] == ["wrong_pins_contract"] * 2


def test_guesses_at_many_contracts_are_told_of_in_all(floor):
    for number in ("100234", "100240", "100241", "555555", "555556"):
        assert told(floor) == []
        guess(floor, number)
    (letter,) = told(floor)
    assert (letter.words, dict(letter.values)) == ("wrong_pins", {"count": 5, "minutes": 60})


def test_what_is_told_names_no_number_that_was_keyed_in_vain(floor):
    for _ in range(6):
        guess(floor, "555777")
    assert [letter.words for letter in told(floor)] == ["wrong_pins"]
    assert "555777" not in repr(vars(floor.book.rows))


def test_two_lines_have_slips_of_their_own(floor):
    floor.people.lines["other"] = dataclasses.replace(LINE, id="other", number="+31201234999")
    guess(floor)
    assert floor.book.unverified_limits.count_failed_pins("contract main 100234", floor.now) == 1
    assert floor.book.unverified_limits.count_failed_pins("contract other 100234", floor.now) == 0


def test_thirty_contacts_cost_as_many_comparisons_as_none(floor):
    counted = []
    real = floor.desk.pins.find
    floor.desk.pins.find = lambda pin, contacts: (
        counted.append(len(contacts)) or real(pin, contacts)
    )
    many = tuple(Contact(f"Contact {n}", (), f"9{n:09}") for n in range(30))
    bakery = floor.people.contracts["main", "100234"]
    floor.people.contracts["main", "100234"] = dataclasses.replace(bakery, contacts=many)
    guess(floor)
    guess(floor, "555555")
    assert counted == [30, 0]

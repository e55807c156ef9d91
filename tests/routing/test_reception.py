"""The first half minute of a call: language, contract number, PIN, urgency, and a spoken name."""

import dataclasses

import pytest

from routing import events
from routing.call import CallOutcome, Entitlement, Preamble, Stage
from routing.line import PinRules
from routing.voice_document import Menu, Pause
from tests.routing.floor import LINE, NOW, PIETER, PIN, STRANGER, WRONG_PIN, Floor, prompts

EXPIRED, TO_COME, STANDARD = "+31612345680", "+31612345681", "+31612345682"


def at(floor, call):
    seen = floor.call(call)
    return seen.stage, seen.remark


def identified(floor, shown=PIETER):
    call = floor.dial(shown)
    floor.pin(call, PIN)
    return call


def stranger(floor):
    """A stranger who went on without a number."""
    call = floor.dial(STRANGER)
    floor.press(call, "1")
    floor.contract(call, "0")
    return call


def test_a_known_number_is_asked_for_the_pin_in_the_contacts_language(floor):
    call = floor.dial(PIETER)
    assert at(floor, call) == (Stage.PIN, Preamble.WELCOME)
    assert floor.call(call).language == "nl"
    assert prompts(floor.script(call)) == ["welcome", "ask_pin"]


@pytest.mark.parametrize(
    "shown", [STRANGER, "anonymous", "+266696687", "", "sip:x@y.z", "🙂" * 99, "+31" + "9" * 60]
)
def test_any_other_number_chooses_a_language_first(floor, shown):
    call = floor.dial(shown)
    assert at(floor, call) == (Stage.LANGUAGE, Preamble.WELCOME)
    assert prompts(floor.script(call)) == ["welcome", "choose_language", "choose_language"]
    assert len(floor.call(call).shown) <= 64


def test_a_number_that_two_contracts_share_is_asked_for_both_numbers(floor):
    twin = dataclasses.replace(floor.people.find_contract("main", "100234"), number="100999")
    floor.people.contracts["main", "100999"] = twin
    call = floor.dial(PIETER)
    assert at(floor, call) == (Stage.CONTRACT, Preamble.WELCOME)


def test_a_line_of_one_language_does_not_ask_for_it():
    floor = Floor(languages=("en",))
    call = floor.dial(STRANGER)
    assert at(floor, call) == (Stage.CONTRACT, Preamble.WELCOME)
    assert floor.call(call).language == "en"


@pytest.mark.parametrize(
    ("key", "language", "stage", "remark"),
    [
        ("1", "nl", Stage.CONTRACT, Preamble.NONE),
        ("2", "en", Stage.CONTRACT, Preamble.NONE),
        (None, "nl", Stage.CONTRACT, Preamble.NONE),
        ("3", "nl", Stage.LANGUAGE, Preamble.NO_SUCH_KEY),
        ("0", "nl", Stage.CONTRACT, Preamble.NONE),
        ("*", "nl", Stage.LANGUAGE, Preamble.WELCOME),
        ("#", "nl", Stage.LANGUAGE, Preamble.WELCOME),
    ],
)
def test_the_languages_stand_under_their_places(floor, key, language, stage, remark):
    call = floor.dial(STRANGER)
    floor.press(call, key)
    assert at(floor, call) == (stage, remark)
    assert floor.call(call).language == language


@pytest.mark.parametrize(
    ("digits", "stage", "selected"),
    [
        ("100234", Stage.PIN, "100234"),
        ("100234#", Stage.PIN, "100234"),
        ("99*100234", Stage.PIN, "100234"),
        ("555555", Stage.PIN, None),
        ("9" * 4000, Stage.PIN, None),
        ("\N{FULLWIDTH DIGIT ONE}00234", Stage.PIN, None),
        ("0", Stage.URGENCY, None),
        ("0#", Stage.URGENCY, None),
        ("12*0#", Stage.URGENCY, None),
        ("12*", Stage.CONTRACT, None),
        (None, Stage.CONTRACT, None),
    ],
)
def test_a_contract_number_is_taken_as_it_was_meant(floor, digits, stage, selected):
    call = floor.dial(STRANGER)
    floor.press(call, "1")
    floor.contract(call, digits)
    assert (floor.call(call).stage, floor.call(call).selected) == (stage, selected)


def test_no_contract_number_is_asked_once_more_and_then_goes_on_without(floor):
    call = floor.dial("anonymous")
    floor.press(call, None)
    floor.contract(call, None)
    assert at(floor, call) == (Stage.CONTRACT, Preamble.NOTHING_KEYED)
    floor.contract(call, "")
    assert at(floor, call) == (Stage.URGENCY, Preamble.UNIDENTIFIED)
    assert not floor.call(call).pressed


def test_a_known_number_that_keys_no_pin_goes_on_at_once_and_late_digits_choose_no_level(floor):
    call = floor.dial(PIETER)
    floor.pin(call, None)
    assert at(floor, call) == (Stage.URGENCY, Preamble.UNIDENTIFIED)
    assert not floor.call(call).pressed
    said, hush, menu, _ = floor.script(call).acts
    assert (said.prompt, hush) == ("unidentified", Pause(2))
    assert isinstance(menu, Menu)


def test_a_known_number_that_has_keyed_something_is_asked_for_the_pin_again(floor):
    call = floor.dial(PIETER)
    floor.pin(call, WRONG_PIN)
    floor.pin(call, None)
    assert at(floor, call) == (Stage.PIN, Preamble.NOTHING_KEYED)
    floor.pin(call, None)
    assert at(floor, call) == (Stage.URGENCY, Preamble.UNIDENTIFIED)


@pytest.mark.parametrize(
    ("shown", "standing", "remark"),
    [
        (PIETER, Entitlement.ENTITLED, Preamble.NONE),
        (STANDARD, Entitlement.STANDARD, Preamble.NONE),
        (EXPIRED, Entitlement.EXPIRED, Preamble.EXPIRED),
        (TO_COME, Entitlement.NOT_BEGUN, Preamble.NOT_BEGUN),
    ],
)
def test_the_right_pin_says_what_the_contract_is_worth(floor, shown, standing, remark):
    call = identified(floor, shown)
    assert at(floor, call) == (Stage.URGENCY, remark)
    assert floor.call(call).entitlement is standing
    assert floor.call(call).identity is not None


def test_three_wrong_pins_hang_up_on_nobody(floor):
    call = floor.dial(PIETER)
    pauses = []
    for _ in range(2):
        floor.pin(call, WRONG_PIN)
        assert at(floor, call) == (Stage.PIN, Preamble.WRONG)
        pauses.append(floor.call(call).pause)
    assert pauses == [1, 2]
    floor.pin(call, WRONG_PIN)
    assert at(floor, call) == (Stage.URGENCY, Preamble.UNIDENTIFIED)
    assert floor.call(call).entitlement is Entitlement.UNVERIFIED
    assert (floor.call(call).identity, floor.call(call).selected) == (None, None)


def test_an_unknown_number_gives_both_numbers_again_after_a_wrong_pin(floor):
    call = floor.dial(STRANGER)
    floor.press(call, "1")
    floor.contract(call, "100234")
    floor.pin(call, WRONG_PIN)
    assert at(floor, call) == (Stage.CONTRACT, Preamble.WRONG)


def test_the_file_says_how_many_tries_there_are():
    floor = Floor(pin=PinRules(attempts=1))
    call = floor.dial(PIETER)
    floor.pin(call, WRONG_PIN)
    assert at(floor, call) == (Stage.URGENCY, Preamble.UNIDENTIFIED)


def test_the_pause_after_wrong_pins_grows_over_calls_to_eight_seconds_and_is_forgotten(floor):
    pauses = []
    for _ in range(5):
        call = floor.dial(PIETER)
        floor.pin(call, WRONG_PIN)
        pauses.append(floor.call(call).pause)
    assert pauses == [1, 2, 4, 8, 8]
    floor.pin(call, PIN)
    assert floor.call(call).entitlement is Entitlement.ENTITLED
    floor.advance(30 * 60 + 1)
    call = floor.dial(PIETER)
    floor.pin(call, WRONG_PIN)
    assert floor.call(call).pause == 1


def test_a_pin_given_twice_for_one_question_counts_once(floor):
    call = floor.dial(PIETER)
    turn = floor.call(call).turn
    for _ in range(3):
        floor.desk.pin_keyed(call, turn, WRONG_PIN)
    assert floor.call(call).tries == 1
    assert floor.book.unverified_limits.count_failed_pins("contract main 100234", NOW) == 1


@pytest.mark.parametrize("key", ["5", "6", "7", "8"])
def test_a_key_without_meaning_asks_the_urgency_again(floor, key):
    call = identified(floor)
    floor.press(call, key)
    assert at(floor, call) == (Stage.URGENCY, Preamble.NO_SUCH_KEY)


def test_nine_repeats_the_levels(floor):
    call = identified(floor)
    floor.press(call, "9")
    assert at(floor, call) == (Stage.URGENCY, Preamble.REPEAT)
    assert prompts(floor.script(call)) == ["urgency_menu"]


@pytest.mark.parametrize("level", [2, 3, 4])
def test_levels_two_to_four_are_registered_and_ring_nobody(floor, level):
    call = identified(floor)
    floor.press(call, str(level))
    floor.work()
    assert floor.call(call).stage is Stage.FAREWELL
    assert prompts(floor.script(call)) == ["registered", "registered_farewell"]
    assert (floor.incident(call).urgency, floor.ringing()) == (level, [])
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.REGISTERED


@pytest.mark.parametrize(
    ("keys", "stage", "urgency"),
    [
        (["1"], Stage.MATTER, 1),
        ([None], Stage.CONFIRM, 1),
        ([None, None], Stage.MATTER, 1),
        (["2"], Stage.URGENCY, None),
        (["7"], Stage.CONFIRM, 1),
        (["7", "2"], Stage.URGENCY, None),
        ([None, "2"], Stage.URGENCY, None),
    ],
)
def test_level_one_takes_a_second_key(floor, keys, stage, urgency):
    call = identified(floor)
    floor.press(call, "1")
    assert floor.call(call).stage is Stage.CONFIRM
    assert floor.ringing() == []
    for key in keys:
        floor.press(call, key)
    assert (floor.call(call).stage, floor.call(call).urgency) == (stage, urgency)


def test_silence_at_the_levels_twice_is_level_one_for_who_gave_the_right_pin(floor):
    call = identified(floor)
    floor.press(call, None)
    assert at(floor, call) == (Stage.URGENCY, Preamble.NOTHING_KEYED)
    floor.press(call, None)
    assert floor.call(call).stage is Stage.MATTER
    assert prompts(floor.script(call)) == ["ask_matter"]


def test_silence_at_the_levels_is_level_one_for_who_has_pressed_something(floor):
    call = stranger(floor)
    floor.press(call, None)
    floor.press(call, None)
    assert (floor.call(call).stage, floor.call(call).urgency) == (Stage.MATTER, 1)


def silent_caller(floor):
    """Somebody who presses nothing at all, until a name is asked for."""
    call = floor.dial("anonymous")
    floor.press(call, None)
    floor.contract(call, None)
    floor.contract(call, None)
    floor.press(call, None)
    floor.press(call, None)
    return call


def test_who_has_pressed_nothing_in_the_whole_call_is_asked_for_a_name(floor):
    call = silent_caller(floor)
    assert floor.call(call).stage is Stage.INTRODUCE
    assert prompts(floor.script(call)) == ["ask_name"]
    assert floor.call(call).incident is None


def test_who_says_a_name_is_heard_by_the_engineer_first(floor):
    call = silent_caller(floor)
    floor.desk.happen(events.Introduced(call, floor.call(call).turn, "http://spoken"))
    floor.work()
    assert floor.call(call).stage is Stage.WAITING
    assert [r.id for r in floor.spoken(call)] == [floor.incident(call).introduction]
    assert floor.ringing() != []


def test_who_says_nothing_either_is_rejected_and_wakes_nobody(floor):
    call = silent_caller(floor)
    floor.desk.happen(events.Introduced(call, floor.call(call).turn, None))
    assert prompts(floor.script(call)) == ["heard_nothing"]
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.REJECTED
    assert (floor.call(call).incident, floor.legs()) == (None, [])


STALE = [
    lambda call, turn: events.Chose(call, turn, "1"),
    lambda call, turn: events.ContractKeyed(call, turn, events.Keyed.WITHOUT),
    lambda call, turn: events.PinChecked(call, turn, events.Keyed.WITHOUT),
    lambda call, turn: events.Introduced(call, turn, "http://spoken"),
    lambda call, turn: events.MessageLeft(call, turn, "http://spoken"),
    lambda call, turn: events.WaitingKey(call, turn, "8"),
    lambda call, turn: events.StayedOn(call, turn),
    lambda call, turn: events.RescueOver(call, turn),
]


def journey(floor):
    """One call after the other, each standing at another question."""
    yield floor.dial(STRANGER)
    yield floor.dial(PIETER)
    yield stranger(floor)
    yield (call := identified(floor))
    floor.press(call, "1")
    yield call
    floor.press(call, "1")
    yield call
    floor.wait_key(call, "7")
    yield call
    yield silent_caller(floor)
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, None))
    floor.talk(call)
    floor.left(call)
    yield call


@pytest.mark.parametrize("event", STALE)
def test_an_answer_to_an_older_or_a_later_question_changes_nothing(floor, event):
    for call in journey(floor):
        before = floor.call(call)
        for turn in {-1, 0, before.turn - 1, before.turn + 1, 10**9} - {before.turn}:
            floor.desk.happen(event(call, turn))
            assert floor.call(call) == before


def test_a_call_asked_for_twice_is_the_same_call(floor):
    first = floor.desk.answer("CA1", LINE.number, PIETER)
    assert floor.desk.answer("CA1", LINE.number, STRANGER) == first
    assert len(floor.book.rows.calls) == 1


def test_a_caller_whose_end_is_never_told_is_found_gone_at_any_question(floor):
    call = floor.dial(STRANGER)
    floor.exchange.heards[floor.call(call).sid] = events.Heard.COMPLETED
    floor.advance(61)
    assert floor.call(call).outcome is CallOutcome.ABANDONED


def test_nothing_that_was_keyed_is_kept_anywhere(floor):
    call = floor.dial(STRANGER)
    floor.press(call, "1")
    for _ in range(2):
        floor.contract(call, "777001777001")
        floor.pin(call, WRONG_PIN)
    floor.contract(call, "100234")
    floor.pin(call, PIN)
    written = repr(vars(floor.book.rows)) + repr(floor.desk.seen)
    assert not [digits for digits in (PIN, WRONG_PIN, "777001777001") if digits in written]

"""The keys that mean the same in every menu: 0 is a human, 9 and the star repeat, and a hash key is
no answer. Whatever is pressed, the menus end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import events
from routing.call import Call, Preamble, Stage
from routing.caller.menus import MENUS
from routing.caller.prompts import build_caller_document
from routing.caller.questions import REPEATS, ROUNDS, CallerView
from routing.incident import EscalationPhase
from routing.line import SignatureDesk, Step
from routing.voice_document import AskDigits, Pause, Say
from tests.routing.floor import JORIS, PIETER, PIN, SANNE, STRANGER, WRONG_PIN, Floor, prompts
from tests.routing.test_wrong_keys import BEGINNINGS, CLOSED, NUMBERS, known
from tests.routing.test_wrong_keys import MENUS as ASKED

DESK = {"desk": Step(("joris",), dt.timedelta(seconds=20))}
LINES = ({}, DESK, CLOSED, {"signature_desk": SignatureDesk(("secondary",))})
FEW = 12
"""Questions that a caller hears at most who has stopped pressing keys."""

anywhere = given(
    begin=st.sampled_from(BEGINNINGS),
    line=st.sampled_from(LINES),
    keys=st.lists(st.sampled_from([*"0123456789*#", None]), max_size=40),
)


def is_asked(floor: Floor, call: str) -> bool:
    stage = floor.call(call).stage
    return stage in ASKED or stage in NUMBERS


def give(floor: Floor, call: str, key: str | None) -> None:
    """Press this at whatever question is asked."""
    stage = floor.call(call).stage
    if stage in NUMBERS:
        NUMBERS[stage](floor, call, key)
    else:
        floor.press(call, key)


def settled(call: Call) -> Call:
    """What a caller has said so far, without the number of questions that it took."""
    said = {"turn": 0, "repeats": 0, "strays": 0, "slow": False, "remark": Preamble.NONE}
    chance = {"incident": None, "parked_at": None, "queued": 0, "offers": ()}
    return replace(call, pause=0, version=0, pressed=False, **said, **chance)


@settings(max_examples=150, deadline=None)
@anywhere
def test_whatever_was_pressed_silence_leads_out_of_the_menus(begin, line, keys):
    floor = Floor(**line)
    call = begin(floor)
    for key in keys:
        if not is_asked(floor, call):
            break
        give(floor, call, key)
    for _ in range(FEW):
        if not is_asked(floor, call):
            break
        give(floor, call, None)
    assert not is_asked(floor, call), floor.call(call).stage
    if floor.call(call).stage is Stage.INTRODUCE:
        floor.desk.happen(events.Introduced(call, floor.call(call).turn, "http://spoken"))
    heard = (Stage.MATTER, Stage.WAITING, Stage.MESSAGE, Stage.FAREWELL)
    assert floor.call(call).stage in heard


@settings(max_examples=100, deadline=None)
@given(
    begin=st.sampled_from(BEGINNINGS),
    keys=st.lists(st.sampled_from("#*"), max_size=REPEATS),
)
def test_stars_and_hash_keys_alone_change_nothing(begin, keys):
    floor = Floor(**CLOSED)
    call = begin(floor)
    before = settled(floor.call(call))
    for key in keys:
        give(floor, call, key)
    assert settled(floor.call(call)) == before
    assert floor.call(call).slow is (keys.count("*") > 1)


@settings(max_examples=100, deadline=None)
@anywhere
def test_a_hash_key_after_any_other_changes_nothing(begin, line, keys):
    """A caller who ends everything with a hash key gets as far as one who never does."""
    with_hashes, without = Floor(**line), Floor(**line)
    one, other = begin(with_hashes), begin(without)
    for key in [key for key in keys if key not in (*"#*9",)][:REPEATS]:
        give(with_hashes, one, key)
        give(without, other, key)
        if is_asked(with_hashes, one):
            give(with_hashes, one, "#")
        assert settled(with_hashes.call(one)) == settled(without.call(other))


@pytest.mark.parametrize("begin", BEGINNINGS)
@pytest.mark.parametrize("key", "#*9")
def test_a_key_that_repeats_for_ever_is_answered_by_a_decision_in_the_end(begin, key):
    floor = Floor(**CLOSED)
    call = begin(floor)
    if key == "9" and floor.call(call).stage in NUMBERS:
        return
    before = floor.call(call).stage
    for _ in range(REPEATS):
        give(floor, call, key)
        assert floor.call(call).stage is before
    give(floor, call, key)
    assert floor.call(call).stage is not before
    assert floor.call(call).pressed


@pytest.mark.parametrize("key", "*9")
def test_a_question_that_is_repeated_twice_is_spoken_slowly_from_then_on(floor, key):
    call = known(floor)
    floor.press(call, key)
    assert not floor.script(call).slow
    assert (floor.call(call).slips, floor.call(call).silences) == (0, 0)
    floor.press(call, key)
    assert floor.script(call).slow
    floor.press(call, "1")
    assert floor.script(call).slow
    floor.press(call, "1")
    assert floor.script(call).slow
    floor.say_matter(call, None)
    assert floor.room(call).slow
    floor.wait_key(call, "*")
    assert floor.room(call).slow


@pytest.mark.parametrize("key", ["#", ""])
def test_a_hash_key_or_none_while_waiting_changes_nothing_at_all(floor, key):
    call = floor.critical()
    waits = floor.call(call)
    floor.wait_key(call, key)
    floor.desk.happen(events.WaitingKey(call, waits.turn - 1, "8"))
    assert floor.call(call) == waits


def test_a_hash_key_is_no_key_of_a_caller_who_has_pressed_none(floor):
    call = floor.dial(STRANGER)
    floor.press(call, "#")
    assert not floor.call(call).pressed
    floor.press(call, "*")
    assert floor.call(call).pressed


def test_a_caller_who_has_pressed_no_key_is_asked_for_the_level_once(floor):
    call = floor.dial(PIETER)
    floor.pin(call, None)
    floor.press(call, None)
    assert floor.call(call).stage is Stage.INTRODUCE
    other = known(floor)
    floor.press(other, None)
    assert floor.call(other).stage is Stage.URGENCY


def test_a_star_at_each_of_two_questions_slows_nothing(floor):
    call = known(floor)
    for key in "*1*":
        floor.press(call, key)
    assert not floor.call(call).slow


def test_the_star_says_again_what_was_said_before_the_question(floor):
    call = floor.dial("+31612345680")
    floor.pin(call, PIN)
    for key in "#*":
        floor.press(call, key)
        assert prompts(floor.script(call))[0] == "expired"


def test_a_hash_key_is_not_spoken_of_and_neither_is_the_error_before_it(floor):
    call = known(floor)
    floor.press(call, "7")
    assert prompts(floor.script(call)) == ["no_such_key", "urgency_short", "urgency_again"]
    floor.press(call, "#")
    assert prompts(floor.script(call)) == ["urgency_short", "urgency_again"]
    floor.press(call, "*")
    assert prompts(floor.script(call)) == ["urgency_menu"]


def test_the_second_error_brings_the_whole_question_and_the_way_to_a_human(floor):
    call = known(floor)
    floor.press(call, "7")
    floor.press(call, None)
    said = ["nothing_keyed", "urgency_menu", "urgency_again", "human_key"]
    assert prompts(floor.script(call)) == said


def test_whoever_may_not_be_rung_for_is_not_told_of_a_human():
    floor = Floor(unverified_level_1="message")
    call = floor.dial(STRANGER)
    floor.press(call, "1")
    floor.contract(call, "0")
    floor.press(call, "7")
    floor.press(call, "7")
    assert prompts(floor.script(call)) == ["no_such_key", "urgency_menu", "urgency_again"]


# Key 0


@pytest.mark.parametrize("where", [Stage.LANGUAGE, Stage.ABOUT, Stage.URGENCY])
def test_zero_is_the_desk_while_somebody_is_there(where):
    floor = Floor(**DESK)
    if where is Stage.ABOUT:
        floor.hang_up(floor.critical())
    call = floor.dial(STRANGER if where is Stage.LANGUAGE else PIETER)
    if where is not Stage.LANGUAGE:
        floor.pin(call, PIN)
    assert floor.call(call).stage is where
    floor.press(call, "0")
    floor.work()
    incident = floor.incident(call)
    assert (floor.call(call).stage, floor.call(call).remark) == (Stage.WAITING, Preamble.IN_ROW)
    assert (incident.urgency, incident.escalation.phase) == (2, EscalationPhase.ROW)
    assert JORIS in floor.ringing()


@pytest.mark.parametrize("line", [{}, CLOSED, DESK | CLOSED])
def test_zero_at_the_levels_is_level_1_while_nobody_is_at_the_desk(line):
    floor = Floor(**line)
    call = known(floor)
    floor.press(call, "0")
    floor.work()
    assert (floor.call(call).stage, floor.incident(call).urgency) == (Stage.MATTER, 1)
    assert floor.ringing() == [SANNE]


def test_zero_at_the_confirmation_is_no_way_back(floor):
    call = known(floor)
    floor.press(call, "1")
    floor.press(call, "0")
    floor.work()
    assert floor.ringing() == [SANNE]


@pytest.mark.parametrize("answered", range(3))
def test_zero_in_a_request_is_the_specialist(answered):
    floor = Floor(signature_desk=SignatureDesk(("secondary",)))
    call = known(floor)
    for key in ("5", *"11"[:answered]):
        floor.press(call, key)
    floor.press(call, "0")
    floor.work()
    assert (floor.call(call).stage, floor.incident(call).urgency) == (Stage.WAITING, 3)
    assert floor.ringing() == [JORIS]


def test_zero_again_and_again_reaches_a_human_from_the_first_question(floor):
    call = floor.dial("anonymous")
    for _ in range(3):
        give(floor, call, "0")
    floor.work()
    assert (floor.call(call).stage, floor.ringing()) == (Stage.MATTER, [SANNE])


def test_no_way_leads_round_and_round_between_two_questions():
    """At the closed desk: level 1, no, and again. In the end the message is asked for."""
    floor = Floor(**CLOSED)
    call = known(floor)
    floor.press(call, "3")
    for _ in range(ROUNDS):
        floor.press(call, "3")
        floor.press(call, "2")
        assert floor.call(call).stage is Stage.LATER
    floor.press(call, "3")
    floor.press(call, "2")
    assert (floor.call(call).stage, floor.call(call).urgency) == (Stage.MESSAGE, 3)


# Digits


def test_the_last_digit_ends_a_pin_and_a_contract_number_ends_with_the_hash_key(floor):
    call = floor.dial("anonymous")
    floor.press(call, "1")
    (asked,) = [act for act in floor.script(call).acts if isinstance(act, AskDigits)]
    assert asked.digits is None
    floor.contract(call, "100234#")
    (asked,) = [act for act in floor.script(call).acts if isinstance(act, AskDigits)]
    assert asked.digits == floor.line.pin.length


def keyed(floor: Floor, digits: str) -> Call:
    call = floor.dial(PIETER)
    floor.pin(call, digits)
    return floor.call(call)


@pytest.mark.parametrize(
    ("digits", "tries", "remark", "pause"),
    [
        ("#", 0, Preamble.WELCOME, 0),
        ("*", 0, Preamble.WELCOME, 0),
        ("12*", 0, Preamble.WELCOME, 0),
        ("12*#", 0, Preamble.WELCOME, 0),
        ("12*482", 0, Preamble.ONE_MOMENT, 2),  # cut off at six keys: the rest is still to come
        ("12*48", 1, Preamble.WRONG, 1),
        ("48291", 1, Preamble.WRONG, 1),
        ("48291#", 1, Preamble.WRONG, 1),
        ("4", 1, Preamble.WRONG, 1),
        (WRONG_PIN, 1, Preamble.WRONG, 1),
    ],
)
def test_only_a_pin_that_was_keyed_to_its_end_counts(floor, digits, tries, remark, pause):
    call = keyed(floor, digits)
    assert (call.stage, call.tries) == (Stage.PIN, tries)
    assert (call.remark, call.pause) == (remark, pause)
    assert (
        floor.book.unverified_limits.count_failed_pins(
            "contract main 100234", floor.now - dt.timedelta(minutes=1)
        )
        == tries
    )


def test_a_whole_pin_after_a_star_is_taken(floor):
    call = keyed(floor, "12*482").id
    floor.pin(call, PIN)
    assert floor.call(call).identity is not None


def test_the_rest_of_a_pin_with_a_star_in_it_is_no_wrong_pin(floor):
    call = keyed(floor, "12*482").id
    floor.pin(call, "913")
    assert (floor.call(call).tries, floor.call(call).remark) == (0, Preamble.REPEAT)
    floor.pin(call, "913")
    assert (floor.call(call).tries, floor.call(call).remark) == (1, Preamble.WRONG)


@pytest.mark.parametrize("digits", ["0", "0#", "12*0"])
def test_zero_goes_on_without_a_pin(floor, digits):
    call = keyed(floor, digits)
    assert (call.stage, call.remark, call.pause) == (Stage.URGENCY, Preamble.UNIDENTIFIED, 0)


@pytest.mark.parametrize(
    ("pause", "silences"), [(1, [1]), (2, [2]), (4, [4]), (8, [4, 4]), (9, [4, 4, 1])]
)
def test_a_long_pause_is_broken_by_a_word(floor, pause, silences):
    call = replace(keyed(floor, WRONG_PIN), pause=pause)
    acts = build_caller_document(CallerView(call, None, floor.line)).acts
    assert [act.seconds for act in acts if isinstance(act, Pause)] == silences
    said = [act.prompt for act in acts if isinstance(act, Say)]
    assert said == ["wrong", *["one_moment"] * (len(silences) - 1)]


def test_help_names_the_digits_after_the_first_error_and_not_before(floor):
    call = floor.dial(PIETER)
    assert prompts(floor.script(call)) == ["welcome", "ask_pin"]
    floor.pin(call, WRONG_PIN)
    (asked,) = [act for act in floor.script(call).acts if isinstance(act, AskDigits)]
    assert asked.spoken == (Say("ask_pin_help", (("digits", 6),)),)


def test_every_menu_is_looked_at_here():
    assert MENUS.keys() - {Stage.WAITING} == ASKED

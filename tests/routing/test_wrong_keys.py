"""Keys that mean nothing, pressed for ever: nobody hears menus for ever, and a human is found."""

from __future__ import annotations

import itertools

import pytest

from routing import events
from routing.call import Preamble, Stage
from routing.caller.questions import REPEATS
from routing.line import Hours, SignatureDesk, Step
from routing.page import LegState
from tests.routing.floor import PIETER, PIN, SANNE, STRANGER, Floor, prompts

KEYS = (*"0123456789*#", None)
MEANINGLESS = (*"78",)
STUCK = (*"078*#9",)
PAIRS = tuple(itertools.permutations(("1", "2", "9", "7", None), 2))
ENOUGH = 40
"""Questions after which anybody has been heard."""

NUMBERS = {Stage.CONTRACT: Floor.contract, Stage.PIN: Floor.pin}
MENUS = frozenset(
    {
        Stage.LANGUAGE,
        Stage.ENGINEER,
        Stage.ABOUT,
        Stage.ENGAGED,
        Stage.URGENCY,
        Stage.VERDICT,
        Stage.DATABASES,
        Stage.STOPPED,
        Stage.CONFIRM,
        Stage.LATER,
    }
)


def press(floor: Floor, call: str, *keys: str | None) -> None:
    for key in keys:
        floor.press(call, key)


def keep_pressing(floor: Floor, call: str, keys: tuple[str | None, ...]) -> int:
    """Press these again and again until no question is asked; gives back how many were asked."""
    for asked, key in enumerate(itertools.cycle(keys)):
        stage = floor.call(call).stage
        if stage in NUMBERS:
            NUMBERS[stage](floor, call, key)
        elif stage in MENUS:
            floor.press(call, key)
        elif stage is Stage.INTRODUCE:
            floor.desk.happen(events.Introduced(call, floor.call(call).turn, "http://spoken"))
        else:
            return asked
        assert asked < ENOUGH, f"still asked, at {stage}"
    raise AssertionError


def stranger(floor: Floor) -> str:
    return floor.dial(STRANGER)


def known(floor: Floor) -> str:
    call = floor.dial(PIETER)
    floor.pin(call, PIN)
    return call


def about(floor: Floor) -> str:
    floor.hang_up(floor.critical())
    return known(floor)


def about_a_lower_level(floor: Floor) -> str:
    first = known(floor)
    floor.press(first, "3")
    floor.hang_up(first)
    return known(floor)


def engaged(floor: Floor) -> str:
    floor.critical()
    call = known(floor)
    floor.press(call, "1")
    return call


def called_in(floor: Floor) -> str:
    floor.critical()
    return floor.dial(SANNE)


def raising(floor: Floor) -> str:
    call = about_a_lower_level(floor)
    press(floor, call, "1")
    return call


BEGINNINGS = (stranger, known, about, about_a_lower_level, engaged, called_in, raising)
ON_SUNDAYS = Hours(("sun",))
CLOSED = {"desk": Step(("primary",)), "office_hours": (ON_SUNDAYS,)}
"""Each test is on a Monday. An office that never opens is looked for ten years ahead each time."""
REQUESTS = {"signature_desk": SignatureDesk(("secondary",))}


@pytest.mark.parametrize("line", [{}, REQUESTS, CLOSED], ids=["plain", "requests", "closed"])
@pytest.mark.parametrize("begin", BEGINNINGS)
def test_nobody_hears_menus_for_ever_whatever_is_pressed(begin, line):
    for keys in (*((key,) for key in KEYS), *(PAIRS if line is REQUESTS else ())):
        floor = Floor(**line)
        assert keep_pressing(floor, begin(floor), keys) < ENOUGH


@pytest.mark.parametrize("keys", [("5", "1", "1", "1", "2"), ("1", "2", "9"), ("1", None, "2")])
def test_going_round_and_round_with_keys_that_mean_something_ends_too(keys):
    floor = Floor(signature_desk=SignatureDesk(("secondary",)))
    call = known(floor)
    keep_pressing(floor, call, keys)
    floor.work()
    assert floor.call(call).stage is Stage.MATTER
    assert floor.ringing()


@pytest.mark.parametrize("key", MEANINGLESS)
def test_the_third_wrong_key_at_the_levels_is_level_1(floor, key):
    call = known(floor)
    for _ in range(2):
        floor.press(call, key)
        seen = floor.call(call)
        assert (seen.stage, seen.remark, seen.urgency) == (
            Stage.URGENCY,
            Preamble.NO_SUCH_KEY,
            None,
        )
    floor.press(call, key)
    floor.work()
    assert (floor.call(call).stage, floor.call(call).urgency) == (Stage.MATTER, 1)
    assert floor.ringing() == [SANNE]


@pytest.mark.parametrize("key", "345678")
def test_the_third_wrong_key_at_the_confirmation_is_yes(floor, key):
    call = known(floor)
    floor.press(call, "1")
    for _ in range(2):
        floor.press(call, key)
        assert floor.call(call).stage is Stage.CONFIRM
        assert prompts(floor.script(call)) == ["no_such_key", "confirm_level_1"]
    floor.press(call, key)
    floor.work()
    assert floor.ringing() == [SANNE]


def test_a_silence_and_a_wrong_key_count_together(floor):
    call = known(floor)
    press(floor, call, "7", None)
    assert floor.call(call).stage is Stage.URGENCY
    floor.press(call, "7")
    assert floor.call(call).stage is Stage.MATTER


def test_another_question_begins_at_nothing(floor):
    call = known(floor)
    press(floor, call, "7", "7", "1", "7", "7")
    assert floor.call(call).stage is Stage.CONFIRM


@pytest.mark.parametrize("key", STUCK)
def test_a_stranger_who_presses_it_for_ever_reaches_a_human(floor, key):
    call = stranger(floor)
    assert keep_pressing(floor, call, (key,)) <= 3 * REPEATS + 3
    floor.work()
    assert floor.ringing() == [SANNE]


@pytest.mark.parametrize("key", "678")
def test_a_wrong_key_at_the_open_incidents_leaves_one_try_at_the_levels(floor, key):
    call = about(floor)
    press(floor, call, key, key)
    assert floor.call(call).stage is Stage.ABOUT
    floor.press(call, key)
    assert floor.call(call).stage is Stage.URGENCY
    floor.press(call, key)
    floor.work()
    assert (floor.call(call).stage, floor.call(call).urgency) == (Stage.MATTER, 1)


@pytest.mark.parametrize("key", "148")
def test_a_wrong_key_while_a_colleague_is_on_the_line_leaves_a_message(floor, key):
    call = engaged(floor)
    press(floor, call, key, key)
    assert floor.call(call).stage is Stage.ENGAGED
    floor.press(call, key)
    assert floor.call(call).stage is Stage.MESSAGE


@pytest.mark.parametrize("key", "378")
def test_a_wrong_key_of_an_engineer_who_calls_in_leads_to_the_customers_menu(floor, key):
    call = called_in(floor)
    press(floor, call, key, key)
    assert floor.call(call).stage is Stage.ENGINEER
    floor.press(call, key)
    assert floor.call(call).stage is Stage.LANGUAGE


@pytest.mark.parametrize("key", "124568")
def test_a_wrong_key_at_the_closed_desk_is_asked_again_and_then_a_message_is_taken(key):
    floor = Floor(**CLOSED)
    call = known(floor)
    floor.press(call, "3")
    for said in (["later_keys"], ["later_at", "later_keys"]):
        floor.press(call, key)
        assert prompts(floor.script(call)) == ["no_such_key", *said]
    floor.press(call, key)
    assert floor.call(call).stage is Stage.MESSAGE


# Engineers


def test_a_wrong_key_where_a_call_back_is_offered_lets_the_engineer_go(floor):
    call = floor.critical()
    floor.take(SANNE)
    floor.hang_up(call)
    floor.part(SANNE, bridged=False)
    for _ in range(2):
        floor.key(SANNE, "9")
        assert "offer_callback" in prompts(floor.whisper(SANNE))
    floor.key(SANNE, "7")
    assert prompts(floor.whisper(SANNE)) == ["goodbye"]


def test_a_wrong_key_at_the_closing_menu_lets_the_engineer_go_and_changes_nothing(floor):
    call = floor.critical()
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    incident = floor.incident(call)
    for _ in range(2):
        floor.key(SANNE, "9")
        assert "closing_responded" in prompts(floor.whisper(SANNE))
    assert floor.leg(SANNE).state is LegState.CLOSING
    floor.key(SANNE, "9")
    assert prompts(floor.whisper(SANNE)) == ["goodbye"]
    assert floor.incident(call).state == incident.state


def test_a_note_of_nothing_for_ever_lets_the_engineer_go(floor):
    call = floor.critical()
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    for _ in range(ENOUGH):
        if prompts(floor.whisper(SANNE)) == ["goodbye"]:
            return
        floor.key(SANNE, "7")
        leg = floor.leg(SANNE)
        floor.desk.happen(events.NoteSpoken(leg.id, leg.turn, None))
    raise AssertionError("the note is asked for and asked for")


def rescued(floor: Floor) -> str:
    """A caller for whom nobody acts: the last resort is dialled from the caller's document."""
    call = floor.critical()
    floor.desk.happen(events.Unattended(call))
    assert floor.call(call).stage is Stage.RESCUE
    return call


def test_a_wrong_key_of_the_last_resort_dialled_directly_lets_it_go(floor):
    from routing.caller.leaving import build_rescue_document, make_rescue_key

    call = rescued(floor)
    wrong = "0" if make_rescue_key(floor.call(call)) != "0" else "1"

    def heard() -> list[str]:
        return prompts(build_rescue_document(floor.desk.call(call), floor.line, answered_key=True))

    for _ in range(2):
        floor.desk.happen(events.RescueTaken(call, wrong))
        assert heard()[:3] == ["rescue_whisper"] * 3
    for habit in ("#", "*", "#"):
        floor.desk.happen(events.RescueTaken(call, habit))
        assert heard()[:3] == ["rescue_whisper"] * 3
    floor.desk.happen(events.RescueTaken(call, wrong))
    assert heard() == ["wrong_key", "not_connected", "goodbye"]
    assert floor.call(call).stage is Stage.RESCUE

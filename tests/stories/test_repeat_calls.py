"""Customers call again about a matter of level 2 to 4: the desk, an honest word, or level 1."""

import pytest

from tests.stories.stage import JORIS, PIETER, PIN, SANNE
from tests.stories.test_desk_queue import BOB, BOBS_PIN, ends, paper, reports
from tests.words import words_of

__all__ = ["paper"]


def again(stage, key="1", from_=PIETER, pin=PIN):
    """A contact of the bakery calls again and says that it is about the incident."""
    caller = stage.dial(from_)
    stage.press(caller, f"{pin}#")
    stage.advance(6)
    stage.press(caller, key)
    return caller


def of(stage, caller):
    return stage.desk.calls.find_by_sid(caller.sid).incident


def test_who_calls_again_in_office_hours_talks_with_the_desk(stage):
    first = reports(stage, 3)
    stage.hang_up(first)
    caller = again(stage)
    number = of(stage, caller).number
    stage.advance(3)
    joris = stage.answer(JORIS)
    stage.advance(12)
    assert words_of("whisper_called_again", number=number) in joris.hears
    stage.press(joris, stage.leg(joris).take_key)
    stage.advance(5)
    assert caller.bridged_with == joris.sid
    assert of(stage, caller).calls == (first.sid, caller.sid)


def test_who_was_to_be_called_back_and_calls_keeps_the_place_and_is_not_called(stage):
    busy = reports(stage, 3, BOB, BOBS_PIN)
    joris = stage.take(JORIS)
    first = reports(stage, 3)
    place = of(stage, first).queued_at
    stage.advance(3)
    stage.press(first, "8")
    stage.advance(12)
    caller = again(stage)
    assert of(stage, caller).queued_at == place
    ends(stage, busy, joris)
    joris = stage.take(JORIS)
    stage.advance(5)
    assert caller.bridged_with == joris.sid
    assert stage.rings(PIETER) == 0


def test_the_customer_calls_with_what_was_asked_for(stage):
    caller = reports(stage, 3)
    stage.hang_up(caller)
    number = of(stage, caller).number
    stage.office.text(JORIS, "+31201234567", f"{number} wacht op de logs")
    stage.settle()
    assert of(stage, caller).waiting_since is not None
    again(stage)
    incident = of(stage, caller)
    assert incident.waiting_since is None
    assert incident.acknowledged_by == "joris"
    stage.advance(3)
    assert stage.rings(JORIS) > 0


def test_three_in_the_row_makes_the_joined_incident_level_1(stage):
    first = reports(stage, 3)
    stage.hang_up(first)
    number = of(stage, first).number
    caller = again(stage)
    stage.advance(3)
    for key in ("3", "1"):
        stage.press(caller, key)
        stage.advance(2)
    incident = of(stage, caller)
    assert (incident.number, incident.urgency, incident.raised_at is None) == (number, 1, False)
    sanne = stage.take(SANNE)
    stage.advance(3)
    assert caller.bridged_with == sanne.sid


@pytest.mark.parametrize("confirms", [True, False])
def test_a_colleague_may_say_that_it_is_level_1_by_now(stage, confirms):
    busy = reports(stage, 3, BOB, BOBS_PIN)
    stage.take(JORIS)
    first = reports(stage, 3)
    second = again(stage)
    stage.advance(20)
    assert words_of("engaged_raise") in " ".join(second.hears)
    stage.press(second, "3")
    stage.advance(2)
    if confirms:
        stage.press(second, "1")
        stage.advance(6)
        assert words_of("ask_message_raised") in " ".join(second.hears)
    stage.hang_up(second)
    stage.advance(3)
    assert of(stage, first).urgency == 1
    sanne = stage.take(SANNE)
    stage.advance(3)
    assert first.bridged_with == sanne.sid
    assert busy.live

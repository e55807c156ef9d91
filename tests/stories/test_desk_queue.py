"""Levels 2 to 4 at the desk: one row, called back without losing the place, and raised."""

import datetime as dt

import pytest

from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, PIETER, PIN, SANNE
from tests.words import words_of

EMMA, BOB = "+31612345679", "+31612345682"
EMMAS_PIN, BOBS_PIN = "771204", "330918"
ALWAYS = '{days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-00:00"}'
OFFICE = '{days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}'
MORE = f"""  - contract: "100236"
    customer: Kwekerij Emma
    plan: msa_plus
    contacts: [{{name: Emma Vos, phone: "{EMMA}", pin: "{EMMAS_PIN}", language: nl}}]
  - contract: "100242"
    customer: Garage Bob
    plan: standard
    contacts: [{{name: Bob Vos, phone: "{BOB}", pin: "{BOBS_PIN}", language: nl}}]
"""


@pytest.fixture
def paper():
    staffed = PAPER.replace(OFFICE, ALWAYS).replace(
        "paging:", "desk: {ring: [joris], for: 20s}\npaging:"
    )
    return staffed + MORE


def reports(stage, level, from_=PIETER, pin=PIN):
    """A customer calls with a matter of this level."""
    caller = stage.dial(from_)
    stage.press(caller, f"{pin}#")
    stage.something_new(caller)
    stage.press(caller, str(level))
    return caller


def of(stage, caller):
    return stage.desk.calls.find_by_sid(caller.sid).incident


def ends(stage, caller, engineer):
    """They are done: both hang up."""
    stage.hang_up(caller)
    stage.hang_up(engineer)
    stage.advance(1)


def test_the_desk_is_rung_and_joined(stage):
    caller = reports(stage, 3)
    assert stage.rings(SANNE) == 0
    stage.advance(5)
    joris = stage.take(JORIS)
    assert caller.bridged_with == joris.sid
    assert words_of("whisper_service_desk", level=3) in joris.hears
    stage.hang_up(caller)
    call = stage.call(caller)
    assert (call.outcome, call.answered_by, call.urgency) == ("connected", "joris", 3)


def test_no_text_goes_out_beside_a_telephone_on_a_desk(stage):
    reports(stage, 2)
    stage.advance(5)
    assert [page.channel for page in stage.pages()] == ["call"]


def test_the_row_is_served_by_level_then_plan_then_time(stage):
    first = reports(stage, 4)
    busy = stage.take(JORIS)
    bob = reports(stage, 3, BOB, BOBS_PIN)
    emma = reports(stage, 3, EMMA, EMMAS_PIN)
    urgent = reports(stage, 2)
    stage.advance(20)
    served = []
    talking = first
    for _ in range(3):
        ends(stage, talking, busy)
        busy = stage.take(JORIS)
        talking = next(c for c in (bob, emma, urgent) if c.live and c.bridged_with == busy.sid)
        served.append(talking)
    assert served == [urgent, emma, bob]


def test_the_caller_hears_the_place_and_no_estimate_without_grounds(stage):
    reports(stage, 3)
    stage.take(JORIS)
    reports(stage, 3, EMMA, EMMAS_PIN)
    third = reports(stage, 4, BOB, BOBS_PIN)
    stage.advance(30)
    heard = " ".join(third.hears)
    assert words_of("row_place", place=2) in heard
    assert words_of("row_wait") not in heard


def test_the_estimate_comes_from_the_talks_before(stage):
    for _ in range(3):
        caller = reports(stage, 3)
        joris = stage.take(JORIS)
        stage.advance(240)
        ends(stage, caller, joris)
    reports(stage, 3)
    stage.take(JORIS)
    waiting = reports(stage, 4, BOB, BOBS_PIN)
    stage.advance(30)
    assert words_of("row_wait", wait=dt.timedelta(minutes=5)) in " ".join(waiting.hears)


def test_one_keeps_the_place_and_the_customer_is_called_back(stage):
    first = reports(stage, 3)
    joris = stage.take(JORIS)
    back = reports(stage, 3, EMMA, EMMAS_PIN)
    stage.advance(5)
    later = reports(stage, 3, BOB, BOBS_PIN)
    stage.press(back, "8")
    stage.advance(12)
    assert (back.live, stage.call(back).outcome) == (False, "callback")
    assert "aan de beurt" in " ".join(back.hears)
    ends(stage, first, joris)
    joris = stage.take(JORIS)
    assert any("De klant wordt gebeld" in said for said in joris.hears)
    emma = stage.office.phone(EMMA).answer()
    stage.advance(5)
    assert emma.bridged_with == joris.sid
    assert later.live


def test_two_leaves_a_message_and_keeps_the_place(stage):
    first = reports(stage, 3)
    joris = stage.take(JORIS)
    caller = reports(stage, 3, EMMA, EMMAS_PIN)
    stage.advance(2)
    stage.press(caller, "7")
    stage.record(caller, 4)
    assert of(stage, caller).message
    ends(stage, first, joris)
    taker = stage.take(JORIS)
    assert caller.bridged_with == taker.sid


def test_three_makes_it_level_1_and_wakes_the_on_call(stage):
    reports(stage, 4)
    stage.take(JORIS)
    caller = reports(stage, 3, EMMA, EMMAS_PIN)
    stage.advance(2)
    opened = of(stage, caller)
    stage.press(caller, "3")
    stage.advance(2)
    assert words_of("raise_to_level_1", level=3) in " ".join(caller.hears)
    stage.press(caller, "1")
    raised = of(stage, caller)
    assert (raised.number, raised.urgency, raised.queued_at) == (opened.number, 1, None)
    assert raised.respond_by is not None
    stage.advance(5)
    taker = stage.take(SANNE)
    assert caller.bridged_with == taker.sid


def test_not_confirmed_keeps_the_place(stage):
    first = reports(stage, 4)
    joris = stage.take(JORIS)
    caller = reports(stage, 3, EMMA, EMMAS_PIN)
    before = of(stage, caller).queued_at
    for key in ("3", "2"):
        stage.advance(2)
        stage.press(caller, key)
    assert (of(stage, caller).urgency, of(stage, caller).queued_at) == (3, before)
    ends(stage, first, joris)
    taker = stage.take(JORIS)
    assert caller.bridged_with == taker.sid


def test_whoever_hangs_up_in_the_row_leaves_an_incident_that_the_desk_is_told_of(stage):
    reports(stage, 4)
    stage.take(JORIS)
    caller = reports(stage, 3, EMMA, EMMAS_PIN)
    stage.advance(3)
    stage.hang_up(caller)
    stage.advance(1)
    incident = of(stage, caller)
    assert stage.call(caller).outcome == "abandoned"
    assert (incident.state, stage.desk.calls.desk_queue.find_waiting("main")) == ("open", [])
    texts = [t for t in stage.office.texts if t.to == JORIS and str(incident.number) in t.body]
    assert len(texts) == 1


def test_whoever_does_not_pick_up_is_left_alone_for_a_minute(stage):
    caller = reports(stage, 3)
    stage.advance(22)
    assert stage.rings(JORIS) == 1
    stage.advance(50)
    assert stage.rings(JORIS) == 1
    stage.advance(45)
    assert stage.rings(JORIS) == 2
    assert caller.live


def test_passed_on_at_the_desk_the_next_in_the_row_is_offered(stage):
    first = reports(stage, 3)
    second = reports(stage, 4, EMMA, EMMAS_PIN)
    joris = stage.answer(JORIS)
    stage.press(joris, stage.leg(joris).pass_key)
    stage.advance(2)
    taker = stage.take(JORIS)
    assert second.bridged_with == taker.sid
    assert first.live


def test_a_level_1_comes_before_the_row(stage):
    first = reports(stage, 4)
    joris = stage.take(JORIS)
    reports(stage, 3, EMMA, EMMAS_PIN)
    stage.advance(1)
    critical = reports(stage, 1, BOB, BOBS_PIN)
    stage.press(critical, "1")
    stage.advance(62)
    ends(stage, first, joris)
    taker = stage.take(JORIS)
    assert critical.bridged_with == taker.sid


def test_hanging_up_while_confirming_level_1_wakes_the_on_call(stage):
    reports(stage, 4)
    stage.take(JORIS)
    caller = reports(stage, 3, EMMA, EMMAS_PIN)
    stage.advance(2)
    stage.press(caller, "3")
    stage.advance(1)
    stage.hang_up(caller)
    stage.advance(3)
    assert (of(stage, caller).urgency, of(stage, caller).queued_at) == (1, None)
    assert (stage.rings(SANNE), stage.call(caller).outcome) == (1, "abandoned")

"""Whether anybody acts for a waiting caller: late is not lost, and lost is noticed."""

import datetime as dt
from dataclasses import replace

from routing import events
from routing.call import Stage
from routing.caller.hold import is_unattended
from routing.incident import EscalationPhase
from routing.page import LegState
from tests.routing.floor import ENGINEERS, JORIS, SANNE, SANNES_DESK, STRANGER, Floor, stepping

THIRD = "+31612345699"
SECOND = dt.timedelta(seconds=1)


def put_off(floor, call, seconds):
    """The carrier's turn does not come for so long; workers look every second."""
    leg = floor.leg(SANNE)
    for _ in range(seconds):
        floor.now += SECOND
        floor.desk.happen(events.LegPutOff(leg.id))
    return floor.leg(SANNE)


def unplaced(floor):
    """A caller whose engineer's leg is written, and not yet placed at the carrier."""
    floor.exchange.place = lambda placing: (_ for _ in ()).throw(ConnectionError)
    call = floor.dial()
    floor.pin(call, "4829130057")
    floor.press(call, "1")
    floor.press(call, "1")
    floor.say_matter(call, None)
    assert floor.leg(SANNE).state is LegState.PLACING
    return call


# A leg that waits for its turn


def test_a_leg_that_waits_for_its_turn_is_attended_to(floor):
    call = unplaced(floor)
    put_off(floor, call, 40)
    assert not is_unattended(floor.incident(call), floor.now)
    assert "put_off" in floor.notes()
    assert floor.notes().count("put_off") == 1


def test_a_leg_that_nobody_even_looks_at_is_not(floor):
    call = unplaced(floor)
    put_off(floor, call, 40)
    floor.now += 16 * SECOND
    assert is_unattended(floor.incident(call), floor.now)
    floor.room(call)
    assert floor.call(call).stage is Stage.RESCUE


def test_it_is_rung_as_long_as_the_others_once_its_turn_comes(floor):
    call = unplaced(floor)
    leg = put_off(floor, call, 40)
    assert leg.rings_until >= floor.now + leg.ring_for
    floor.desk.happen(events.RangLongEnough(leg.id))
    assert floor.leg(SANNE).state is LegState.PLACING
    assert floor.incident(call).escalation.step == 1


def test_a_turn_that_comes_soon_is_not_worth_a_line(floor):
    call = unplaced(floor)
    assert put_off(floor, call, 4).put_off is None
    assert "put_off" not in floor.notes()
    assert put_off(floor, call, 1).put_off == floor.now


def test_who_rings_already_is_put_off_no_more(floor):
    call = floor.critical()
    floor.desk.happen(events.LegPlaced(floor.leg(SANNE).id, "CL0"))
    until = floor.leg(SANNE).rings_until
    assert put_off(floor, call, 6).put_off is None
    assert floor.leg(SANNE).rings_until == until


# A step that waits for somebody busy


def waits_for_somebody_busy(floor):
    floor.talk(floor.critical())
    second = floor.critical(STRANGER)
    assert (floor.ringing(), floor.incident(second).escalation.missed) == ([], ("sanne",))
    return second


def test_a_wait_for_somebody_busy_that_nobody_ends_is_noticed(floor):
    second = waits_for_somebody_busy(floor)
    floor.now += 45 * SECOND
    assert not is_unattended(floor.incident(second), floor.now)
    floor.now += SECOND
    assert is_unattended(floor.incident(second), floor.now)


def test_a_wait_that_is_over_means_nothing_while_somebody_else_of_the_step_rings():
    three = replace(ENGINEERS[0], phones=(SANNE, SANNES_DESK, THIRD))
    floor = Floor(engineers=(three, ENGINEERS[1]), escalation=stepping(("joris", "sanne")))
    floor.talk(floor.critical(), JORIS)
    second = floor.critical(STRANGER)
    for phone in (SANNE, SANNES_DESK):
        floor.advance(10)
        floor.drop(phone, events.Heard.BUSY)
    floor.now += 28 * SECOND
    assert floor.ringing() == [THIRD]
    assert not is_unattended(floor.incident(second), floor.now)


def test_a_wait_means_nothing_in_a_pause(floor):
    second = waits_for_somebody_busy(floor)
    floor.advance(200)
    while floor.incident(second).escalation.phase is not EscalationPhase.RESTING:
        floor.advance(5)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(second).key, "sanne"))
    floor.advance(44)
    assert not is_unattended(floor.incident(second), floor.now)


def test_whoever_is_busy_and_texts_in_a_breath_does_not_hold_up_the_next_pass_for_ever():
    floor = Floor(escalation=stepping(("joris",), seconds=30, repeat=3))
    floor.apply(escalation=stepping(("sanne",)))
    first = floor.critical()
    floor.talk(first, SANNE)
    floor.apply(escalation=stepping(("joris",), repeat=3))
    second = floor.critical(STRANGER)
    floor.pass_on(JORIS)
    assert floor.incident(second).escalation.phase is EscalationPhase.BREATH
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(second).key, "sanne"))
    floor.work()
    floor.advance(10)
    assert floor.ringing() == [JORIS]
    floor.pass_on(JORIS)
    floor.advance(45)
    hunt = floor.incident(second).escalation
    assert (hunt.pass_, floor.ringing()) == (3, [JORIS])


def test_whoever_took_it_in_a_pause_attends_to_it_when_the_pause_is_over(floor):
    call = floor.critical()
    while floor.incident(call).escalation.phase is not EscalationPhase.RESTING:
        floor.advance(5)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "sanne"))
    floor.work()
    floor.talk(call)
    floor.now += 3600 * SECOND
    assert not is_unattended(floor.incident(call), floor.now)


def test_whoever_has_pressed_the_key_acts_for_the_caller_whatever_else_is_late():
    floor = Floor()
    call = floor.critical()
    floor.take(SANNE)
    late = replace(floor.incident(call).escalation, resumes_at=floor.now - 60 * SECOND)
    assert not is_unattended(replace(floor.incident(call), escalation=late), floor.now)

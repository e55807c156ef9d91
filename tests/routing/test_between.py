"""Where two parts of the line meet: what each of them gets right alone."""

import pytest

from routing import events
from routing.call import Stage
from routing.incident import ClockState, EscalationPhase, IncidentState
from routing.message import Via
from routing.page import LegState
from routing.voice_document import Enqueue
from tests.routing.floor import JORIS, SANNE, Floor
from tests.routing.test_desk_queue import MILAN, reports, staffed
from tests.routing.test_joined_incidents import joins


def test_whoever_takes_a_call_back_that_they_handed_over_has_not_handed_it_over_again():
    floor = Floor()
    call = floor.critical()
    floor.talk(call)
    floor.left(call)
    floor.part(SANNE, bridged=True)
    floor.key(SANNE, "2")
    floor.drop(SANNE)
    floor.advance(30)
    floor.drop(JORIS, events.Heard.NO_ANSWER)
    assert floor.ringing() == [SANNE]
    floor.talk(call)
    floor.left(call)
    assert floor.call(call).stage is Stage.RETURNING


def test_whoever_hung_up_too_early_and_calls_the_line_goes_back_to_the_caller_who_stays_on():
    floor = Floor()
    call = floor.critical()
    floor.talk(call)
    floor.part(SANNE, bridged=True)
    floor.drop(SANNE)
    floor.left(call)
    asked = floor.call(call).turn
    floor.desk.happen(events.CalledIn(floor.incident(call).key, "sanne", SANNE))
    floor.work()
    floor.take(SANNE)
    floor.desk.happen(events.StayedOn(call, asked))
    assert isinstance(floor.script(call).acts[-1], Enqueue)
    assert (floor.leg(SANNE).state, floor.ringing()) == (LegState.CONNECTING, [])
    assert floor.meet(SANNE).state is LegState.TALKING
    assert floor.call(call).stage is Stage.BRIDGED


@pytest.mark.parametrize("wants_callback", [False, True])
def test_acknowledged_by_text_in_the_row_no_desk_rings_on_for_a_caller_who_has_gone(wants_callback):
    floor = staffed("joris", "milan")
    call = reports(floor, 3)
    assert floor.ringing() == [JORIS, MILAN]
    if wants_callback:
        floor.wait_key(call, "7")
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.hang_up(call)
    assert floor.ringing() == []
    assert floor.incident(call).escalation.phase is EscalationPhase.OVER


def test_a_customer_who_calls_is_not_waited_for():
    floor = Floor()
    first = floor.critical()
    floor.hang_up(first)
    floor.take(SANNE)
    floor.drop(SANNE)
    key = floor.incident(first).key
    floor.desk.happen(events.WaitsForCustomer(key, "sanne", Via.TEXT, "the log file", "memo"))
    floor.advance(600)
    assert floor.incident(first).clock.state is ClockState.PAUSED
    incident = floor.incident(joins(floor))
    assert (incident.state, incident.waiting_since) == (IncidentState.OPEN, None)
    assert incident.clock.state is ClockState.RUNNING
    assert "customer_replied" in floor.notes()

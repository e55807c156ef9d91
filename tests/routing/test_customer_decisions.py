"""A customer decides in writing: it is level 1 by now, or it is solved."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.call import Entitlement, Stage
from routing.call_service import lodge
from routing.incident import ClockState, EscalationPhase, IncidentState
from routing.message import CONTACT, Via
from tests.routing.floor import JORIS, PIETER, PIN, SANNE, Floor, stepping
from tests.routing.test_reports_by_api import KNOWN

DESK = Floor().line.escalation.steps[0]


def lodged(floor, level):
    found = lodge(floor.desk, replace(KNOWN, urgency=level)).incident
    floor.work()
    return found


def now(floor, incident):
    return floor.book.find_by_incident(incident.key).incident


def raised(floor, incident):
    floor.desk.happen(events.RaisedByCustomer(incident.key, Via.PORTAL))
    floor.work()
    return now(floor, incident)


def solved(floor, incident):
    floor.desk.happen(events.SolvedByCustomer(incident.key, Via.PORTAL))
    floor.work()
    return now(floor, incident)


def texts(floor):
    return [message.words for message in floor.book.rows.messages.values()]


def test_a_caller_who_waits_and_for_whom_nobody_may_be_rung_leaves_a_message():
    """Raised in writing while its unverified caller is in the queue, it is rung for nobody."""
    floor = Floor(desk=DESK, unverified_level_1="message")
    call = floor.dial("anonymous")
    floor.press(call, "1")
    floor.contract(call, "0")
    floor.press(call, "3")
    floor.work()
    assert floor.call(call).stage is Stage.WAITING
    incident = raised(floor, floor.incident(call))
    assert (incident.urgency, incident.escalation.phase) == (1, EscalationPhase.LATER)
    assert floor.call(call).stage is Stage.MESSAGE


@pytest.mark.parametrize("level", [2, 3, 4])
def test_a_lower_level_becomes_level_1_and_rings(level):
    floor = Floor(desk=DESK)
    incident = lodged(floor, level)
    assert floor.ringing() == []
    floor.now += dt.timedelta(minutes=30)
    after = raised(floor, incident)
    assert floor.ringing() == [SANNE]
    assert (after.number, after.urgency, after.raised_at) == (incident.number, 1, floor.now)
    assert after.clock.since == floor.now
    again = raised(floor, incident)
    assert floor.ringing() == [SANNE]
    assert again == after


def test_the_engineer_who_has_it_is_rung_first():
    floor = Floor(desk=DESK)
    incident = lodged(floor, 2)
    floor.desk.happen(events.AcknowledgedWithoutKey(incident.key, "joris", Via.CONSOLE))
    after = raised(floor, incident)
    assert floor.ringing() == [JORIS]
    assert (after.state, after.previous_engineer) == (IncidentState.OPEN, "joris")


def test_a_colleague_who_waits_at_the_telephone_is_served_as_level_1():
    floor = Floor(desk=stepping(("joris",)).steps[0])
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "2")
    floor.work()
    incident = floor.incident(call)
    assert incident.escalation.phase is EscalationPhase.ROW
    after = raised(floor, incident)
    assert floor.call(call).live
    assert after.urgency == 1
    assert SANNE in floor.ringing()
    floor.answer(SANNE)
    floor.take(SANNE)
    assert now(floor, incident).acknowledged_by == "sanne"


def test_it_rings_nobody_for_a_customer_who_is_not_entitled_where_the_file_says_so():
    floor = Floor(unverified_level_1="message", desk=DESK)
    event = replace(KNOWN, urgency=3, entitlement=Entitlement.EXPIRED)
    incident = lodge(floor.desk, event).incident
    floor.work()
    after = raised(floor, incident)
    assert floor.ringing() == []
    assert after.urgency == 1
    assert after.escalation.phase is EscalationPhase.LATER


def test_a_level_1_that_woke_nobody_rings_when_its_customer_says_so():
    floor = Floor()
    incident = lodge(floor.desk, replace(KNOWN, rings=False)).incident
    floor.work()
    assert raised(floor, incident).rings
    assert floor.ringing() == [SANNE]


def test_a_solved_incident_stops_the_phones_and_closes(floor):
    incident = lodged(floor, 1)
    assert floor.ringing() == [SANNE]
    after = solved(floor, incident)
    assert floor.ringing() == []
    assert (after.state, after.closed_by, after.closed_at) == (
        IncidentState.CLOSED,
        CONTACT,
        floor.now,
    )
    assert (after.clock.state, after.responded_at, after.premium) == (
        ClockState.STOPPED,
        None,
        False,
    )
    floor.advance(7200)
    assert floor.ringing() == []
    assert now(floor, incident).breached_at is None
    assert not any("Pieter" in reason for reason in floor.notes())


def test_the_engineer_who_has_a_solved_incident_is_told(floor):
    incident = lodged(floor, 1)
    floor.desk.happen(events.AcknowledgedWithoutKey(incident.key, "sanne", Via.CONSOLE))
    floor.work()
    after = solved(floor, incident)
    assert after.acknowledged_by == "sanne"
    assert texts(floor).count("solved_by_customer") == 1
    solved(floor, incident)
    assert texts(floor).count("solved_by_customer") == 1


def solved_readers(floor):
    written = floor.book.rows.messages.values()
    return sorted(one.reader for one in written if one.words == "solved_by_customer")


@pytest.mark.parametrize("taken", [False, True])
def test_everybody_paged_for_level_1_is_told_once_that_it_is_solved(floor, taken):
    incident = lodged(floor, 1)
    floor.advance(120)
    if taken:
        floor.desk.happen(events.AcknowledgedWithoutKey(incident.key, "joris", Via.CONSOLE))
    solved(floor, incident)
    solved(floor, incident)
    assert solved_readers(floor) == ["joris", "sanne"]


def test_whoever_was_not_paged_is_told_nothing_of_what_is_solved(floor):
    solved(floor, lodged(floor, 1))
    assert solved_readers(floor) == ["sanne"]


def test_nobody_is_woken_because_what_was_answered_is_solved(floor):
    incident = lodged(floor, 1)
    floor.advance(120)
    floor.desk.happen(events.Responded(incident.key, "sanne", Via.CONSOLE))
    solved(floor, incident)
    assert solved_readers(floor) == ["sanne"]


def test_nobody_is_cut_off_who_is_on_the_line_about_it(floor):
    call = floor.critical(PIETER)
    floor.work()
    assert solved(floor, floor.incident(call)).state is IncidentState.OPEN
    floor.answer(SANNE)
    floor.take(SANNE)
    floor.hang_up(call)
    assert solved(floor, floor.incident(call)).state is not IncidentState.CLOSED


def test_what_is_answered_or_closed_is_not_raised(floor):
    incident = lodged(floor, 2)
    floor.desk.happen(events.Responded(incident.key, "sanne", Via.CONSOLE))
    assert raised(floor, incident).urgency == 2
    assert solved(floor, incident).state is IncidentState.CLOSED
    assert raised(floor, incident).urgency == 2
